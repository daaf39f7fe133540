"""Ctrl-C ends a command, even where a library has lost it."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from handloom.cli.interrupts import noticed
from handloom.cli.main import main


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """Ctrl-C interrupts, also where whoever started the tests ignores it, as nohup does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_error_after_ctrl_c_is_the_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of NumPy, which is half imported when a library swallows Ctrl-C."""

    def half_imported(*_: object) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise AttributeError("module 'numpy' has no attribute 'matrix'")

    monkeypatch.setattr("handloom.runs.overview.overview", half_imported)
    assert main(["runs"]) == 130
    assert capsys.readouterr().err == "handloom: interrupted\n"


def test_an_error_without_ctrl_c_stays_one() -> None:
    with pytest.raises(AttributeError, match="of our own"), noticed():
        raise AttributeError("of our own")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_that_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with noticed():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
