"""Training, the same for every job: train and resume, stages, trials, repeats."""
