"""A file of text as a string: its encoding, its byte order mark, its compression."""

import codecs
import gzip
import zlib
from pathlib import Path

from handloom.errors import UserError
from handloom.wording import reason

MARKS = (  # the longest first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHERS = (  # what begins with these bytes is no text
    (
        b"PK\x03\x04",
        "an Excel or Word file, or a ZIP archive: save it as text, such as CSV in UTF-8",
    ),
    (b"\xd0\xcf\x11\xe0", "an Excel or Word file: save it as text, such as CSV in UTF-8"),
    (b"\x1f\x8b", "compressed: give it a name that ends in .gz"),
    (b"PAR1", "Parquet: give it a name that ends in .parquet"),
    (b"SQLite format 3", "a database: export its table as CSV"),
    (b"%PDF", "a PDF: save its text in a file"),
    (b"\x89PNG", "an image: give a text"),
    (b"\xff\xd8\xff", "an image: give a text"),
)
MOST_ZEROS = 0.2  # share of the characters
UNNAMED = ""  # the encoding where there is no flag to name it with
SAVE_IT = "save it as UTF-8, in Excel as 'CSV UTF-8'"
EXAMPLES = "cp1252, gb18030, shift-jis or utf-16"


def read_text(path: Path, encoding: str | None = UNNAMED) -> str:
    """The whole text, line ends unified; a `.gz` is unpacked.

    encoding: None and UNNAMED read a byte order mark, and UTF-8 where there is none; with None, the
    user may name one by --encoding, which errors then say. Raises UserError, one
    sentence, for what cannot be read, an encoding that does not exist, or another one.
    """
    raw = _bytes(path)
    refuse_other(path, raw)
    chosen = check_encoding(encoding) if encoding else marked(raw) or "utf-8"
    if chosen.lower().replace("_", "-") in ("utf-8", "utf8"):
        chosen = "utf-8-sig"
    try:
        text = raw.decode(chosen)
    except UnicodeDecodeError as error:
        raise _undecodable(path, encoding, raw, error) from None
    if text.count("\0") > MOST_ZEROS * len(text):
        raise full_of_zeros(path, encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_other(path: Path, start: bytes) -> None:
    """Raises UserError for a file whose first bytes say that it is no text."""
    for mark, what in OTHERS:
        if start.startswith(mark):
            raise UserError(f"'{path}' is {what}")


def full_of_zeros(path: Path, encoding: str | None = None) -> UserError:
    """The error for a text of which every other byte is zero, or nearly."""
    remedy = SAVE_IT if encoding == UNNAMED else "give --encoding utf-16-le (or utf-16-be)"
    return UserError(
        f"'{path}' is full of zero bytes: it is UTF-16 without a mark, or no text; for the first "
        f"{remedy}"
    )


def marked(start: bytes) -> str | None:
    """The encoding that a byte order mark at the start of a file names, or None."""
    return next((name for mark, name in MARKS if start.startswith(mark)), None)


def check_encoding(encoding: str) -> str:
    """The name itself, where Python knows a text encoding of that name."""
    try:
        "a".encode(encoding)
    except (LookupError, ValueError, TypeError):
        raise UserError(
            f"there is no encoding '{encoding}': common ones are utf-8, {EXAMPLES}"
        ) from None
    return encoding


def bare_suffix(path: Path) -> str:
    """The suffix in small letters, without `.gz`: .csv of reviews.csv.gz."""
    whole = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return whole.suffix.lower()


def _bytes(path: Path) -> bytes:
    try:
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        with gzip.open(path) as file:
            return bytes(file.read())
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(
            f"'{path}' cannot be read as a table ({reason(error)}): copy it again"
        ) from None


def _undecodable(
    path: Path, encoding: str | None, raw: bytes, error: UnicodeDecodeError
) -> UserError:
    line = raw.count(b"\n", 0, error.start) + 1
    byte = (
        f"byte 0x{raw[error.start]:02x} in line {line:,}" if error.start < len(raw) else "its end"
    )
    named = f"name its encoding with --encoding, such as {EXAMPLES}"
    remedy = SAVE_IT if encoding == UNNAMED else named
    return UserError(
        f"'{path}' is not {encoding or 'UTF-8'} ({byte} has no meaning in it): {remedy}"
    )
