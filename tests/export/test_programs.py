"""Every job ships its networks: the files say what the runs say, to a stranger's ten lines too."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

import handloom
from handloom.export.results import Exported
from handloom.export.write import export
from handloom.jobs import JOBS, find_job
from handloom.jobs.loading import load
from tests.test_readme import WRITTEN_WITH, fingerprint_of_pydoc

Golden = Callable[[str], Path]
Made = Callable[[str], list[Exported]]
TESTS = Path(__file__).parents[1]
PARTS = {
    "classifier": ["classifier"],
    "text-classifier": ["classifier"],
    "char-rnn": ["writer"],
    "autoencoder": ["decoder"],
    "vae": ["encoder", "decoder"],
    "gan": ["generator"],
    "simclr": ["encoder"],
    "filter": ["filter"],
}
NOT_EXPORTED = shutil.ignore_patterns("export")
ALONE = """
import sys
class Alone:
    def find_spec(self, name, *more):
        if name.partition(".")[0] in ("torch", "handloom"):
            raise ImportError(name)
sys.meta_path.insert(0, Alone())
"""


def has_its_data(path: Path) -> bool:
    """Whether the data that a run learned from are here: all but Python's documentation, which
    differs from version to version, are the same everywhere."""
    run = handloom.open(path)
    return run.config["data"] != "pydoc" or fingerprint_of_pydoc() == WRITTEN_WITH


def session(path: Path) -> Any:
    return onnxruntime.InferenceSession(str(path))


def test_a_job_exports_or_says_why_not() -> None:
    for name in JOBS:
        job = find_job(name)
        assert (job.export is None) == bool(job.no_export), name
        if job.export is not None:
            assert name in PARTS or (TESTS / "jobs" / name / "test_export.py").exists(), name


@pytest.mark.parametrize("job", PARTS)
def test_every_job_ships_its_parts(golden: Golden, exported: Made, job: str) -> None:
    made = exported(job)
    assert [each.part for each in made] == PARTS[job]
    for each in made:
        assert each.path.name == f"{each.part}.onnx"
        assert each.agreement.inputs >= 30
        assert "noise" not in each.agreement.checked_on
        assert ("random" in each.agreement.checked_on) is not has_its_data(golden(job))
        assert str(Path(handloom.__file__).parent).encode() not in each.path.read_bytes()


def test_latents_and_images_are_the_run_s_own(golden: Golden, exported: Made) -> None:
    """A conditional vae: its file encodes and decodes as its verbs do."""
    encoder, decoder = exported("vae")
    run = handloom.open(golden("vae"))
    assert isinstance(run, handloom.GenerativeRun)
    expected = run.encode(golden("vae") / "digit.png", "7")
    from PIL import Image

    pixels = np.asarray(Image.open(golden("vae") / "digit.png")).reshape(1, 8, 8, 1)
    label = np.array([7])
    latent, variance = session(encoder.path).run(None, {"pixels": pixels, "label": label})
    np.testing.assert_allclose(latent, expected.latent, atol=1e-4)
    assert expected.variance is not None
    np.testing.assert_allclose(variance, expected.variance, atol=1e-4)
    (image,) = session(decoder.path).run(None, {"latent": latent, "label": label})
    own = run.sample(latent=latent[0].tolist(), label="7").numpy()
    assert np.abs(image.astype(int) - own.astype(int)).max() <= 1


def test_a_text_is_written_character_by_character(golden: Golden, exported: Made) -> None:
    """Greedily, with the state going out and in, it writes what the run writes."""
    model = session(exported("char-rnn")[0].path)
    known = json.loads(model.get_modelmeta().custom_metadata_map["handloom"])
    vocabulary, state = known["vocabulary"], np.zeros(known["state"], np.float32)
    prefix, written = "Return", ""
    for character in prefix:
        given = {"token": np.array([vocabulary.index(character)]), "state": state}
        logits, state = model.run(None, given)
    for _ in range(60):
        written += vocabulary[int(logits[0].argmax())]
        given = {"token": np.array([vocabulary.index(written[-1])]), "state": state}
        logits, state = model.run(None, given)
    run = handloom.open(golden("char-rnn"))
    assert isinstance(run, handloom.LanguageModelRun)
    assert [prefix + written] == run.sample(prefix=prefix, length=60, temperature=0.0)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_cells_of_char_rnn(golden: Golden, tmp_path: Path, cell: str) -> None:
    """Other cells with weights at random, the plain one in our own kernel when it trains."""
    from safetensors.torch import save_file

    from handloom.jobs import find_job

    run = shutil.copytree(golden("char-rnn"), tmp_path / "run", ignore=NOT_EXPORTED)
    config = json.loads((run / "config.json").read_text("utf-8"))
    sizes = {"vocabulary": config["network"]["vocabulary"], "hidden": 6, "layers": 2}
    sizes |= {"embedding": None if cell == "rnn" else 5, "relu": False}
    config["network"] = sizes | {"cell": cell, "dropout": 0.1, "tied": False}
    (run / "config.json").write_text(json.dumps(config))
    network = find_job("char-rnn").networks(config)["network"]
    state = {f"network/{name}": value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, run / "networks.safetensors")
    (made,) = export(run, "pt2")
    assert made.agreement.inputs == 50


def test_the_features_of_a_classifier_as_an_encoder(golden: Golden, tmp_path: Path) -> None:
    out = tmp_path / "features.onnx"
    (made,) = handloom.export_run(handloom.open(golden("classifier")), out=out, part="encoder")
    (vector,) = session(made.path).run(None, {"pixels": np.full((3, 8, 8, 1), 200, np.uint8)})
    from PIL import Image

    Image.new("L", (8, 8), 200).save(tmp_path / "flat.png")
    expected = handloom.encoder(golden("classifier"))(tmp_path / "flat.png")
    np.testing.assert_allclose(vector, expected.expand(3, -1), atol=1e-4)


def test_the_ten_lines_of_every_card(golden: Golden, exported: Made, tmp_path: Path) -> None:
    """They run where neither torch nor handloom can be imported, and give the run's answers."""
    shutil.copy(golden("classifier") / "digit.png", tmp_path / "image.png")
    script = [ALONE]
    for number, job in enumerate(PARTS):
        for each in exported(job):
            name = f"{number}-{each.path.name}"
            shutil.copy(each.path, tmp_path / name)
            card = each.card.read_text(encoding="utf-8")
            (lines,) = re.findall(rf"```python\n([^`]*\"{each.path.name}\"[^`]*)```", card)
            script.append(f"print('# {job}')\n" + lines.replace(each.path.name, name))
    (tmp_path / "all.py").write_text("\n".join(script), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "all.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = dict(re.findall(r"# (\S+)\n(\S+)", done.stdout))
    image = handloom.open(golden("classifier")).predict(golden("classifier") / "digit.png")
    text = handloom.open(golden("text-classifier")).predict("some text")
    assert answers["classifier"] == image[0]["label"]
    assert text[0]["label"].startswith(answers["text-classifier"])
    assert len(done.stdout.partition("# char-rnn")[2].partition("# auto")[0]) >= 200


def test_the_page_shows_the_lines_of_the_card(exported: Made) -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(import json.*?)```", page, re.DOTALL)
    assert f"```python\n{lines}```" in exported("classifier")[0].card.read_text(encoding="utf-8")


def test_random_inputs_where_the_data_are_gone(golden: Golden, tmp_path: Path) -> None:
    """A run whose data were moved away says that it was checked on noise."""
    run = shutil.copytree(golden("classifier"), tmp_path / "run", ignore=NOT_EXPORTED)
    config = json.loads((run / "config.json").read_text("utf-8"))
    config |= {"data": "/gone/photos", "data_from_run": "../gone"}
    (run / "config.json").write_text(json.dumps(config))
    (made,) = export(run, "pt2")
    assert made.agreement.checked_on == "noise, since its data are not at hand"
    network = load(run, "cpu").networks["network"]
    with torch.no_grad():
        assert torch.isfinite(network(torch.rand(2, 1, 8, 8))).all()
