"""How long a command says nothing: the longest silences of its output on a terminal.

    python -m benchmarks.silences "train classifier digits --network mlp" ["evaluate RUN" ...]

Every command runs in a terminal of 100 columns of its own (Unix). For each it prints the seconds it
took and its longest silences: how long, and the last line before each. A spinner that turns is not
taken for speech: only characters that differ from those shown before count, so a line that stays
the same is a silence too. --least: shortest that is shown. Seconds are those of the machine as it
is; on a busy one compare shares.
"""

import codecs
import errno
import os
import pty
import re
import shlex
import sys
import time
from typing import NamedTuple

from benchmarks.arguments import parser_of

CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|\x1b.?$")
COLUMNS = "100"


class Silence(NamedTuple):
    """seconds without a new word, after `line`."""

    seconds: float
    line: str


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("command", nargs="+", help="as one types it after 'handloom', in quotes")
    parser.add_argument("--least", type=float, default=1.0, help="seconds")
    parser.add_argument("--most", type=int, default=5, help="silences that are shown")
    given = parser.parse_args()
    for command in given.command:
        seconds, status, silences = listen(shlex.split(command))
        print(f"handloom {command}: {seconds:.1f} s, status {status}")
        longest = sorted(silences, reverse=True)[: given.most]
        for silence in longest:
            if silence.seconds >= given.least:
                print(f"  {silence.seconds:5.1f} s after: {silence.line or '(the start)'}")


def listen(words: list[str]) -> tuple[float, int, list[Silence]]:
    """Run a command: its seconds, its status and all of its silences."""
    began = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.environ["COLUMNS"] = COLUMNS
        os.execv(sys.executable, [sys.executable, "-m", "handloom", *words])
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    silences, last, line = list[Silence](), began, ""
    while chunk := _read(terminal):
        lines = CODES.sub("", decoder.decode(chunk)).replace("\r", "\n").split("\n")
        new = next((text.strip() for text in reversed(lines) if text.strip()), line)
        if new != line:
            now = time.monotonic()
            silences.append(Silence(now - last, line))
            last, line = now, new
    ended = time.monotonic()
    silences.append(Silence(ended - last, line))
    return ended - began, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), silences


def _read(terminal: int) -> bytes:
    """What was written since; nothing where the command has ended."""
    try:
        return os.read(terminal, 65536)
    except OSError as error:
        if error.errno == errno.EIO:  # Linux's way to say so
            return b""
        raise


if __name__ == "__main__":
    main()
