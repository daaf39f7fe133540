"""When two texts are the same, and what in a text gives its label away."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from handloom.wording import pluralize

MARKS = re.compile(r"[.,;:!?…'\"“”„‘’‚«»‹›。、，！？：；「」『』]+")
MANY = 0.01  # share of the texts; fewer that are the same but for marks move no figure
MOST_READ = 3_000  # texts whose words are looked at
FEW = 20  # texts of a class, of which a word that all have may be chance
OWN, OTHERS = 0.95, 0.01  # shares of a class and of all others in which a telling word stands


def normalized(text: str) -> str:
    """What makes two texts the same: letter case and white space do not count."""
    return " ".join(text.casefold().split())


def without_marks(text: str) -> str:
    """The same without punctuation; a text of nothing else keeps it."""
    return " ".join(MARKS.sub(" ", text.casefold()).split()) or normalized(text)


def division_keys(texts: Sequence[str]) -> list[str]:
    """Of each text what keeps it on one side with others: `normalized`, or, where many texts differ
    from others in punctuation alone, `without_marks`."""
    exact, loose = list(map(normalized, texts)), list(map(without_marks, texts))
    return loose if len(set(exact)) - len(set(loose)) > MANY * len(texts) else exact


def same_texts(texts: Sequence[str]) -> list[int]:
    """A number for each text, the row of the first, the same for those that count as the same."""
    keys = division_keys(texts)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    return [first[key] for key in keys]


def marks_notes(splits: dict[str, Sequence[str]]) -> list[str]:
    """Sentences on texts that differ from others in punctuation alone; splits: texts of each."""
    every = [text for texts in splits.values() for text in texts]
    same = len(set(map(normalized, every))) - len(set(map(without_marks, every)))
    if same <= MANY * len(every):
        return []
    learned = {without_marks(text) for text in splits["train"]}
    exact = {normalized(text) for text in splits["train"]}
    notes = []
    for name in ("valid", "test"):
        both = sum(without_marks(text) in learned and normalized(text) not in exact
                   for text in splits.get(name, ()))  # fmt: skip
        if both:
            notes.append(
                f"{pluralize(both, 'text')} of {name}, the same as training texts but for "
                "punctuation, flatter the figure"
            )
    what = f"{pluralize(same, 'text')} the same as others but for punctuation"
    return notes or [f"{what}, kept on one side of the split"]


def telling_note(texts: Sequence[str], label: Sequence[int], classes: Sequence[str]) -> list[str]:
    """A sentence where a word stands in nearly every text of a class and in hardly any other: the
    label itself, or what only its source writes."""
    from torch import tensor

    from handloom.division.sample import sample_rows

    rows = sample_rows(len(texts), MOST_READ, tensor(label)).tolist()
    size = Counter(label[row] for row in rows)
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        for word in dict.fromkeys(without_marks(texts[row]).split()):
            held[word][label[row]] += 1
    total = sum(size.values())
    for word, count in held.items():
        number, own = count.most_common(1)[0]
        rest = total - size[number]
        others = sum(count.values()) - own
        is_own = size[number] >= FEW and own >= OWN * size[number]
        if is_own and rest >= FEW and others <= OTHERS * rest:
            return [
                f"the word '{word[:40]}' stands in {100 * own / size[number]:.0f} % of the texts "
                f"of '{classes[number]}' and in {100 * others / rest:.0f} % of the others: if it "
                "came with the label, the figure says nothing of texts without it"
            ]
    return []
