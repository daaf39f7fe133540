"""Words put together: numbers with nouns, nouns with articles, lists, and what was meant."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ALIKE = 0.66  # 2 M / T of difflib: one letter of three, or two neighbours that are exchanged


def pluralize(number: int, noun: str) -> str:
    """A number with its noun: 1 image, 2,000 images, 3 classes."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def are(number: int) -> str:
    """The verb for so many: 1 image is, 2 images are."""
    return "is" if number == 1 else "are"


def with_article(noun: str) -> str:
    """A noun with its article: a vae, an autoencoder."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def join_and(words: Sequence[str]) -> str:
    """Words with commas and an 'and': sample, encode and report; nothing for no words."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def not_used(options: Mapping[str, Any], names: Sequence[str], why: str) -> list[str]:
    """A sentence on those of the options that were given and mean nothing here; none without any.

    options: values by name, false where they were not given.
    """
    given = [f"--{name.replace('_', '-')}" for name in names if options[name]]
    return [f"{join_and(given)} {are(len(given))} not used: {why}"] if given else []


def join_or(words: Sequence[str]) -> str:
    """Words with commas and an 'or': .png, .jpg or .webp; nothing for no words."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def first_and_more(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are: a.txt and 2 more."""
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"


def reason(error: BaseException, most: int = 120) -> str:
    """What an error of another library says, on one line of at most `most` characters; where it
    says nothing, as a failed assertion does, its kind and where it was raised."""
    text = " ".join(str(error).split())[:most].rstrip(".")
    return text or f"{type(error).__name__}{_place(error)}"


def kind_and_reason(error: BaseException, most: int = 300) -> str:
    """The same after its kind, for what nobody foresaw: KeyError: 'size'."""
    text, kind = reason(error, most), type(error).__name__
    return text if text.startswith(kind) else f"{kind}: {text}"


def _place(error: BaseException) -> str:
    """Of the frame that raised an error: the end of its path, and the line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    path = trace.tb_frame.f_code.co_filename.replace("\\", "/")
    return f" in {'/'.join(path.split('/')[-2:])}, line {trace.tb_lineno}"


def nearest(typed: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant: spelled alike, or the beginning of what was typed."""
    known, wanted = list(names), _folded(typed)
    begun = (name for name in known if wanted.startswith(f"{_folded(name)}-"))
    return spelled_alike(typed, known) or next(begun, None)


def spelled_alike(typed: str, names: Iterable[str]) -> str | None:
    """The name that differs in few of its letters; of a number none, since each means something."""
    if not any(map(str.isalpha, typed)):
        return None
    known = {_folded(name): name for name in names}
    close = difflib.get_close_matches(_folded(typed), known, 1, ALIKE)
    return known[close[0]] if close else None


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def suggestion(typed: str, names: Sequence[str]) -> str:
    """The end of an error about an unknown name: the nearest, or all there are."""
    near = nearest(typed, names)
    return f"choose one of {', '.join(names)}" if near is None else f"did you mean '{near}'?"


def percent(share: float) -> str:
    """A share of 1 as a percentage: 0.9312 is 93.12 %."""
    return f"{100 * share:.2f} %"


def interval(low: float, high: float) -> str:
    """A 95 % interval of a share of 1, from end to end: 95 % interval 92.6 to 97.0 %."""
    return f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"
