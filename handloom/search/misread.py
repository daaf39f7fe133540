"""What to write in place of a condition that is not in the grammar of `--where`."""

import re

from handloom.errors import UserError

EXAMPLE = "label = 'shoes' and size > 100000"
OPERATOR = re.compile(r"[=<>]\s*$")
JOINED = re.compile(r"\b(?:and|or|not)\b(?=.)|\(")
BEGINNING = re.compile(r"\W*\w*(?:\.\w+)?")
WORD = re.compile(r"[^\s(),']+")
INSTEAD = (
    (r"(not\s+)?between\b", "{column} between 1 and 2 is {column} >= 1 and {column} <= 2 here"),
    (r",\d", "write a number with a point, as in 19.90"),
)


def refusal(text: str, place: int) -> UserError:
    """A condition that is not understood from a place in its text on."""
    if text.count("'") % 2 or text.count('"') % 2:
        return UserError(
            "--where: a quote is not closed; a quote inside a text is written twice, as in "
            "label = 'men''s shoes'"
        )
    before, rest = text[:place].rstrip(), text[place:].strip()
    # The last comparison alone: a page puts what is typed into a larger condition.
    comparison = JOINED.split(before)[-1].strip() or before
    where = f"from '{BEGINNING.findall(rest)[0]}' on" if rest else "at its end"
    after = f" after '{comparison[-40:]}'" if comparison else ""
    return UserError(f"--where: not understood {where}{after}; {_instead(before, rest)}")


def _instead(before: str, rest: str) -> str:
    column = _last_name(before)
    for pattern, remedy in INSTEAD:
        if re.match(pattern, rest, re.IGNORECASE):
            return remedy.format(column=column)
    word = WORD.match(rest)
    if word and OPERATOR.search(before):
        return f"write a text in single quotes, as in {before.split()[-1]} '{word[0]}'"
    return (
        f'write conditions as in "{EXAMPLE}", with =, !=, <, <=, >, >=, in (...), like, and, or, '
        "not, and texts in single quotes"
    )


def _last_name(text: str) -> str:
    """The name of a column that a text ends with, in its quotes where it has some."""
    match = re.search(r'("[^"]*"|\w+)$', text)
    return match[0] if match else "column"
