"""The page of a CLIP run: how well words find images, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from handloom.jobs.clip.config import Resolved
from handloom.jobs.clip.encoder import text_vectors
from handloom.jobs.clip.records import Evaluation
from handloom.jobs.clip.verbs import image_vectors, own_pairs
from handloom.jobs.pages import command, longer, page, training_facts, use
from handloom.jobs.results import NothingHeldOut
from handloom.reports.curves import panels
from handloom.reports.gallery import Gallery, figure, thumbs
from handloom.reports.page import Facts, Page, Section, paragraph, table
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Images
    from handloom.jobs.clip.pairs import Pairs
    from handloom.jobs.clip.records import Record
    from handloom.jobs.loading import Loaded

PANELS = [
    ("Loss, nats", {"train/loss": "training"}),
    ("Recall", {"valid/recall": "validation", "test/recall": "test"}),
    ("Scale", {"train/scale": "of the cosines"}),
]
QUERIES, RESULTS, CAPTIONS = 8, 6, 3


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML."""
    pairs = own_pairs(run)
    split = pairs.images.held_out
    evaluation = run.evaluation(Evaluation)
    if split is None or evaluation is None:
        raise NothingHeldOut("there are no images to show")
    images, caption = pairs.images.splits[split], pairs.caption[split]
    rows = caption.unique()
    vectors = image_vectors(run, images.image)
    texts = text_vectors(run, [pairs.captions.texts[row] for row in rows.tolist()])
    scores = vectors @ texts.T  # (N, M)
    right = (pairs.group[caption][:, None] == pairs.group[rows][None, :, None]).any(2)
    gallery = Gallery()
    made = Page(
        lead=[_trained(run), _goodness(evaluation, float(right.float().mean()))],
        advice=[use(run), _words(run, pairs), *longer(run)],
        sections=[
            _recall(evaluation),
            _by_words(pairs, images, rows, scores, right, gallery),
            _by_images(pairs, images, rows, scores, right, gallery),
            Section("Learning", "", panels(run.directory.metrics(), PANELS)),
        ],
        facts=_facts(run, evaluation),
    )
    return page(run, made)


def _trained(run: Loaded[Record]) -> str:
    config = run.config
    images = pluralize(config["images"]["train"], "image")
    encoder = config["encoder"]
    how = "a network from scratch" if encoder is None else f"the pretrained {encoder['name']}"
    learns = " as it is" if run.options(Resolved).tune == "head" else ""
    return (
        f"Images, by {how}{learns}, and texts, by a "
        f"{'bag of words' if config['network']['text'] == 'bag' else 'small transformer'}, were "
        f"brought to one space of {config['network']['width']} numbers with {images} and "
        f"{pluralize(config['captions'], 'caption')}."
    )


def _goodness(evaluation: Evaluation, chance: float) -> str:
    return (
        f"Of {evaluation['images']:,} {evaluation['split']} images "
        f"{percent(evaluation['image_to_text_1'])} are nearest to a caption that is theirs, among "
        f"{evaluation['captions']:,}; by chance it would be {percent(chance)}. Of the captions "
        f"{percent(evaluation['text_to_image_1'])} are nearest to an image of theirs."
    )


def _words(run: Loaded[Record], pairs: Pairs) -> Markup:
    text = pairs.captions.texts[0]
    return Markup("Search by words, when a folder is indexed: {}").format(
        command("search", "FOLDER", text))  # fmt: skip


def _recall(evaluation: Evaluation) -> Section:
    figures: Mapping[str, Any] = evaluation
    rows = []
    for name, what in (("image_to_text", "captions for an image"),
                       ("text_to_image", "images for a caption")):  # fmt: skip
        cells = [percent(figures[f"{name}_{k}"]) if f"{name}_{k}" in figures else ""
                 for k in (1, 5, 10)]  # fmt: skip
        rows.append([what, *cells])
    text = (
        "How often one that belongs is the nearest, or among the five or ten nearest. A caption "
        "that several images have is right for each of them."
    )
    return Section("Recall", text, table(["search for", "at 1", "at 5", "at 10"], rows))


def _by_words(
    pairs: Pairs, images: Images, rows: Tensor, scores: Tensor, right: Tensor, gallery: Gallery
) -> Section:
    """Some captions, each with the images that are nearest, best first."""
    seen, parts = set[int](), list[Markup]()
    for column, row in enumerate(rows.tolist()):
        if pairs.captions.group[row] in seen or len(parts) == 2 * QUERIES:
            continue
        seen.add(pairs.captions.group[row])
        best = scores[:, column].argsort(descending=True)[:RESULTS].tolist()
        figures = [
            figure(gallery.thumbnail(images.image[place], images.names[place]),
                   f"{scores[place, column]:.2f}" + ("" if right[place, column] else ", another"))
            for place in best
        ]  # fmt: skip
        parts += [paragraph(f"“{pairs.captions.texts[row]}”"), thumbs(figures)]
    text = "Held-out images by their cosine with the words; those that are not of it are marked."
    return Section("Words find images", text, Markup("").join(parts))


def _by_images(
    pairs: Pairs, images: Images, rows: Tensor, scores: Tensor, right: Tensor, gallery: Gallery
) -> Section:
    """Images whose nearest caption is wrong first, the surest of them before others."""
    best = scores.max(1)
    is_wrong = ~right.gather(1, best.indices[:, None])[:, 0]
    order = (best.values + 2 * is_wrong).argsort(descending=True)[: 2 * QUERIES].tolist()
    figures = []
    for place in order:
        nearest = scores[place].argsort(descending=True)[:CAPTIONS].tolist()
        lines = [f"{scores[place, column]:.2f} {pairs.captions.texts[int(rows[column])]}"
                 for column in nearest]  # fmt: skip
        thumbnail = gallery.thumbnail(images.image[place], images.names[place])
        figures.append(figure(thumbnail, *lines, file=images.names[place]))
    wrong = int(is_wrong.sum())
    text = f"Those whose nearest caption belongs to others come first; there are {wrong:,}."
    return Section("Images find words", text, thumbs(figures))


def _facts(run: Loaded[Record], evaluation: Evaluation) -> Facts:
    config, encoder = run.config, run.config["encoder"]
    network = run.networks["network"]
    images = ", ".join(f"{count:,} {name}" for name, count in config["images"].items())
    size = config["preprocessing"]["size"]
    facts: Facts = {
        "images": f"{images}; {size[1]}x{size[0]} pixels",
        "captions": f"{config['captions']:,} different, {config['network']['vocabulary']:,} words",
        "parameters": f"{sum(p.numel() for p in network.parameters()):,}",
        "pretrained weights": encoder["weights"] if encoder is not None else None,
        "scale": f"{float(network.scale.detach()):.1f}",  # type: ignore[operator]
    }
    if "accuracy" in evaluation:
        facts["classified by words"] = percent(evaluation["accuracy"])
    return facts | training_facts(run)
