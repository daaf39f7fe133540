"""Train the golden runs and record what they say: `python -m tests.golden.make JOB...`.

A golden run is kept as it is: later versions must open it. A new format gets new runs beside it.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import handloom
from tests.golden import on_encoder

HERE = Path(__file__).parent
KEPT = ("config.json", "networks.safetensors", "status.json", "metrics.jsonl", "evaluation.json")
ON_ENCODER = "classifier-on-encoder"
DRAWING = ("autoencoder", "vae", "gan")
TEXT = "Return a new list of the strings in the file, or None if there is no such file.\n"
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "classifier": ("digits", {"network": "mlp", "epochs": 8}),
    "char-rnn": (
        "pydoc",
        {
            "cell": "gru",
            "hidden": 44,
            "embedding": 12,
            "characters": 100_000,
            "epochs": 8,
            "batch": 8,
            "dropout": 0.0,
        },
    ),
    "text-classifier": (
        "pydoc",
        {
            "network": "cnn",
            "bayes": False,
            "tfidf": False,
            "vocab_size": 300,
            "embedding": 16,
            "hidden": 12,
            "epochs": 15,
            "lr": 5e-3,
        },
    ),
    "autoencoder": ("digits", {"network": "dense", "width": 32, "latent_dim": 2, "epochs": 30}),
    "vae": (
        "digits",
        {"network": "dense", "width": 32, "latent_dim": 2, "epochs": 20, "conditional": True}
        | {"importance_samples": 10},
    ),
    "filter": ("stripe", {"preset": "tutorial", "start": "0.0068,-0.1873"}),
    "gan": ("digits", {"width": 8, "latent_dim": 16, "epochs": 30, "augment": "none"}),
    "simclr": ("digits", {"width": 8, "projection": 8, "epochs": 6}),
}


def main() -> None:
    for job in sys.argv[1:] or [*JOBS, "stylize", ON_ENCODER]:
        if job == ON_ENCODER:
            on_encoder.make(HERE / job)
            _write_said(HERE / job)
            continue
        if job == "stylize":
            _stopped_painting(HERE / job)
            _write_said(HERE / job)
            continue
        data, options = JOBS[job]
        options = options | {"precision": "float32", "device": "cpu"}
        with tempfile.TemporaryDirectory() as folder:
            run = handloom.train(job, data, out=Path(folder) / "run", quiet=True, **options)
            target = HERE / job
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            for name in KEPT:
                shutil.copy(run.path / name, target / name)
        if job in ("classifier", "simclr", *DRAWING):
            _digit(target / "digit.png")
        _write_said(target)


def record(path: Path) -> dict[str, Any]:
    """What a golden run says of fixed inputs."""
    job = json.loads((path / "config.json").read_text(encoding="utf-8"))["job"]
    if job == "stylize":
        return {"colours": _painted_on(path)}
    if (path / "layout.json").exists():
        return on_encoder.record(path)
    run = handloom.open(path)
    if job == "filter":
        kernel = run.evaluate()["kernel"]
        return {f"kernel {i}": value for i, value in enumerate(kernel[0])}
    if job == "classifier":
        return run.predict(str(path / "digit.png"))[0] | {"input": "digit.png"}
    if job == "simclr":
        vector = handloom.encoder(path)(path / "digit.png").tolist()
        return {"vector": {f"v{i}": round(value, 5) for i, value in enumerate(vector, 1)}}
    if job == "text-classifier":
        return run.predict(TEXT.strip())[0]
    if isinstance(run, handloom.GenerativeRun):
        return _drawn(run, path)
    assert isinstance(run, handloom.LanguageModelRun)
    (sample,) = run.sample(prefix="Return", length=60, temperature=0.0)
    return {"sample": sample}


def _drawn(run: handloom.GenerativeRun, path: Path) -> dict[str, Any]:
    """The image of a latent, as the brightness of its rows, and the latent of an image."""
    label = "7" if run.config["conditional"] else None
    given = [0.5 - i % 3 / 2 for i in range(run.config["latent_dim"])]
    (image,) = run.sample(latent=given, label=label).float() / 255
    found: dict[str, Any] = {
        "rows": {str(i): round(row.mean().item(), 5) for i, row in enumerate(image)}
    }
    if run.config["job"] != "gan":
        latent = run.encode(path / "digit.png", label).latent[0]
        found["latent"] = {f"z{i}": round(z, 5) for i, z in enumerate(latent.tolist(), 1)}
    return found


def _write_said(target: Path) -> None:
    said = json.dumps(record(target), indent=1, ensure_ascii=False)
    (target / "said.json").write_text(said + "\n", encoding="utf-8")


def _stopped_painting(target: Path) -> None:
    """A painting stopped half-way; the folder it lay in is HERE in its config.json."""
    from handloom.engine.loop import Callback, Fit
    from handloom.jobs.training.stages import Stages

    class Stop(Callback):
        def step(self, fit: Fit) -> None:
            if fit.progress.step == 6:
                fit.progress.interrupted = True

    made = Stages._fit

    def stopping(stages: Stages, *given: Any) -> Fit:
        fit = made(stages, *given)
        fit.callbacks.insert(0, Stop())
        return fit

    Stages._fit = stopping  # type: ignore[method-assign]
    options: dict[str, Any] = {"network": "random", "size": 24, "scales": 1, "iterations": 12}
    options |= {"optimizer": "adam", "precision": "float32", "device": "cpu"}
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    photo, painting = _images(target)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        out = target / "out.png"
        handloom.stylize(photo, painting, out, run=run, quiet=True, **options)
        for name in ("config.json", "status.json", "metrics.jsonl", "networks.safetensors"):
            if (run / name).exists():
                shutil.copy(run / name, target / name)
        shutil.copytree(run / "checkpoint", target / "checkpoint")
    text = (target / "config.json").read_text(encoding="utf-8")
    (target / "config.json").write_text(text.replace(str(target), "HERE"), encoding="utf-8")


def _painted_on(path: Path) -> list[float]:
    """The stopped painting taken up in another folder: mean colours of twelve parts of it."""
    from handloom.data.images.photo import Opened

    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(path, run)
        config = (run / "config.json").read_text(encoding="utf-8")
        config = config.replace("HERE", run.as_posix())
        (run / "config.json").write_text(config, encoding="utf-8")
        handloom.resume(run, quiet=True)
        image = Opened(run / "out.png").at(24, 32)
        parts = image.unflatten(3, (4, 8)).unflatten(2, (3, 8)).mean((3, 5))
    return [round(value, 4) for value in parts.flatten().tolist()]


def _images(folder: Path) -> tuple[Path, Path]:
    """A tower between sky and ground, and slanted strokes."""
    from PIL import Image

    image = Image.new("RGB", (48, 36), (90, 150, 230))
    image.paste((60, 110, 50), (0, 22, 48, 36))
    image.paste((150, 60, 50), (20, 7, 26, 30))
    image.save(folder / "photo.png")
    image = Image.new("RGB", (40, 40))
    strokes = ((220, 40, 20), (240, 220, 60))
    image.putdata([strokes[(x + y) % 9 < 4] for y in range(40) for x in range(40)])
    image.save(folder / "painting.png")
    return folder / "photo.png", folder / "painting.png"


def _digit(path: Path) -> None:
    """A seven of eight by eight pixels."""
    from PIL import Image

    rows = (
        "        ",
        "  ####  ",
        "     #  ",
        "    ##  ",
        "   ###  ",
        "    #   ",
        "   ##   ",
        "   #    ",
    )
    image = Image.new("L", (8, 8))
    image.putdata([240 if mark == "#" else 0 for row in rows for mark in row])
    image.save(path)


if __name__ == "__main__":
    main()
