"""Numbers of a page may differ from a run's by so much and no more."""

import pytest

from tests.shown import differences, differences_of_form


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 98.33 %, loss 0.0612", True),
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 97.50 %, loss 0.0112", False),
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 99.72 %, loss 0.2", False),
        ("error 0.6 % (11.1 % before temperature)", "error 0.9 % (9.4 % before temperature)", True),
        (
            "error 0.6 % (11.1 % before temperature)",
            "error 2.4 % (9.4 % before temperature)",
            False,
        ),
        ("358 of 359 right (99.72 %)", "355 of 359 right (98.89 %)", True),
        ("358 of 359 right (99.72 %)", "358 of 360 right (99.72 %)", False),
        ("mlp digits finished 40/40 98.61 % 0.01", "mlp digits finished 40/40 98.1 % 7.5", True),
        ("mlp digits finished 40/40 98.61 % 0.01", "mlp digits finished 39/40 98.61 % 0.01", False),
        ("test: -15.18 nats an image (kl 6.05)", "test: -14.5 nats an image (kl 6.6)", True),
        ("test: -15.18 nats an image (kl 6.05)", "test: -12.9 nats an image (kl 6.05)", False),
        ("network 70,426", "network 70,427", False),
        ("linear: accuracy 70.94 % (9 s)", "linear: accuracy 70.94 % (2 s)", True),
        ("trial 1 of 4: +4.7 ± 0.8 points", "trial 1 of 4: +4.1 ± 0.9 points", True),
        ("trial 1 of 4: +4.7 ± 0.8 points", "trial 2 of 4: +4.7 ± 0.8 points", False),
        ("3.567 bits a character, perplexity 11.85", "3.6 bits a character, perplexity 12", True),
        ("3.567 bits a character, perplexity 11.85", "3.7 bits a character, perplexity 12", False),
        ("on training text 3.437 and 10.83; xz 1.92", "on training text 3.4 and 10; xz 1.92", True),
        ("hardly generated: '0', '1'", "hardly generated: '2', '3'", True),
        ("9 36 97.2 % 100.0 % 98.6 %", "9 36 91.7 % 97.2 % 94.4 %", True),
        ("on cpu in bfloat16, into runs/x", "on cpu in float32, into runs/x", True),
    ],
)
def test_numbers_are_compared_within_their_tolerance(old: str, new: str, close: bool) -> None:
    assert (differences(old, new) == []) is close


TRIALS = """$ handloom train text-classifier pydoc
956 texts; 2 classes: 'built-in types' 183, 'debugger' 62
trial 1 of 2: linear: accuracy 70.94 % in cross-validation, +4.7 ± 0.8 points (9 s)
chosen after 2 trials: linear (C 16), 75.65 % in cross-validation, +4.7 ± 0.8 points
classes are unequal: 'data model' has 214 training texts, 'debugger' has 20; --class-weights
"""


def test_another_documentation_is_compared_in_its_form() -> None:
    """Another version's text has other numbers, and the same words."""
    other = TRIALS.replace("183", "90").replace("+4.7", "-2.2").replace("linear (C 16)", "linear")
    other = other.replace("'debugger' has 20", "'data model' has 7").replace("70.94", "50")
    assert differences(TRIALS, other)
    assert differences_of_form(TRIALS, other) == []
    for was, now in (("'debugger' 62", "'tracer' 62"), ("accuracy", "loss"), ("texts;", "lines;")):
        assert differences_of_form(TRIALS, other.replace(was, now)), now
    assert differences_of_form(TRIALS, other + "one line more\n")
