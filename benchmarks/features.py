"""How fast images become features, beside timm's own loop, and what bfloat16 costs in accuracy.

    python -m benchmarks.features ways --weights FILE      # ways to run the network
    python -m benchmarks.features folder PHOTOS --weights FILE
    python -m benchmarks.features probe PHOTOS --weights FILE

`ways` and `folder` alternate what they compare, and give the best of n by the clock and in
processor time, which is what can be compared on a machine that others use.
"""

import argparse
import copy
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom import encoders
from handloom.data.images.chunks import CHUNK, decode_chunk
from handloom.data.images.decode import Treatment, decode, quiet
from handloom.data.io.parallel import in_chunks
from handloom.encoders.bulk import encode, encode_files
from handloom.encoders.fold import folded
from handloom.engine.precision import channels_last

Run = Callable[[Tensor], Tensor]  # uint8 (B, H, W, C) to (B, D)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["ways", "folder", "probe"])
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("--spec", default="timm:tf_efficientnet_lite0")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batches", type=int, nargs="*", default=[8, 32, 64])
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--n", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    if options.what == "ways":
        for batch in options.batches:
            print(json.dumps(ways(options, batch)), flush=True)
    else:
        print(json.dumps({"folder": folder, "probe": probe}[options.what](options)), flush=True)


def ways(options: argparse.Namespace, batch: int) -> dict[str, Any]:
    """Images a second of the ways to run one network, and how far their features are off."""
    generator = torch.Generator().manual_seed(options.seed)
    pixels = torch.randint(0, 256, (batch, 224, 224, 3), dtype=torch.uint8, generator=generator)
    if options.photos is not None:
        shape = opened(options).preprocessing
        paths = photos(options)
        spread = paths[:: max(1, len(paths) // batch)][:batch]
        pixels = torch.stack([decode(path, shape) for path in spread])
    runs = made(opened(options, "float32").network, pixels)
    with torch.inference_mode():
        wanted = runs["float32"](pixels)
        seconds = best({name: partial(run, pixels) for name, run in runs.items()}, options.n)
        return {
            "batch": batch,
            "images_per_second": {name: round(batch / s[0], 1) for name, s in seconds.items()},
            "per_processor_second": {name: round(batch / s[1], 1) for name, s in seconds.items()},
            "relative_error": {
                name: float(f"{((run(pixels) - wanted).norm() / wanted.norm()).item():.1e}")
                for name, run in runs.items()
            },
            "n": options.n,
            "machine": machine(),
        }  # fmt: skip


def made(network: nn.Module, pixels: Tensor) -> dict[str, Run]:
    """The ways by name; what a machine or a missing library does not allow is left out."""
    example = pixels[:1].permute(0, 3, 1, 2).float().div(255)
    plain = copy.deepcopy(network)
    plain.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    last = channels_last(copy.deepcopy(network))
    fused = channels_last(folded(network, example))
    whole = pixels.permute(0, 3, 1, 2).float().div(255)

    def traced() -> nn.Module:
        return torch.jit.freeze(torch.jit.trace(fused, whole))

    def optimized() -> nn.Module:
        return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(last, whole)))

    attempts: dict[str, Callable[[], Run]] = {
        "float32": lambda: called(plain, contiguous=True),
        "float32, channels last": lambda: called(last),
        "float32, channels last, folded": lambda: called(fused),
        "the same, traced and frozen": lambda: called(traced()),
        "optimize_for_inference": lambda: called(optimized()),
        "autocast, channels last": lambda: called(last, autocast=True),
        "autocast, channels last, folded": lambda: called(fused, autocast=True),
        "bfloat16 weights, channels last": lambda: called(
            copy.deepcopy(last).bfloat16(), cast=True
        ),
        "bfloat16 weights, folded": lambda: called(copy.deepcopy(fused).bfloat16(), cast=True),
        "ONNX Runtime": lambda: onnx(fused, whole),
    }
    runs: dict[str, Run] = {}
    for name, attempt in attempts.items():
        try:
            with torch.no_grad():
                run = attempt()
                run(pixels)
            runs[name] = run
        except Exception as error:
            print(f"left out: {name} ({type(error).__name__}: {str(error)[:80]})", flush=True)
    return runs


def called(
    network: nn.Module, autocast: bool = False, cast: bool = False, contiguous: bool = False
) -> Run:
    def run(pixels: Tensor) -> Tensor:
        image = pixels.permute(0, 3, 1, 2)
        image = image.contiguous() if contiguous else image
        image = (image.bfloat16() if cast else image.float()).div_(255)
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            return network(image).float()

    return run


def onnx(network: nn.Module, example: Tensor) -> Run:
    import onnxruntime

    with tempfile.TemporaryDirectory() as place:
        path = f"{place}/network.onnx"
        torch.onnx.export(network, (example.contiguous(),), path, dynamo=False)
        chosen = onnxruntime.SessionOptions()
        chosen.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(path, chosen, ["CPUExecutionProvider"])
    (given,) = session.get_inputs()

    def run(pixels: Tensor) -> Tensor:
        image = pixels.permute(0, 3, 1, 2).float().div_(255).contiguous()
        return torch.from_numpy(session.run(None, {given.name: image.numpy()})[0])

    return run


def folder(options: argparse.Namespace) -> dict[str, Any]:
    """Decoder, network, ceiling, and what is reached, here and by timm's own loop."""
    encoder, paths = opened(options), photos(options)
    pixels = torch.stack([decode(path, encoder.preprocessing) for path in paths[:128]])
    encoder(pixels[:8])
    attempts: dict[str, Callable[[], Any]] = {
        "decode": partial(decoded, paths, Treatment.of(encoder.preprocessing)),
        "network": partial(encode, pixels, encoder),
        "bulk": partial(encode_files, paths, encoder),
        "timm": partial(timm_loop, options, paths, False),
        "timm, channels last, autocast": partial(timm_loop, options, paths, True),
    }
    seconds = best(attempts, options.n)
    count = {name: len(pixels) if name == "network" else len(paths) for name in attempts}
    rates = {name: round(count[name] / wall, 1) for name, (wall, _) in seconds.items()}
    work = {name: cpu / count[name] for name, (_, cpu) in seconds.items()}
    ceiling = 1 / (1 / rates["decode"] + 1 / rates["network"])
    by_work = (work["decode"] + work["network"]) / work["bulk"]
    return {
        "images": len(paths),
        "images_per_second": rates | {"ceiling": round(ceiling, 1)},
        "bulk_over_ceiling": round(rates["bulk"] / ceiling, 3),
        "bulk_over_ceiling_by_processor": round(by_work, 3),
        "processor_ms_an_image": {name: round(1000 * s, 2) for name, s in work.items()},
        "threads": options.threads,
        "n": options.n,
        "machine": machine(),
    }  # fmt: skip


def decoded(paths: list[Path], treatment: Treatment) -> int:
    with quiet():
        return sum(len(c.rows) for c in in_chunks(partial(decode_chunk, treatment), paths, CHUNK))


def timm_loop(options: argparse.Namespace, paths: list[Path], fast: bool) -> Tensor:
    """As timm's documentation and validate.py have it: its transform, a DataLoader, batches of 32.

    fast: with the flags --channels-last and --amp that validate.py offers.
    """
    import timm
    from PIL import Image
    from timm.data.config import resolve_model_data_config
    from timm.data.transforms_factory import create_transform
    from torch.utils.data import DataLoader, Dataset

    name = options.spec.partition(":")[2]
    network = timm.create_model(name, num_classes=0).eval()
    body: Any = opened(options).network.body
    network.load_state_dict(body.state_dict())
    if fast:
        network = channels_last(network)
    transform = create_transform(**resolve_model_data_config(network))

    class Photos(Dataset[Tensor]):
        def __len__(self) -> int:
            return len(paths)

        def __getitem__(self, row: int) -> Tensor:
            return transform(Image.open(paths[row]).convert("RGB"))

    loader = DataLoader(Photos(), 32, num_workers=2)
    features = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=fast):
        for image in loader:
            layout = torch.channels_last if fast else torch.contiguous_format
            features.append(network(image.contiguous(memory_format=layout)).float())
    return torch.cat(features)


def probe(options: argparse.Namespace) -> dict[str, Any]:
    """Accuracy of a logistic regression over standardised features, five folds, by precision."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    paths = photos(options)
    label = [path.parent.name for path in paths]
    exact, fast = opened(options, "float32"), opened(options)
    pixels = torch.stack([decode(path, exact.preprocessing) for path in paths])
    features = {"float32": encode(pixels, exact), "fast": encode(pixels, fast)}
    unfolded = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for rows in pixels.split(8):
            unfolded.append(fast.network(rows.permute(0, 3, 1, 2).float().div(255)).float())
    features["bfloat16, not folded"] = torch.cat(unfolded)
    scores = {}
    for name, feature in features.items():
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
        folds = [
            cross_val_score(
                model,
                feature.numpy(),
                label,
                cv=StratifiedKFold(5, shuffle=True, random_state=seed),
            )
            for seed in range(options.seed, options.seed + 3)
        ]
        scores[name] = [round(100 * float(fold.mean()), 2) for fold in folds]
    cosine = torch.nn.functional.cosine_similarity(features["fast"], features["float32"])
    return {
        "images": len(paths),
        "accuracy_by_seed": scores,
        "mean": {name: round(sum(values) / len(values), 2) for name, values in scores.items()},
        "cosine_to_float32": {
            "mean": round(cosine.mean().item(), 5),
            "least": round(cosine.min().item(), 5),
        },
        "precision": fast.precision.name,
        "machine": machine(),
    }


def opened(options: argparse.Namespace, precision: Any = "auto") -> encoders.Encoder:
    return encoders.find(options.spec, options.weights, torch.device("cpu"), precision)


def photos(options: argparse.Namespace) -> list[Path]:
    if options.photos is None:
        sys.exit("a folder of photos is missing: name it after what is measured")
    return sorted(options.photos.rglob("*.jpg"))[: options.images]


def best(attempts: dict[str, Callable[[], Any]], n: int) -> dict[str, tuple[float, float]]:
    """The least seconds of each, by the clock and of the processor, over n rounds."""
    least = {name: (float("inf"), float("inf")) for name in attempts}
    for _ in range(n):
        for name, attempt in attempts.items():
            before, began = processor(), time.perf_counter()
            attempt()
            wall, cpu = time.perf_counter() - began, processor() - before
            least[name] = min(least[name][0], wall), min(least[name][1], cpu)
    return least


def processor() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
