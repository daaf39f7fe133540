"""The terminal: every text goes through it, and none of it is taken for markup or control codes."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from handloom import waiting

if TYPE_CHECKING:
    from rich.live import Live


class Display(Console):
    """A rich console that shows names and texts as they are, whoever wrote them.

    Square brackets, colons around words and file names stay what they are; control characters,
    such as the escape sequences that move a cursor, are shown as \\x1b and do nothing. Lines are
    never broken except by the terminal, so that a path can be copied.

    stderr: results go to standard output, everything else to standard error. quiet: nothing.
    """

    def __init__(self, stderr: bool = True, quiet: bool = False, **options: Any) -> None:
        super().__init__(
            stderr=stderr, quiet=quiet, markup=False, highlight=False, emoji=False, **options
        )
        self._noted: set[str] = set()

    def render_str(self, text: str, **options: Any) -> Text:
        """As rich's; strings of `print` and of table cells come through here."""
        return super().render_str(printable(text), **options)

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich's, and the line of what is being done goes away before it."""
        waiting.written()
        super().print(*objects, **options)

    def set_live(self, live: "Live") -> Any:
        """As rich's: a bar or a spinner moves the cursor itself now."""
        waiting.pause()
        return super().set_live(live)

    def clear_live(self) -> None:
        """As rich's: the bar has ended."""
        super().clear_live()
        waiting.go_on()

    def message(self, text: str, style: str | None = None) -> None:
        """Lines, however long."""
        self.print(text, style=style, soft_wrap=True)

    def note(self, text: str) -> None:
        """A sentence a person should know, in yellow and one line; the same is shown only once."""
        if self.is_first(text):
            self.message(one_line(text), "yellow")

    def is_first(self, shown: object) -> bool:
        """Whether this is asked for the first time of what is about to be shown: repeated runs
        have most of it in common."""
        key = repr(shown)
        is_first = key not in self._noted
        self._noted.add(key)
        return is_first


def one_line(text: str) -> str:
    """`text` with its line breaks as backslash escapes: a file's name may hold some."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


def printable(text: str) -> str:
    """`text` with control characters, other than line breaks and tabs, as backslash escapes.

    Half a character, from an odd file name, becomes an escape too.
    """
    if text.isprintable():
        return text
    return "".join(c if _is_harmless(c) else _escaped(c) for c in text)


def _is_harmless(character: str) -> bool:
    """Printable, a line break, a tab, or what `isprintable` refuses though texts need it: spaces
    such as no-break, and the joiners of emoji and of Persian and Indic words."""
    is_wide_space = character.isspace() and character > "\x9f" and character not in "\u2028\u2029"
    return character.isprintable() or character in "\n\t\u200c\u200d" or is_wide_space


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
