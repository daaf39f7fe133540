"""The directory of repeated runs."""

from pathlib import Path

from handloom.runs.repeats import RepeatsDirectory


def test_places_of_runs_in_the_order_of_seeds(tmp_path: Path) -> None:
    assert not RepeatsDirectory.is_at(tmp_path)
    directory = RepeatsDirectory(tmp_path)
    directory.write_plan({"seeds": list(range(7, 18))})
    assert RepeatsDirectory.is_at(tmp_path)
    assert directory.plan() == {"seeds": list(range(7, 18))}
    assert [path.name for path in directory.runs] == [str(number) for number in range(1, 12)]
