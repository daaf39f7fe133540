"""A text that is a text, whatever it looks like."""


class LiteralText(str):
    """An input to `predict` that is never taken for the name of a file, nor "-" for standard input.

    What comes from a network is of this type: a request must not read a file by naming it.
    """
