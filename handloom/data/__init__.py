"""Where batches come from: images, text, and the loaders that turn them into batches."""
