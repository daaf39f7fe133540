"""The run directory: its files, locks and the overview of many."""
