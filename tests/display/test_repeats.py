"""What is shown of repeated runs."""

from typing import Any

from handloom.display.console import Display
from handloom.display.repeats import sentence, show_repeats
from handloom.wording import percent


def summary(*values: float | None, std: float | None = 0.01, **more: Any) -> dict[str, Any]:
    rows = [
        {"run": str(number), "seed": number - 1, "status": "finished" if value else "failed"}
        | ({"split": "valid", "accuracy": value, "interval": [0.5, 0.9]} | more if value else {})
        for number, value in enumerate(values, 1)
    ]
    done = [value for value in values if value]
    entry = {"mean": sum(done) / len(done), "std": std, "n": len(done)}
    return {"runs": rows, "metrics": {"accuracy": entry}}


def test_mean_and_deviation_in_a_sentence() -> None:
    assert sentence("accuracy", summary(0.7, 0.72), percent) == (
        "accuracy: mean 71.00 %, standard deviation 1.00 % over 2 runs on valid"
    )
    assert sentence("accuracy", summary(0.7, None, 0.72, optimistic=True), percent) == (
        "accuracy: mean 71.00 %, standard deviation 1.00 % over 2 runs on valid; 1 run failed; "
        "optimistic: this split also chose the epoch"
    )


def test_one_run_has_no_deviation_and_equal_runs_say_why() -> None:
    assert sentence("accuracy", summary(0.7, None, std=None), percent) == (
        "accuracy: 70.00 % of 1 run on valid; 1 run failed"
    )
    equal = summary(0.7, 0.7, std=0.0, weights="a")
    assert "in all 2 runs on valid: the seed changes nothing" in sentence(
        "accuracy", equal, percent
    )


def test_varied_splits_are_named_so() -> None:
    varied = summary(0.6, 0.7, weights="a") | {"vary": "split"}
    console = Display(stderr=False, width=100)
    with console.capture() as capture:
        show_repeats(console, varied, {"accuracy": percent})
    assert capture.get().splitlines()[0].split()[:3] == ["run", "split", "seed"]
    equal = summary(0.6, 0.6, std=0.0, weights="a") | {"vary": "split"}
    assert "data have splits of their own" in sentence("accuracy", equal, percent)


def test_equal_figures_of_different_networks_are_chance() -> None:
    equal = summary(0.6, 0.6, std=0.0, weights="a", texts=30)
    equal["runs"][1]["weights"] = "b"
    assert sentence("accuracy", equal, percent) == (
        "accuracy: 60.00 % in all 2 runs on valid, though their networks differ: 30 texts show no "
        "difference below 3.33 %"
    )
    unknown = sentence("accuracy", summary(0.6, 0.6, std=0.0), percent)  # of an older version
    assert unknown == "accuracy: 60.00 % in all 2 runs on valid"


def test_a_line_for_every_run() -> None:
    console = Display(stderr=False, width=100)
    with console.capture() as capture:
        show_repeats(console, summary(*[0.5 + 0.01 * n for n in range(30)]), {"accuracy": percent})
    lines = [line.split() for line in capture.get().splitlines()]
    assert lines[0] == ["run", "seed", "status", "accuracy"]
    assert lines[1][:5] == ["1", "0", "finished", "50.00", "%"]
    assert len(lines) == 1 + 30 + 1
