"""Words put together: numbers with nouns, nouns with articles, lists."""

from collections.abc import Sequence


def pluralize(number: int, noun: str) -> str:
    """A number with its noun: 1 image, 2,000 images, 3 classes."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def with_article(noun: str) -> str:
    """A noun with its article: a vae, an autoencoder."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def join_and(words: Sequence[str]) -> str:
    """Words with commas and an 'and': sample, encode and report."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def percent(share: float) -> str:
    """A share of 1 as a percentage: 0.9312 is 93.12 %."""
    return f"{100 * share:.2f} %"
