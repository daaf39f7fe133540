"""Python's own documentation, which ships inside Python: text to learn from without a download."""

from collections.abc import Iterator

PARTS = {
    "expressions": """atom-identifiers atom-literals attribute-references await binary bitwise
        booleans calls comparisons conversions exprlists in lambda operator-summary power shifting
        slicings subscriptions unary""",
    "simple statements": """assert assignment augassign break continue del global import nonlocal
        pass raise return yield""",
    "compound statements": "compound async class else for function if try while with",
    "data model": """specialnames types objects attribute-access callable-types context-managers
        customization numeric-types sequence-types""",
    "built-in types": """typesseq typesseq-mutable typesmapping dict string-methods typesfunctions
        typesmethods typesmodules bltin-code-objects bltin-ellipsis-object bltin-null-object
        bltin-type-objects specialattrs truth lists""",
    "lexical analysis": "strings identifiers id-classes integers floating imaginary numbers",
    "execution model": "execmodel naming dynamic-features exceptions",
    "string formatting": "formatstrings",
    "debugger": "debugger",
}
PASSAGE = 200  # characters; shorter paragraphs are joined with the next one


def pydoc_text() -> str:
    """All topics, every paragraph once: the topics repeat a fifth of each other, and a repeated
    paragraph in the held-out part would be recited, not predicted."""
    return "\n\n".join(p for _, p in _paragraphs()) + "\n"


def pydoc_passages() -> tuple[list[str], list[str]]:
    """Passages of 200 characters and more, and which part of Python each documents."""
    part_of = {topic: part for part, topics in PARTS.items() for topic in topics.split()}
    texts, targets, held, of = [], [], "", None
    for topic, paragraph in [*_paragraphs(), (None, "")]:
        if topic != of:
            held, of = "", topic
        held = f"{held}\n\n{paragraph}" if held else paragraph
        if len(held) >= PASSAGE and topic in part_of:
            texts.append(held)
            targets.append(part_of[topic])
            held = ""
    return texts, targets


def _paragraphs() -> Iterator[tuple[str | None, str]]:
    """Topic and paragraph, in order, without repetitions; long collections come first, so that
    what they share with a shorter topic is read where it stands in the manual."""
    from pydoc_data.topics import topics

    seen = set()
    for topic in sorted(topics, key=lambda name: (-len(topics[name]), name)):
        for paragraph in topics[topic].split("\n\n"):
            key = " ".join(paragraph.split())
            if key and key not in seen:
                seen.add(key)
                yield topic, paragraph.strip("\n")
