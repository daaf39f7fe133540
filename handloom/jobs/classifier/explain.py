"""Where in single images the answer comes from: Grad-CAM of every prediction."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from handloom.engine.grad_cam import grad_cam
from handloom.jobs.classification.answers import likeliest
from handloom.jobs.classifier.glimpses import heated
from handloom.jobs.classifier.records import Record
from handloom.jobs.classifier.verbs import predict
from handloom.jobs.images.data import ImagePredictOptions, read_inputs
from handloom.jobs.loading import Loaded
from handloom.jobs.results import Explained, Heat

AT_ONCE = 32  # images


def explain(
    run: Loaded[Record], inputs: Iterable[str], options: ImagePredictOptions | None = None
) -> list[Explained]:
    """Predictions of the images that can be read, each with the map of its likeliest class; None in
    place of the map for a network without maps, such as an MLP."""
    named = list(inputs)
    image = read_inputs(run, named, options).image  # (N, H, W, C)
    records = [record for record in predict(run, named, options) if "error" not in record]
    classes = {name: number for number, name in enumerate(run.config["classes"])}
    wanted = torch.tensor([classes[likeliest(record)[0]["label"]] for record in records])
    explained = []
    for rows in torch.arange(len(records)).split(AT_ONCE):
        pixels = image[rows].permute(0, 3, 1, 2).float().div(255).to(run.device)
        heat = grad_cam(run.networks["network"], pixels, wanted[rows])
        for place, row in enumerate(rows.tolist()):
            because = None
            if heat is not None:
                because = Heat(image[row], heat[place], heated(image[row], heat[place]))
            explained.append(Explained(records[row], because))
    return explained
