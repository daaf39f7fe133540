"""Search: an index of images that stays true, its stores, the filter grammar, and queries."""
