"""What is printed: numbers a person can read, and nothing that is cut."""

from pathlib import Path
from typing import Any

import pytest
import torch

from handloom.data.images.load import load
from handloom.data.show import describe
from handloom.display.console import Display
from handloom.display.data import show_data, show_texts
from handloom.display.lines import show_lines
from handloom.display.runs import _value_of, show_runs
from handloom.display.tables import shared_folder, show_classes, show_predictions
from handloom.display.training import layers
from handloom.jobs.classification.evaluation import measured
from handloom.models.image.mlp import MLP
from handloom.models.summary import layer_table
from handloom.wording import percent

COLUMNS = {
    "classifier": {"accuracy": percent, "loss": lambda value: f"{value:.4g}"},
    "char-rnn": {"perplexity": lambda value: f"{value:.4g}"},
}


def run(name: str, **more: Any) -> dict[str, Any]:
    return {
        "run": f"runs/{name}", "job": "classifier", "data": "digits", "status": "finished",
        "epochs": 3, "planned": 10, "minutes": 0.5, "metrics": {"accuracy": 0.95}, "differs": {},
    } | more  # fmt: skip


def printed(found: list[dict[str, Any]], width: int, is_terminal: bool) -> list[str]:
    console = Display(stderr=False, width=width, force_terminal=is_terminal, color_system=None)
    with console.capture() as capture:
        show_runs(console, found, Path("runs"), COLUMNS)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_small_costs_are_counted_in_full() -> None:
    network = MLP((8, 8, 1), 10, mean=[0.5], std=[0.5])
    table = layers("network", layer_table(network, torch.zeros(1, 1, 8, 8)))
    cost = sum(layer.multiply_adds for layer in layer_table(network, torch.zeros(1, 1, 8, 8)))
    assert 1000 < cost < 1e6
    assert table.caption == f"{cost:,} multiply-adds an image"


def test_sides_that_are_all_the_same_are_one_number() -> None:
    console = Display(stderr=False, width=80)
    with console.capture() as capture:
        sheet = Path("a-folder-with-a-long-name" * 4) / "sheet.png"
        show_data(console, describe(load("digits", validation=0)), sheet)
    assert "stored: 8 x 8 pixels; 1,797 array, 1,797 L" in capture.get()
    assert f"contact sheet: {sheet}\n" in capture.get()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_runs_in_eighty_columns(is_terminal: bool) -> None:
    differs = {"network": "mlp", "lr": 0.0123456, "momentum": 0.9, "schedule": "one-cycle"}
    differs |= {"weight_decay": 1e-4, "shift": 2, "rotate": 12.5, "cutout": 4, "seed": 123456}
    lines = printed([run("a", differs=differs), run("b-日本", status="killed")], 80, is_terminal)
    assert lines[0].split() == ["run", "data", "status", "epochs", "accuracy", "minutes"]
    assert lines[1].split() == ["a", "digits", "finished", "3/10", "95.00", "%", "0.50"]
    assert lines[1].index("digits") == lines[0].index("data")
    assert lines[-1].split()[:3] == ["b-日本", "digits", "killed"]
    says = " ".join(line.strip() for line in lines[2:-1])
    assert says == (
        "network mlp, lr 0.01235, momentum 0.9, schedule one-cycle, weight_decay 0.0001, shift 2, "
        "rotate 12.5, cutout 4, seed 123456"
    )
    assert len(lines) == (5 if is_terminal else 4)
    assert not is_terminal or max(map(len, lines)) <= 80


def test_what_is_solved_without_epochs_has_none() -> None:
    """0 would read as if nothing had been learned."""
    lines = printed([run("a", epochs=0, planned=None), run("b")], 80, False)
    assert lines[1].split() == ["a", "digits", "finished", "95.00", "%", "0.50"]


def test_repeated_runs_that_came_to_the_same_have_no_deviation() -> None:
    repeated = _value_of("accuracy", {"accuracy": 0.5, "accuracy_std": 0.01}, percent)
    equal = _value_of("accuracy", {"accuracy": 0.5, "accuracy_std": 0.0}, percent)
    assert (repeated, equal) == ("50.00 % ± 1.00 %", "50.00 % in all")


def test_few_examples_have_their_interval_in_the_list() -> None:
    few = {"accuracy": 0.75, "accuracy_low": 0.3, "accuracy_high": 0.954}
    lines = printed([run("a", metrics=few), run("b")], 100, True)
    assert "75.00 % (30.00 % to 95.40 %)" in lines[1]
    assert "95.00 %  " in lines[2]


def test_runs_of_several_jobs_have_one_figure_each() -> None:
    """A column for each metric of each job is wider than any terminal."""
    text = {"perplexity": 11.849, "bits_per_character": 3.567}
    lines = printed(
        [run("a", metrics={"accuracy": 0.95, "loss": 0.2}),
         run("b", job="char-rnn", data="pydoc", metrics=text, optimistic=["chosen"])], 100, True
    )  # fmt: skip
    assert lines[0].split() == ["run", "job", "data", "status", "epochs", "result", "minutes"]
    assert "3/10  accuracy 95.00 %  " in lines[1]
    assert "3/10  perplexity 11.85 *  " in lines[2]


def test_classes_have_precision_recall_and_f1_and_their_means() -> None:
    logits, label = torch.eye(3)[torch.tensor([0, 0, 1, 1])], torch.tensor([0, 0, 0, 1])
    console = Display(stderr=False, width=80)
    with console.capture() as capture:
        show_classes(console, measured(logits, label, ["cat", "dog", "owl"], "images"))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert lines[0] == "class images precision recall F1"
    assert lines[1] == "dog 1 50.0 % 100.0 % 66.7 %"
    assert lines[2] == "cat 3 100.0 % 66.7 % 80.0 %"
    assert lines[3] == "mean 4 75.0 % 83.3 % 73.3 %"
    assert len(lines) == 4  # a class that neither occurs nor is named has no row


def test_of_many_classes_the_worst_are_shown() -> None:
    label = torch.arange(120)
    predicted = label.clone()
    predicted[7] = 8
    names = [f"class {number}" for number in range(120)]
    console = Display(stderr=False, width=80)
    with console.capture() as capture:
        show_classes(console, measured(torch.eye(120)[predicted], label, names, "images"))
    lines = capture.get().splitlines()
    assert len(lines) == 1 + 20 + 1 + 1
    assert lines[1].startswith("class 7 ")
    assert "... and 100 more: --json has them all" in lines[-2]


def test_long_names_are_whole(tmp_path: Path) -> None:
    name = "sweep/" + "classifier-" * 6
    lines = printed([run(name), run("b", job="", status="damaged", reason="[x] is bad")], 80, True)
    assert lines[2] == name
    assert lines[3].split() == ["digits", "finished", "3/10", "95.00", "%", "0.50"]
    assert lines[-1] == "    [x] is bad"
    assert printed([run(name)], 80, False)[1].startswith(f"{name}  digits")


NAMES = ("a-name-of-60-characters-" * 3)[:60], ("a-name-of-120-characters-" * 5)[:120], "照片" * 40


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_and_classes_stay_on_their_lines(name: str, is_terminal: bool) -> None:
    console = Display(stderr=False, width=80, force_terminal=is_terminal, color_system=None)
    top = [{"label": label, "probability": 0.5} for label in ("cat", name)]
    record = {"input": f"{name}.png", "label": "cat", "probability": 0.5, "top": top}
    counts = {"name": "a", "classes": [name], "notes": [],
              "splits": {"train": {"texts": 3, "classes": {name: 3}}},
              "words": {"min": 1, "max": 2, "median": 1}}  # fmt: skip
    with console.capture() as capture:
        show_predictions(console, [record | {"actual": name}])
        show_classes(console, measured(torch.eye(2), torch.tensor([0, 1]), [name, "b"], "images"))
        show_texts(console, counts)
    lines = capture.get().splitlines()
    assert all(name in line for line in lines if name[:20] in line)
    assert "".join(lines).count(name) == 5


def test_columns_of_wide_characters_stay_below_one_another() -> None:
    console = Display(stderr=False, width=80, color_system=None)
    with console.capture() as capture:
        show_lines(console, ["name", "n"], [["照片", "1"], ["ab", "20"]], ["n"])
    assert capture.get().splitlines() == ["name   n", "照片   1", "ab    20"]


def test_a_folder_that_all_inputs_share_is_not_repeated(tmp_path: Path) -> None:
    for name in ("shoes", "shirts"):
        (tmp_path / name).mkdir()
    names = [str(tmp_path / "shoes" / "1.png"), str(tmp_path / "shirts" / "2.png")]
    console = Display(stderr=False, width=60, force_terminal=False, color_system=None)
    with console.capture() as capture:
        show_predictions(console, [{"input": name, "label": "shoes"} for name in names])
    lines = capture.get().splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["input", "shoes/1.png", "shirts/2.png"]


@pytest.mark.parametrize(
    "names",
    [["one/a text", "one/another"], ["test/0", "test/1"], ["a.png", "b.png"], []],
    ids=["texts", "a built-in set", "files here", "nothing"],
)
def test_what_shares_no_folder_is_shown_whole(names: list[str]) -> None:
    assert shared_folder(names) == ""


def test_a_folder_is_taken_off_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ./new/1.png no more than ./new/, or names would lose letters."""
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path)
    assert shared_folder(["./new/1.png", "./new/2.png"]) == "./new/"
    assert shared_folder(["new//1.png", "new//2.png"]) == "new//"
    assert shared_folder(["./new/1.png", "new/2.png"]) == ""


def test_one_file_is_shown_as_it_was_named(tmp_path: Path) -> None:
    assert shared_folder([str(tmp_path / "a.png")]) == ""


def test_what_is_odd_about_an_input_stands_beside_it() -> None:
    console, odd = Display(stderr=False, width=100), "no known word"
    with console.capture() as capture:
        show_predictions(console, [{"input": "zz", "label": "a", "probability": 0.5, "note": odd},
                                   {"input": "sun", "label": "a", "probability": 0.9}])  # fmt: skip
    first, second, third = capture.get().splitlines()[:3]
    assert first.split()[-1] == "note"
    assert second.endswith(odd)
    assert odd not in third


def test_one_answer_leaves_no_column_of_others() -> None:
    """--top 1: nothing else is likely that could stand there."""
    console = Display(stderr=False, width=80)
    record = {"input": "a.png", "label": "hat", "probability": 0.9}
    with console.capture() as capture:
        show_predictions(console, [record | {"top": [{"label": "hat", "probability": 0.9}]}])
    assert "also likely" not in capture.get()
