"""What watches a run: each file one thing; none of them changes the training's numbers."""
