"""The page of a text classifier: how good it is, its mistakes explained, likely wrong labels."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from torch import Tensor

from handloom.data.text.cut import Texts
from handloom.data.text.texts import TextSet
from handloom.jobs.classification import page as shared
from handloom.jobs.classification.evaluation import Evaluation
from handloom.jobs.loading import Loaded
from handloom.jobs.pages import (
    corrected_training,
    longer,
    page,
    training_facts,
    trials_section,
    use,
)
from handloom.jobs.text_classifier.config import Resolved
from handloom.jobs.text_classifier.explain import moved, tokens_of, words_of
from handloom.jobs.text_classifier.names import named
from handloom.jobs.text_classifier.records import Record
from handloom.jobs.text_classifier.review import Suspect, TextAnswers
from handloom.reports.confusion import Confused
from handloom.reports.curves import panels
from handloom.reports.marked import marked
from handloom.reports.page import Facts, Page, Section, table
from handloom.wording import percent, pluralize

MOST_SHOWN = 20  # errors, and likely wrong labels
MOST_IN_CELL, MOST_IN_CELLS = 5, 200  # texts that cells of the confusion matrix open
MOST_LETTERS = 300  # of a text in a cell
PANELS = [
    ("Loss, nats", {"train/loss": "training", "valid/loss": "validation"}),
    ("Accuracy", {"train/accuracy": "training", "valid/accuracy": "validation"}),
]


def report(
    run: Loaded[Record], everything: TextSet, answers: Sequence[TextAnswers],
    doubted: Sequence[Suspect], evaluation: Evaluation,
) -> str:  # fmt: skip
    """HTML of one run; answers: the first of them on the split the run is evaluated on; doubted:
    likely wrong labels; evaluation: its metrics."""
    texts, probabilities = everything.splits[answers[0].split], answers[0].probability
    classes, recorded = run.config["classes"], run.directory.metrics()
    tokens, length = tokens_of(run, texts.text)
    learning = [Section("Learning", LEARNING, panels(recorded, PANELS))] if recorded else []
    made = Page(
        lead=[_trained(run), shared.goodness(evaluation, "texts")],
        figure=shared.figure(evaluation),
        advice=_advice(run, evaluation, len(doubted)),
        sections=[
            Section("Mistakes", ERRORS, _errors(run, tokens, length, probabilities, texts)),
            Section(
                "Likely wrong labels",
                LABELS,
                _labels(classes, everything, answers, doubted),
                "Labels",
            ),
            *shared.sections(evaluation, classes, "texts", _cells(texts, probabilities)),
            *learning,
            *trials_section(run),
        ],
        facts=_facts(run, evaluation),
    )
    return page(run, made)


def without_data(run: Loaded[Record], evaluation: Evaluation, why: str) -> str:
    """HTML of what the recorded evaluation gives, where the run's data are not at hand as they
    were; why: the error."""
    recorded = run.directory.metrics()
    learning = [Section("Learning", LEARNING, panels(recorded, PANELS))] if recorded else []
    parts = shared.sections(evaluation, run.config["classes"], "texts", {})
    made = Page(
        lead=[_trained(run), shared.goodness(evaluation, "texts"), shared.left_out("texts", why)],
        figure=shared.figure(evaluation),
        advice=[use(run)],
        sections=[*parts, *learning, *trials_section(run)],
        facts=_facts(run, evaluation),
    )
    return page(run, made)


LEARNING = "Loss and accuracy on training and unseen texts."
LABELS = (
    "Confident learning (Northcutt et al. 2021): texts that are most surely taken for another "
    "class than their label, by a model that has not seen them. Where the model is solved in "
    "closed form, training texts are examined too, each by a model fitted to the other two "
    "thirds. "
    "Some labels here are right, and the texts merely unusual."
)
ERRORS = (
    "The wrong answers the network was surest of. Marked green: words that spoke for its answer; "
    "red: against it. A word's weight is the fall of the answer's log-probability when the word is "
    "left out. Grey: words it does not know, since they are rare in the training texts."
)


def _trained(run: Loaded[Record]) -> str:
    config = run.config
    texts = pluralize(config["texts"]["train"], "text")
    return (
        f"A text classifier ({named(run.recorded)}) learned "
        f"{pluralize(len(config['classes']), 'class')} from {texts}."
    )


def _advice(run: Loaded[Record], evaluation: Evaluation, doubted: int) -> list[str | Markup]:
    sentences: list[str | Markup] = []
    if doubted:
        sentences.append(Markup(
            "Look at the {} whose labels may be wrong, the likeliest first. In mistakes.csv, write "
            "the right class or <code>drop</code> into the column <code>correction</code>, then "
            "train again: {}"
        ).format(pluralize(doubted, "text"), corrected_training(run)))  # fmt: skip
    if evaluation.get("repeated"):
        alone = evaluation["accuracy_without_repeated"]
        without = "" if alone is None else f"; without them it is right on {percent(alone)}"
        sentences.append(
            f"{pluralize(evaluation['repeated'], 'text')} of the {evaluation['split']} split also "
            f"stand in the training part{without}: remove them."
        )
    sentences += shared.abstaining(run, evaluation, "texts", "TEXTS")
    return [*sentences, *longer(run), use(run)]


def _facts(run: Loaded[Record], evaluation: Evaluation) -> Facts:
    config = run.config
    facts: Facts = {
        "texts": ", ".join(f"{n:,} {name}" for name, n in config["texts"].items()),
        "network": run.options(Resolved).network,
        "macro F1": f"{evaluation['macro_f1']:.3f}",
        "loss": f"{evaluation['loss']:.4f} nats",
    }
    if "vocabulary" in config["network"]:
        facts["words known"] = f"{config['network']['vocabulary'] - 2:,}"
    if config["coverage"]:
        facts["word vectors"] = (
            f"for {100 * config['coverage']['words']:.1f} % of the words, "
            f"{100 * config['coverage']['running']:.1f} % of the running text"
        )
    return facts | training_facts(run)


def _labels(
    classes: list[str], everything: TextSet, answers: Sequence[TextAnswers],
    doubted: Sequence[Suspect],
) -> Markup:  # fmt: skip
    if not any(part.is_telling for part in answers):
        return Markup("<p>It is wrong too often for its contradictions to mean anything.</p>")
    if not doubted:
        return Markup("<p>None.</p>")
    rows = []
    for suspect in doubted[:MOST_SHOWN]:
        part = everything.splits[suspect.split]
        assert part.label is not None
        label, text = classes[int(part.label[suspect.row])], part.text[suspect.row]
        rows.append([suspect.split, label, classes[suspect.likely], _short(text)])
    more = len(doubted) - MOST_SHOWN
    rest = Markup('<p class="quiet">and {:,} more</p>').format(more) if more > 0 else Markup("")
    return table(["split", "labelled", "likely", "text"], rows) + rest


def _cells(texts: Texts, probabilities: Tensor) -> dict[Confused, Markup]:
    """What the cells of the confusion matrix open: the most confident answers in each."""
    assert texts.label is not None
    confidence, predicted = probabilities.max(1)
    places: dict[Confused, list[int]] = {}
    for row in confidence.argsort(descending=True, stable=True).tolist():
        places.setdefault((int(texts.label[row]), int(predicted[row])), []).append(row)
    ordered = sorted(places, key=lambda cell: (cell[0] == cell[1], -len(places[cell])))
    bodies = {}
    for cell in ordered[: MOST_IN_CELLS // MOST_IN_CELL]:
        shown = [
            Markup("<p>{} <span class='quiet'>({:.0f} %)</span></p>").format(
                _short(texts.text[row]), 100 * float(confidence[row])
            )
            for row in places[cell][:MOST_IN_CELL]
        ]
        bodies[cell] = Markup("").join(shown)
    return bodies


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def _errors(
    run: Loaded[Record], tokens: Tensor, length: Tensor, probabilities: Tensor, texts: Texts
) -> Markup:
    assert texts.label is not None
    classes = run.config["classes"]
    confidence, predicted = probabilities.max(1)
    wrong = (predicted != texts.label).nonzero()[:, 0]
    worst = wrong[confidence[wrong].argsort(descending=True)][:MOST_SHOWN]
    ends = length.cumsum(0)
    rows: list[list[Any]] = []
    words = words_of(run, [texts.text[i] for i in worst.tolist()])
    for i, read in zip(worst.tolist(), words, strict=True):
        row = tokens[int(ends[i] - length[i]) : int(ends[i])].long()
        weights = moved(run.networks["network"], row, int(predicted[i]), run.precision)
        rows.append(
            [
                classes[int(texts.label[i])],
                f"{classes[int(predicted[i])]} ({100 * float(confidence[i]):.0f} %)",
                marked([(w.text, v, w.is_known) for w, v in zip(read, weights.tolist())]),
            ]
        )
    share = Markup("<p>{:,} of {:,} are wrong; mistakes.csv has each of them.</p>").format(
        len(wrong), len(texts)
    )
    return share + table(["actual", "predicted", "text"], rows)
