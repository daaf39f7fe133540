"""A search by words in a fresh process, compiled for ONNX Runtime and by torch.

    python -m benchmarks.compiled_words PHOTOS [--n 5]

PHOTOS are indexed by open_clip's ViT-B-32 with weights at random, which is saved in open_clip's own
layout; then words are asked for, with the compiled network and without it, in turns: median seconds
by the clock and of processor, and the most memory of one. Before that, what compiling costs of what
reads words and of what reads images: seconds of processor, and memory added in MB.
"""

import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from benchmarks.arguments import parser_of
from benchmarks.compiled import ask, in_turns, peak
from handloom.encoders.compiling import compile_images, compile_texts
from handloom.encoders.opening import find


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--n", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["HANDLOOM_CACHE"] = f"{folder}/cache"
        clip, store = clip_at_random(folder / "clip"), f"{folder}/photos.index"
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            for cost in pool.submit(costs, clip).result():
                print(json.dumps(cost), flush=True)
        words = ["index", str(given.photos), "--store", store, "--encoder", str(clip)]
        ask(words, os.environ["HANDLOOM_CACHE"])
        in_turns(["search", store, "a photo of a red dress"], folder, given.n)


def clip_at_random(folder: Path) -> Path:
    """ViT-B-32 as open_clip saves it, of one seed."""
    from open_clip.factory import get_model_config
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    folder.mkdir()
    sizes = get_model_config("ViT-B-32")
    about = {"model_cfg": sizes, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(about), "utf-8")
    torch.manual_seed(0)
    state = CLIP(**sizes).state_dict()
    kept = {name: value.clone() for name, value in state.items()}
    save_file(kept, folder / "open_clip_model.safetensors")
    return folder


def costs(folder: Path) -> list[dict[str, object]]:
    """What compiling either side of a CLIP costs."""
    encoder = find(f"clip:{folder}", None, torch.device("cpu"), "float32")
    assert encoder.text is not None
    encoder.texts(["some words"])
    encoder(torch.zeros(1, *encoder.preprocessing["size"], 3, dtype=torch.uint8))
    known = list[dict[str, object]]()
    for side in ("texts", "images"):
        before, began = peak(), time.process_time()
        made = (
            compile_images(encoder)
            if side == "images"
            else compile_texts(encoder.fingerprint, encoder.text)
        )
        assert made is not None, side
        took, added = round(time.process_time() - began, 1), round(peak() - before)
        known.append({"side": side, "seconds of processor": took, "megabytes added": added})
    return known


if __name__ == "__main__":
    main()
