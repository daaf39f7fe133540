"""Predictions of examples that belong together."""

from typing import Any

from handloom.display.tables import summary
from handloom.jobs.classification.together import groups_of_images, groups_of_texts
from handloom.jobs.results import shares_right
from handloom.metrics.interval import wilson


def predicted(names: list[str], **more: list[str]) -> list[Any]:
    """Predictions that are right but for the first."""
    return [
        {"input": name, "label": "a", "actual": "a" if row else "b", "probability": 0.9}
        | {key: cells[row] for key, cells in more.items()}
        for row, name in enumerate(names)
    ]


def test_an_interval_counts_patients_and_not_images() -> None:
    names = [f"x/{row}.png" for row in range(32)]
    records = predicted(names, patient=[f"p{row // 8}" for row in range(32)])
    (share,) = shares_right(records, groups_of_images(records, "patient"))
    assert (share.right, share.known, share.groups) == (31, 32, 4)
    assert share.interval == wilson(4 * 31 / 32, 4)
    (line,) = summary(records, groups_of_images(records, "patient"))
    assert line.startswith("31 of 32 right (96.88 %, 95 % interval ")
    assert line.endswith(" %, of 4 groups)")
    for rule in (None, "doctor"):  # a column that is not there
        (share,) = shares_right(records, groups_of_images(records, rule))
        assert (share.interval, share.groups) == (wilson(31, 32), 32)


def test_files_belong_together_by_their_folder_or_their_name() -> None:
    records = predicted(["d/a/p1/1.png", "d/a/p1/2.png", "d/a/p2/1.png", "d/a/3.png", "d/a/4.png"])
    assert len(set(groups_of_images(records, "folder"))) == 4  # in that of the class: alone
    records = predicted(["a/p7_01.png", "a/p7_02.png", "a/p8_01.png"])
    assert len(set(groups_of_images(records, "prefix"))) == 2


def test_a_text_that_is_asked_twice_counts_once() -> None:
    records = predicted(["Fine film", "fine  film", "dull"])
    assert len(set(groups_of_texts(records))) == 2
