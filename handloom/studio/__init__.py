"""The studio: a local page over the runs and indexes of a folder, and the server of one run.

It stands on `api.py` and the run directory, and trains by starting the command line. No module of
it imports torch: networks run in worker processes.
"""
