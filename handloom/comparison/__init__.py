"""Encoders compared on a user's own images: how good neighbours are, and what they cost."""
