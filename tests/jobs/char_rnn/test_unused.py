"""What a character network does not use is declared."""

from handloom.jobs.char_rnn import JOB
from handloom.jobs.char_rnn.unused import unused


def test_by_the_cell() -> None:
    assert JOB.unused is unused
    assert set(unused({"cell": "lstm"})) == {"grad_accum_steps", "nonlinearity"}
    assert set(unused({"cell": "rnn"})) == {"grad_accum_steps"}
    assert set(unused({"cell": "scratch"})) == {"grad_accum_steps", "embedding", "tied"}
