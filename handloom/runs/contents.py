"""What stands in the files of a run: tensors as safetensors, everything else as JSON."""

import codecs
import csv
import hashlib
import io
import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.wording import reason

if TYPE_CHECKING:
    from torch import Tensor


DECODER = json.JSONDecoder()
MEMBER = re.compile(r'\s*[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*')
"""The name of a member of a JSON object, with what stands around it."""


def tensor_bytes(tensors: dict[str, "Tensor"]) -> bytes:
    """Tensors as the bytes of a safetensors file."""
    from safetensors.torch import save

    # Row-major, on the host, and no two names in one memory: what the format asks for.
    return save({name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()})


def read_tensors(path: Path) -> dict[str, "Tensor"]:
    """Tensors of a safetensors file; UserError where it is damaged."""
    from safetensors.torch import load

    try:
        return load(path.read_bytes())
    except Exception as error:  # whatever a damaged file makes the reader raise
        raise UserError(f"{path} is damaged ({reason(error)}): train again or restore it") from None


def digest_of(blob: bytes, numbers: dict[str, Any]) -> str:
    """Digest of a checkpoint: of its tensors' bytes and its JSON numbers."""
    digest = hashlib.blake2b(blob, digest_size=16)
    digest.update(json.dumps(numbers, sort_keys=True).encode())
    return digest.hexdigest()


def json_bytes(content: Mapping[str, object]) -> bytes:
    """JSON as people read it; half a character, from an odd file name, is escaped as JSON does."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def read_json(path: Path, until: Collection[str] = ()) -> dict[str, Any]:
    """The object in a JSON file; UserError where it is damaged.

    until: names of members after which the others are left out, where they come later: a vocabulary
    of 17,000 words takes 80 times as long to decode as the options before it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = _head(text, until) or json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"{path} cannot be read ({reason(error)}): restore it from a copy"
        ) from None
    if not isinstance(content, dict):
        raise UserError(f"{path} is damaged: it holds no object; restore it from a copy")
    return content


def _head(text: str, names: Collection[str]) -> dict[str, object]:
    """The members of an object up to the last of `names`; none where they are not all there, or the
    text ends before the object does."""
    members, end = dict[str, object](), 0
    if not names or not text.rstrip().endswith("}"):
        return {}
    while not members.keys() >= set(names):
        member = MEMBER.match(text, end)
        if member is None:
            return {}
        members[json.loads(member[1])], end = DECODER.raw_decode(text, member.end())
    return members


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, half-written lines left out; none without a file."""
    records = []
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return [record for record in records if isinstance(record, dict)]


def has_corrections(path: Path) -> bool:
    """Whether a table is there and has something in its column `correction`.

    Also of one that a spreadsheet saved: as UTF-16, or with semicolons or tabs.
    """
    raw = path.read_bytes() if path.is_file() else b""
    is_utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return any(line.get("correction") for line in lines)
