"""What a CLIP run ships: an encoder of images and one of texts, whose vectors are compared."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from handloom.data.text.tokenizer import opened
from handloom.errors import UserError
from handloom.jobs.clip.encoder import TextVectors, Words
from handloom.jobs.clip.records import Record
from handloom.jobs.clip.verbs import own_pairs
from handloom.jobs.images.program import (
    VectorsOfPixels,
    encoding,
    image_known,
    pixels_port,
    stand_ins,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, Port, Program, batches, in_batches, spread, without_data
from handloom.models.clip import CLIP

USAGE = """\
import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

session = onnxruntime.InferenceSession("FILE")
known = json.loads(session.get_modelmeta().custom_metadata_map["handloom"])
tokenizer = Tokenizer.from_str(json.dumps(known["tokenizer"]))
ids = [token for token in tokenizer.encode("some words").ids if token != 1]
ids = (ids or [0])[: known["max_length"]]
given = {"tokens": np.array([ids]), "length": np.array([len(ids)])}
(vector,) = session.run(None, given)
print(vector[0])
"""


def export(run: Loaded[Record]) -> list[Program]:
    """Images and texts to vectors of length 1, whose inner products are cosines."""
    network = cast(CLIP, run.networks["network"])
    image, texts, about = _inputs(run)
    width = int(run.config["network"]["width"])
    vector = Port("vector", "float32", (BATCH, width), "of length 1: compare by products")
    preprocessing, most = run.config["preprocessing"], int(run.config["network"]["max_length"])
    words: dict[str, Any] = {"tokenizer": run.config["tokenizer"], "max_length": most}
    return [
        Program(
            "image-encoder",
            "image-feature-extraction",
            VectorsOfPixels(network),
            (pixels_port(preprocessing),),
            (vector,),
            batches(image),
            f"images {about}",
            encoding(preprocessing, "vector"),
            image_known(preprocessing, network) | {"scale": network.scale.item()},
        ),
        Program(
            "text-encoder",
            "feature-extraction",
            TextVectors(network),
            (
                Port("tokens", "int64", (BATCH, "time"), "of each text, padded with 0 at the end"),
                Port("length", "int64", (BATCH,), "how many tokens of each text count"),
            ),
            (vector,),
            _batches(Words(run), texts),
            f"captions {about}",
            USAGE,
            words | {"scale": network.scale.item(), "in_graph": ["vectors are scaled to length 1"]},
            limits={"time": most},
        ),
    ]


def _inputs(run: Loaded[Record]) -> tuple[Tensor, list[str], str]:
    """Images, captions, and what they are."""
    try:
        pairs = own_pairs(run)
    except UserError as error:
        vocabulary = sorted(opened(run.config["tokenizer"]).get_vocab())
        texts = [" ".join(vocabulary[: 1 + row % 9]) for row in spread(len(vocabulary))]
        return stand_ins(run.config["preprocessing"]), texts, f"made up, {without_data(error)}"
    split = pairs.images.held_out or "train"
    images, known = pairs.images.splits[split], pairs.captions.texts
    rows = pairs.caption[split][:, 0].tolist()
    chosen = spread(len(images))
    texts = [known[rows[row]] for row in chosen]
    return images.subset(torch.tensor(chosen)).image, texts, f"of its {split} split"


def _batches(words: Words, texts: list[str]) -> tuple[tuple[Tensor, ...], ...]:
    return tuple(words(texts[part]) for part in in_batches(len(texts)))
