"""The training engine: objectives are made of phases, and one loop runs every job.

Reading order: `objective` (the contract), `step` (one update), `loop` (fit), then the rest.
"""
