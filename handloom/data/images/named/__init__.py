"""Sets that have a name: where they lie, how each of their formats is read."""
