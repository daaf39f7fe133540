"""`python -m handloom`."""

from handloom.cli.main import run

if __name__ == "__main__":
    raise SystemExit(run())
