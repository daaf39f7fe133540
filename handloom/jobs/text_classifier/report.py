"""The page of a text classifier: curves, confusion, calibration, and the worst errors explained."""

from pathlib import Path
from typing import Any

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.data.text.texts import Texts
from handloom.data.text.tokenizer import opened
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier.explain import moved, tokens_of
from handloom.reports.curves import curves
from handloom.reports.page import Section, page, plain_text, plot, table

MOST_SHOWN = 20  # errors
MOST_WORDS = 400  # of a text that is shown whole
GAP = Markup("…")
MOST_CLASSES = 40  # in the image of the confusion matrix


def report(
    run: Loaded, split: str, texts: Texts, probabilities: Tensor, evaluation: dict[str, Any]
) -> str:
    """HTML of one run; texts: the labelled split the run is evaluated on; probabilities (N, K)
    of them; evaluation: its metrics."""
    assert texts.label is not None
    config, lines = run.config, run.directory.metrics()
    tokens, length = tokens_of(run, texts.text)
    sections = [
        Section("Learning", "Loss in nats, on training and unseen texts.", _learning(lines)),
        Section("Confusion", CONFUSION, _confusion(config["classes"], probabilities, texts.label)),
        Section("Calibration", CALIBRATION, _calibration(probabilities, texts.label)),
        Section("Worst errors", ERRORS, _errors(run, tokens, length, probabilities, texts)),
    ]
    return page(
        f"text-classifier on {Path(config['data']).name}", _facts(run, split, evaluation), sections
    )


CONFUSION = "Rows are what a text is, columns what the network predicted; each row adds up to 1."
CALIBRATION = (
    "Of the texts named with a certain confidence, how many were right. On the dashed line, a "
    "network that is 80 % confident is right in 80 % of the cases."
)
ERRORS = (
    "The wrong answers the network was surest of. Marked green: words that spoke for its answer; "
    "red: against it. A word's weight is the fall of the answer's log-probability when the word is "
    "left out."
)


def _facts(run: Loaded, split: str, evaluation: dict[str, Any]) -> dict[str, str]:
    config = run.config
    facts = {
        "texts": ", ".join(f"{n:,} {name}" for name, n in config["texts"].items()),
        "network": config["options"]["network"],
        split: f"accuracy {100 * evaluation['accuracy']:.2f} %, balanced "
        f"{100 * evaluation['balanced_accuracy']:.2f} %, the commonest class alone "
        f"{100 * evaluation['majority']:.2f} %",
        "calibration error": f"{100 * evaluation['calibration']:.1f} %",
    }
    if "vocabulary" in config["network"]:
        facts["words known"] = f"{config['network']['vocabulary'] - 2:,}"
    if config["coverage"]:
        facts["word vectors"] = (
            f"for {100 * config['coverage']['words']:.1f} % of the words, "
            f"{100 * config['coverage']['running']:.1f} % of the running text"
        )
    return facts


def _learning(lines: list[dict[str, Any]]) -> Markup:
    if not lines:
        return Markup("<p>Solved at once, without epochs.</p>")
    return curves(lines, {"train/loss": "training", "valid/loss": "validation"}, "loss") + curves(
        lines, {"train/accuracy": "training", "valid/accuracy": "validation"}, "accuracy"
    )


def _confusion(classes: list[str], probabilities: Tensor, label: Tensor) -> Markup:
    from matplotlib.figure import Figure

    count = len(classes)
    predicted = probabilities.argmax(1)
    matrix = torch.bincount(label * count + predicted, minlength=count**2).view(count, count)
    if count > MOST_CLASSES:
        return Markup("<p>{} classes are too many for an image.</p>").format(count)
    share = matrix / matrix.sum(1, keepdim=True).clamp(min=1)
    side = 2.2 + 0.45 * count
    figure = Figure(figsize=(side, side))
    axes = figure.subplots()
    axes.imshow(share.numpy(), cmap="Blues", vmin=0, vmax=1)
    names = [plain_text(name) for name in classes]
    axes.set_xticks(range(count), names, rotation=60, ha="right")
    axes.set_yticks(range(count), names)
    for row in range(count):
        for column in range(count):
            if matrix[row, column]:
                shade = "white" if share[row, column] > 0.5 else "black"
                axes.text(column, row, str(int(matrix[row, column])), ha="center", va="center",
                          color=shade, fontsize=8)  # fmt: skip
    return plot(figure, "confusion matrix")


def _calibration(probabilities: Tensor, label: Tensor, bins: int = 10) -> Markup:
    from matplotlib.figure import Figure

    confidence, predicted = probabilities.max(1)
    right = (predicted == label).float()
    place = (confidence * bins).long().clamp(max=bins - 1)
    count = torch.bincount(place, minlength=bins)
    kept = count > 0
    mean = [(torch.bincount(place, v, minlength=bins) / count)[kept] for v in (confidence, right)]
    figure = Figure(figsize=(4, 4))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "--", color="grey", linewidth=1)
    axes.plot(mean[0].numpy(), mean[1].numpy(), marker="o")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    axes.set_aspect("equal")
    return plot(figure, "calibration")


def _errors(
    run: Loaded, tokens: Tensor, length: Tensor, probabilities: Tensor, texts: Texts
) -> Markup:
    assert texts.label is not None
    classes = run.config["classes"]
    confidence, predicted = probabilities.max(1)
    wrong = (predicted != texts.label).nonzero()[:, 0]
    worst = wrong[confidence[wrong].argsort(descending=True)][:MOST_SHOWN]
    ends = length.cumsum(0)
    names = {i: word for word, i in opened(run.config["tokenizer"]).get_vocab().items()}
    rows: list[list[Any]] = []
    for i in worst.tolist():
        row = tokens[int(ends[i] - length[i]) : int(ends[i])].long()
        weights = moved(run.networks["network"], row, int(predicted[i]), run.precision)
        rows.append(
            [
                classes[int(texts.label[i])],
                f"{classes[int(predicted[i])]} ({100 * float(confidence[i]):.0f} %)",
                _marked([names[t] for t in row.tolist()], weights),
            ]
        )
    share = Markup("<p>{:,} of {:,} are wrong; all of them are in mistakes.csv.</p>").format(
        len(wrong), len(texts)
    )
    return share + table(["actual", "predicted", "text, as the network read it"], rows)


def _marked(words: list[str], weights: Tensor) -> Markup:
    """Words, shaded by how much they moved the answer; of a long text those alone."""
    strongest = max(float(weights.abs().max()), 1e-6)
    spans: list[Markup] = []
    for word, weight in zip(words, weights.tolist(), strict=True):
        strength = abs(weight) / strongest
        if strength < 0.15:
            if len(words) <= MOST_WORDS:
                spans.append(Markup("{}").format(word))
            elif spans[-1:] != [GAP]:
                spans.append(GAP)
            continue
        colour = "60,160,60" if weight > 0 else "210,60,60"
        spans.append(
            Markup('<mark style="background:rgba({},{:.2f})" title="{:+.2f}">{}</mark>').format(
                colour, 0.6 * strength, weight, word
            )
        )
    return Markup(" ").join(spans)
