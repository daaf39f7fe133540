"""Callbacks: each file does one thing, and none changes the training's numbers."""
