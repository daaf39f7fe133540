"""Networks and what they are made of: sizes in, tensors out, and no import but torch."""
