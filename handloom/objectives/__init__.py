"""What is minimised: each file one objective, over networks that come in as arguments."""
