"""The parser of a script's arguments, whose help is the script's docstring as it stands."""

import argparse
import os
import sys
from pathlib import Path


def parser_of(text: str | None) -> argparse.ArgumentParser:
    """text: the docstring. The name in the usage line is what one types."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{Path(sys.argv[0]).stem}",
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def data_folder() -> Path:
    """$HANDLOOM_DATA; ends with a sentence where it is not set."""
    if not os.environ.get("HANDLOOM_DATA"):
        sys.exit("HANDLOOM_DATA is not set: name the folder of data, as in HANDLOOM_DATA=~/data")
    return Path(os.environ["HANDLOOM_DATA"]).expanduser()
