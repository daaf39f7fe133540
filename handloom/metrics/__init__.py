"""What is reported about a run, beside its loss."""
