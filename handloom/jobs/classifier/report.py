"""The page of an image classifier: how good it is, which images are wrong, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classification import page as shared
from handloom.jobs.classification.evaluation import Evaluation
from handloom.jobs.classifier.advice import advice
from handloom.jobs.classifier.config import Resolved
from handloom.jobs.classifier.faults import section
from handloom.jobs.classifier.illustrations import Illustrations
from handloom.jobs.classifier.mistakes import table as mistakes_table
from handloom.jobs.classifier.mistakes import with_corrections
from handloom.jobs.classifier.review import Review, lines, reviewed
from handloom.jobs.images.data import own_data
from handloom.jobs.pages import page, training_facts, trials_section, use
from handloom.reports.curves import panels
from handloom.reports.page import Facts, Page, Section
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

PANELS = [
    ("Loss, nats", {"train/loss": "training", "valid/loss": "validation", "test/loss": "test"}),
    ("Accuracy", {"train/accuracy": "training", "valid/accuracy": "validation",
                  "test/accuracy": "test"}),
]  # fmt: skip


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML; mistakes.csv goes beside it."""
    from handloom.jobs.classifier.verbs import evaluate

    recorded = run.evaluation(Evaluation)
    try:
        data = own_data(run)
    except UserError as error:
        if recorded is None:
            raise
        return page(run, _without_data(run, recorded, str(error)))
    evaluation = recorded or evaluate(run)
    review = reviewed(run, data)
    rows = with_corrections(lines(run, data, review), run.directory.path / "mistakes.csv")
    run.directory.write_mistakes(mistakes_table(rows))
    return page(run, _page(run, data, evaluation, review))


def _page(run: Loaded[Record], data: DataSet, evaluation: Evaluation, review: Review) -> Page:
    illustrations = Illustrations(run, data)
    answers = next(part for part in review.answers if part.split == evaluation["split"])
    first = [illustrations.wrong_labels(review), illustrations.mistakes(review, evaluation)]
    first += [illustrations.copies(review.copies)] if review.copies else []
    first = [*section(data, review.faults), *first]
    parts = shared.sections(
        evaluation, run.config["classes"], "images", illustrations.cells(answers)
    )
    last = [*illustrations.glimpses(answers), *_learning(run), *trials_section(run)]
    return Page(
        lead=[_trained(run), shared.goodness(evaluation, "images")],
        figure=shared.figure(evaluation),
        advice=advice(run, data, evaluation, review),
        sections=[*first, *parts, *last],
        facts=_facts(run, evaluation),
    )


def _without_data(run: Loaded[Record], evaluation: Evaluation, why: str) -> Page:
    """What the recorded evaluation gives where the run's data are not at hand as they were."""
    parts = shared.sections(evaluation, run.config["classes"], "images", {})
    return Page(
        lead=[_trained(run), shared.goodness(evaluation, "images"), shared.left_out("images", why)],
        figure=shared.figure(evaluation),
        advice=[use(run)],
        sections=[*parts, *_learning(run), *trials_section(run)],
        facts=_facts(run, evaluation),
    )


def _trained(run: Loaded[Record]) -> str:
    """What was trained, on what, in a sentence."""
    config = run.config
    sizes, options = config["network"], run.options(Resolved)
    images = pluralize(config["images"]["train"], "image")
    classes = pluralize(len(config["classes"]), "class")
    if sizes["kind"] == "transferred":
        whole = "the upper layers of the pretrained network" if options.tune == "all" else (
            "a linear head on the pretrained network")  # fmt: skip
        encoder = config["encoder"]
        assert encoder is not None  # of a pretrained network
        what = f"{whole} {encoder['name']}"
    else:
        what = f"a network trained from scratch ({sizes['kind']})"
    return f"{what[0].upper()}{what[1:]} learned {classes} from {images}."


def _learning(run: Loaded[Record]) -> list[Section]:
    recorded = run.directory.metrics()
    if not any("train/loss" in line for line in recorded):
        return []
    text = (
        "Training images are changed at random while they are learned, which makes them harder; "
        "the others are as they are."
    )
    return [Section("Learning", text, panels(recorded, PANELS))]


def _facts(run: Loaded[Record], evaluation: Evaluation) -> Facts:
    config = run.config
    encoder = config.get("encoder")
    height, width, channels = config["network"]["size"]
    images = ", ".join(f"{count:,} {name}" for name, count in config["images"].items())
    network = run.networks["network"]
    facts: Facts = {
        "images": f"{images}; {width}x{height} pixels, {'grey' if channels == 1 else 'colour'}",
        "network": f"{config['options']['network']}, "
        f"{sum(p.numel() for p in network.parameters()):,} parameters",
        "pretrained weights": None if encoder is None else encoder["weights"],
        "macro F1": f"{evaluation['macro_f1']:.3f}",
        "loss": f"{evaluation['loss']:.4f} nats",
        "top 5": f"{100 * evaluation['top5_accuracy']:.1f} %"
        if "top5_accuracy" in evaluation else None,
        "temperature": config.get("temperature"),
    }  # fmt: skip
    return facts | training_facts(run)
