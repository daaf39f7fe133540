"""Where batches come from: named sets, class folders, tables and IDX files become images.

Nothing is imported here: to list files, or to decode one, needs no torch. Begin with `load`.
"""
