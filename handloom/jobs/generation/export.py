"""What autoencoder, vae and gan ship: an encoder and a decoder, or a generator."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from handloom.jobs.generation.generate import generating_network
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.images.program import (
    check_images,
    encoding,
    image_known,
    image_of,
    pixels_of,
    pixels_port,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, CHECKED, Port, Program, batches

GENERATION = "unconditional-image-generation"


class LatentsOfPixels(nn.Module):
    """uint8 (B, H, W, C) and label (B,) of a conditional run, to latents (B, D).

    Of a variational encoder also their variance (B, D): the posterior is N(latent, variance).
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.latent_dim = int(encoder.latent_dim)  # type: ignore[arg-type]

    def forward(
        self, pixels: Tensor, label: Tensor | None = None
    ) -> Tensor | tuple[Tensor, Tensor]:
        output: Tensor = self.encoder(image_of(pixels), label)
        if output.shape[1] == self.latent_dim:
            return output
        return output[:, : self.latent_dim], output[:, self.latent_dim :].exp()


class PixelsOfLatents(nn.Module):
    """Latents (B, D) and label (B,) of a conditional run, to images uint8 (B, H, W, C)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return pixels_of(self.network.generate(latent, label))  # type: ignore[operator]


def export(run: Loaded[GenerationRecord]) -> list[Program]:
    """The encoder, where there is one, and what makes images of latents."""
    if "encoder" not in run.networks:
        latent = _sampled(run)
        return [_decoder(run, "generator", latent, _labels(run, None), "latents of its prior")]
    image, known_label, about = check_images(run)
    label = _labels(run, known_label)
    encoder = LatentsOfPixels(run.networks["encoder"])
    with torch.no_grad():
        output = encoder(image, *label)
    latent = output[0] if isinstance(output, tuple) else output
    return [
        _encoder(run, encoder, image, label, about),
        _decoder(run, "decoder", latent, label, f"latents of {about}"),
    ]


def _encoder(
    run: Loaded[GenerationRecord],
    encoder: LatentsOfPixels,
    image: Tensor,
    label: tuple[Tensor, ...],
    about: str,
) -> Program:
    preprocessing, size = run.config["preprocessing"], (BATCH, encoder.latent_dim)
    outputs = [Port("latent", "float32", size, "what the decoder takes")]
    if run.config["network"].get("variational"):
        outputs.append(Port("variance", "float32", size, "of the posterior around the latent"))
    return Program(
        "encoder",
        "image-feature-extraction",
        encoder,
        (pixels_port(preprocessing), *_label_port(run)),
        tuple(outputs),
        batches(image, *label),
        about,
        encoding(preprocessing, "latent", run.config["conditional"]),
        _known(run) | image_known(preprocessing, encoder),
    )


def _decoder(
    run: Loaded[GenerationRecord], part: str, latent: Tensor, label: tuple[Tensor, ...], about: str
) -> Program:
    preprocessing = run.config["preprocessing"]
    prior = run.config["prior"]
    return Program(
        part,
        GENERATION,
        PixelsOfLatents(generating_network(run.networks)),
        (Port("latent", "float32", (BATCH, latent.shape[1]), f"{prior} latents"),
         *_label_port(run)),
        (pixels_port(preprocessing),),
        batches(latent, *label),
        about,
        _generating(run, latent.shape[1]),
        _known(run) | {"in_graph": ["pixels = round(255 * image)"], "prior": _prior(run)},
    )  # fmt: skip


def _labels(run: Loaded[GenerationRecord], known: Tensor | None) -> tuple[Tensor, ...]:
    """Classes int64 (CHECKED,) of a conditional run: the known ones, or all in turn."""
    if not run.config["conditional"]:
        return ()
    turns = torch.arange(CHECKED) % len(run.config["classes"])
    return (turns if known is None else known,)


def _label_port(run: Loaded[GenerationRecord]) -> tuple[Port, ...]:
    if not run.config["conditional"]:
        return ()
    return (Port("label", "int64", (BATCH,), "numbers of classes"),)


def _known(run: Loaded[GenerationRecord]) -> dict[str, Any]:
    classes = run.config["classes"] if run.config["conditional"] else []
    return {"preprocessing": run.config["preprocessing"], "classes": classes}


def _sampled(run: Loaded[GenerationRecord]) -> Tensor:
    """Latents (CHECKED, D) of the run's prior, the same every time."""
    latent: Tensor = run.networks["prior"](CHECKED, torch.Generator().manual_seed(0))
    return latent


def _prior(run: Loaded[GenerationRecord]) -> dict[str, Any]:
    """What latents are sampled from: a fitted one by its moments."""
    prior: Any = run.networks["prior"]
    if prior.kind != "fitted":
        return {"kind": prior.kind}
    return {
        "kind": "normal",
        "mean": prior.mean.tolist(),
        "covariance": prior.covariance.tolist(),
    }


def _generating(run: Loaded[GenerationRecord], width: int) -> str:
    """Python that makes images of latents, with ONNX Runtime alone."""
    kind, given = run.config["prior"], '{"latent": latent}'
    draw = {
        "normal": f"latent = random.normal(size=(4, {width}))",
        "uniform": f"latent = random.uniform(-1, 1, (4, {width}))",
        "fitted": 'prior = known["prior"]\nlatent = random.multivariate_normal(prior["mean"], '
        'prior["covariance"], 4)',
    }[kind]
    label = ""
    if run.config["conditional"]:
        label = f"label = np.arange(4) % {len(run.config['classes'])}\n"
        given = '{"latent": latent, "label": label}'
    return (
        "import json\n\n"
        "import numpy as np\n"
        "import onnxruntime\n"
        "from PIL import Image\n\n"
        'session = onnxruntime.InferenceSession("FILE")\n'
        'known = json.loads(session.get_modelmeta().custom_metadata_map["handloom"])\n'
        "random = np.random.default_rng(0)\n"
        f"{draw}\n"
        "latent = latent.astype(np.float32)\n"
        f"{label}"
        f"(pixels,) = session.run(None, {given})\n"
        'Image.fromarray(pixels[0].squeeze()).save("image.png")\n'
    )
