"""Texts inside a page, whose words are shaded by what they say for an answer."""

from collections.abc import Sequence

from markupsafe import Markup

MOST_WORDS = 400  # of a text that is shown whole
LEAST = 0.15  # of the strongest word, below which a word is not shaded
GAP = Markup("…")


def marked(words: Sequence[tuple[str, float, bool]]) -> Markup:
    """Words with their weights, positive for and negative against, and whether the network knows
    them: green and red by strength, unknown ones grey; of a long text the strong ones alone."""
    strongest = max((abs(weight) for _, weight, _ in words), default=0.0) or 1e-6
    spans: list[Markup] = []
    for text, weight, is_known in words:
        strength = abs(weight) / max(strongest, 1e-6)
        if strength >= LEAST:
            spans.append(_shaded(text, weight, strength))
        elif len(words) <= MOST_WORDS:
            plain = "{}" if is_known else '<span class="quiet">{}</span>'
            spans.append(Markup(plain).format(text))
        elif spans[-1:] != [GAP]:
            spans.append(GAP)
    return Markup(" ").join(spans)


def _shaded(text: str, weight: float, strength: float) -> Markup:
    colour = "60,160,60" if weight > 0 else "210,60,60"
    return Markup('<mark style="background:rgba({},{:.2f})" title="{:+.2f}">{}</mark>').format(
        colour, 0.6 * strength, weight, text
    )
