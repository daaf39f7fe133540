"""The verbs of the command line: each takes its words, prints, and returns an exit status."""
