"""What classifiers of images and of texts share: evaluation, answers, corrections, pages."""
