"""What a worker answers, called in this process; that it is one of its own, test_pages sees."""

from pathlib import Path

import pytest

import handloom
from handloom.errors import UserError
from handloom.studio import worker
from tests.studio.conftest import GOLDEN


def test_predict_and_explain_images(digits_run: Path) -> None:
    run = handloom.open(digits_run)
    image = (GOLDEN / "classifier" / "digit.png").read_bytes()
    records = worker.predict(run, images=[image, b"no image"])
    assert "input" not in records[0]
    assert records[0]["label"] in run.config["classes"]
    assert "error" in records[1]
    explained = worker.explain(run, images=[image])[0]
    assert explained["label"] == records[0]["label"]
    assert explained["heated"].startswith(b"\x89PNG")


def test_a_text_is_never_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    run = handloom.open(GOLDEN / "text-classifier")
    records = worker.predict(run, texts=[str(secret), "-"])
    assert [record["input"] for record in records] == [str(secret), "-"]
    secrets = worker.explain(run, texts=[str(secret)])[0]["words"]
    assert "the" not in {word[0] for word in secrets}
    words = worker.explain(run, texts=["a class has methods"])[0]["words"]
    assert [word[0] for word in words] == ["a", "class", "has", "methods"]
    assert any(word[1] for word in words)


def test_samples_reconstructions_and_walks() -> None:
    run = handloom.open(GOLDEN / "vae")
    made = worker.sample(run, count=3, seed=1)
    assert isinstance(made, dict)
    assert len(made["images"]) == len(made["latents"]) == 3
    again = worker.sample(run, latent=",".join(map(str, made["latents"][0])), label="0")
    assert isinstance(again, dict)
    assert len(again["images"]) == 1
    image = (GOLDEN / "vae" / "digit.png").read_bytes()
    rebuilt = worker.reconstruct(run, images=[image], label="3")
    assert rebuilt["error"] > 0
    walk = worker.interpolate(run, images=[image, image], label="3", frames=4)
    assert len(walk["images"]) == 5
    seeds = worker.interpolate(handloom.open(GOLDEN / "gan"), ends=["1", "2"], frames=3)
    assert len(seeds["images"]) == 4


def test_texts_come_in_parts() -> None:
    parts = worker.sample(handloom.open(GOLDEN / "char-rnn"), prefix="The", length=5)
    assert len("".join(parts)) == 5


def test_images_of_the_runs_data(digits_run: Path) -> None:
    run = handloom.open(digits_run)
    assert set(worker.thumbnails(run, ["test/3", "train/0", "nothing"])) == {"test/3", "train/0"}
    with pytest.raises(UserError, match="are not images"):
        worker.thumbnails(handloom.open(GOLDEN / "text-classifier"), ["x"])
