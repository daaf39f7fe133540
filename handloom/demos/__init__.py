"""The parts of `handloom demo`: each trains something small and shows it."""
