"""Words that follow a number."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 picture, 2,000 pictures, 3 classes."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
