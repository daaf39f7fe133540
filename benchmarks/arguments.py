"""The parser of a script's arguments, whose help is the script's docstring as it stands."""

import argparse
import sys
from pathlib import Path


def parser_of(text: str | None) -> argparse.ArgumentParser:
    """text: the docstring. The name in the usage line is what one types."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{Path(sys.argv[0]).stem}",
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
