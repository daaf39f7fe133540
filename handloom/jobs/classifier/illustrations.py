"""The sections of a classifier's page that show images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.jobs.classification import page as shared
from handloom.jobs.classification.evaluation import Evaluation
from handloom.jobs.classifier.answers import Answers
from handloom.jobs.classifier.glimpses import glimpses
from handloom.jobs.classifier.review import Copy, ImageAnswer, Review
from handloom.reports.confusion import Confused
from handloom.reports.gallery import SHARP, Gallery, figure, pair, thumbs
from handloom.reports.page import Section, paragraph
from handloom.wording import join_and

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

MOST_WORST = 36  # mistakes and likely wrong labels that are shown, each
UNFOLDED = 12  # of them; the others are folded
MOST_COPIES = 8  # pairs
MOST_IN_CELL, MOST_IN_CELLS = 8, 200  # images that cells of the confusion matrix open


class Illustrations:
    """The sections of a page that show images, within one budget of bytes."""

    def __init__(self, run: Loaded[Record], data: DataSet) -> None:
        self.classes, self.run, self.data = run.config["classes"], run, data
        self.gallery = Gallery()
        self.is_sharp = max(data.train.size) <= SHARP

    def wrong_labels(self, review: Review) -> Section:
        """Labels that are likely wrong."""
        covered = join_and([_covered(part) for part in review.answers])
        text = (
            "The images whose labels are contradicted most surely, by a network that was not "
            "trained on them; how many there are is what confident learning (Northcutt et al. "
            "2021) counts. Some are right and merely unusual: look before you correct. It covers "
            f"{covered}."
        )
        if not review.wrong_labels:
            return Section("Likely wrong labels", text, paragraph("None."), "Labels")
        shown = [
            self._figure(answer, Markup("labelled <b>{}</b>").format(self.classes[answer.label]),
                         Markup("likely <b>{}</b>").format(self.classes[answer.likely or 0]))
            for answer in review.wrong_labels[:MOST_WORST]
        ]  # fmt: skip
        return Section(
            "Likely wrong labels", text, self._shown(shown, len(review.wrong_labels)), "Labels"
        )

    def mistakes(self, review: Review, evaluation: Evaluation) -> Section:
        """Wrong answers of the evaluated split."""
        wrong = [answer for answer in review.mistakes if answer.split == evaluation["split"]]
        text = (
            f"The network is wrong on {len(wrong):,} of the {evaluation['images']:,} "
            f"{shared.SPLITS[evaluation['split']]} images. The answers it was surest of come first."
        )
        if not wrong:
            return Section("Mistakes", f"It is right on all {evaluation['images']:,}.", Markup(""))
        shown = [
            self._figure(answer, Markup("is <b>{}</b>").format(self.classes[answer.label]),
                         Markup('<span class="bad">predicted {}, {:.0f}\u00a0%</span>').format(
                             self.classes[answer.predicted], 100 * answer.confidence))
            for answer in wrong[:MOST_WORST]
        ]  # fmt: skip
        return Section("Mistakes", text, self._shown(shown, len(wrong)))

    def copies(self, copies: list[Copy]) -> Section:
        """Copies across splits, or with different labels."""
        text = (
            "Copies of one image in two splits make figures better than they are; copies with two "
            "labels contradict each other."
        )
        shown = [self._twins(copy) for copy in copies[:MOST_COPIES]]
        body = thumbs(shown, self.is_sharp, are_pairs=True) + _more(len(copies), len(shown))
        return Section("Duplicates", text, body)

    def cells(self, answers: Answers) -> dict[Confused, Markup]:
        """What the cells of the confusion matrix open: mistakes first, then doubtful answers that
        are right."""
        places: dict[Confused, list[int]] = {}
        wrong = answers.predicted != answers.label
        # Surest mistakes first; of right answers the least sure.
        order = (answers.confidence * torch.where(wrong, -1.0, 1.0)).argsort().tolist()
        for place in order:
            cell = (int(answers.label[place]), int(answers.predicted[place]))
            places.setdefault(cell, []).append(place)
        ordered = sorted(places, key=lambda cell: (cell[0] == cell[1], -len(places[cell])))
        bodies, left = {}, MOST_IN_CELLS
        for cell in ordered:
            most = min(MOST_IN_CELL if cell[0] != cell[1] else MOST_IN_CELL // 2, left)
            shown = places[cell][:most]
            if not shown or self.gallery.is_full:
                break
            left -= len(shown)
            figures = [self._answered(answers, place) for place in shown]
            bodies[cell] = thumbs(figures, self.is_sharp) + _more(len(places[cell]), len(shown))
        return bodies

    def glimpses(self, answers: Answers) -> list[Section]:
        """Grad-CAM of some answers; nothing for a network without maps."""
        shown = glimpses(self.run, answers)
        if not shown:
            return []
        text = (
            "Grad-CAM (Selvaraju et al. 2017): red is what spoke most for the answer. Where that "
            "is the background, the network has learned something else than you meant."
        )
        figures = []
        for glimpse in shown:
            answer = self.classes[int(answers.predicted[glimpse.place])]
            predicted = f"{answer} {100 * float(answers.confidence[glimpse.place]):.0f}\u00a0%"
            kind, after = ("good", "") if glimpse.is_right else (
                "bad", f", is {self.classes[int(answers.label[glimpse.place])]}")  # fmt: skip
            name = answers.images.names[int(answers.rows[glimpse.place])]
            body = pair(
                self.gallery.thumbnail(glimpse.image, name),
                self.gallery.thumbnail(glimpse.heated, f"where it looks in {name}"),
            )
            line = Markup('<span class="{}">{}</span>{}').format(kind, predicted, after)
            figures.append(figure(body, line, file=name))
        return [Section("Where it looks", text, thumbs(figures, self.is_sharp, are_pairs=True))]

    def _figure(self, answer: ImageAnswer, *captions: Markup) -> Markup:
        images = self.data.splits[answer.split]
        name = images.names[answer.row]
        file = name if name.startswith(answer.split) else f"{name} ({answer.split})"
        return figure(self._image(images.image[answer.row], name), *captions, file=file)

    def _answered(self, answers: Answers, place: int) -> Markup:
        row = int(answers.rows[place])
        name = answers.images.names[row]
        predicted = f"{self.classes[int(answers.predicted[place])]} " \
               f"{100 * float(answers.confidence[place]):.0f}\u00a0%"  # fmt: skip
        return figure(self._image(answers.images.image[row], name), predicted, file=name)

    def _twins(self, copy: Copy) -> Markup:
        sides, captions = [], []
        for split, row in (copy[:2], copy[2:]):
            images = self.data.splits[split]
            assert images.label is not None
            sides.append(self._image(images.image[row], images.names[row]))
            captions.append(f"{split}: {self.classes[int(images.label[row])]}, {images.names[row]}")
        return figure(pair(*sides), *captions)

    def _image(self, pixels: Tensor, name: str) -> Markup:
        return self.gallery.thumbnail(pixels, name)

    def _shown(self, figures: list[Markup], count: int) -> Markup:
        first = thumbs(figures[:UNFOLDED], self.is_sharp)
        if len(figures) > UNFOLDED:
            first += Markup("<details><summary>{} more</summary>{}</details>").format(
                len(figures) - UNFOLDED, thumbs(figures[UNFOLDED:], self.is_sharp)
            )
        return first + _more(count, len(figures))


def _covered(answers: Answers) -> str:
    count, whole = len(answers.rows), len(answers.images)
    how = " by heads that were trained without them" if answers.is_by_heads else ""
    if not answers.is_telling:
        how += ", which are right too seldom to tell" if how else ", right too seldom to tell"
    how = f" ({how.removeprefix(', ').strip()})" if how else ""
    some = f"{count:,} of the {whole:,}" if count < whole else f"{count:,}"
    name = {"train": "training", "valid": "validation"}.get(answers.split, answers.split)
    return f"{some} {name} images{how}"


def _more(count: int, shown: int) -> Markup:
    if count <= shown:
        return Markup("")
    return Markup('<p class="quiet">and {:,} more, in mistakes.csv</p>').format(count - shown)
