"""Training CLIP: on captions from scratch, on class names over another run, and what it is for."""

import shutil
from pathlib import Path

import pytest
import torch

import handloom
from handloom.jobs.clip.captions import TEMPLATES


def test_captions_find_images_and_images_captions(clip_run: Path) -> None:
    run = handloom.open(clip_run)
    evaluation = run.evaluation
    assert evaluation is not None
    assert evaluation["captions"] == 12  # six places and colours, in two sentences
    assert evaluation["image_to_text_1"] > 0.8
    assert evaluation["text_to_image_1"] > 0.8
    assert "accuracy" not in evaluation
    assert run.evaluate()["recall"] == pytest.approx(evaluation["recall"], abs=1e-4)
    page = (clip_run / "report.html").read_text(encoding="utf-8")
    assert "Words find images" in page
    assert "bar above" in page


def test_it_is_an_encoder_of_images_and_of_words(
    clip_run: Path, pairs: Path, tmp_path: Path
) -> None:
    encoder = handloom.encoder(clip_run)
    image = encoder(pairs.parent / "0.png")
    right, wrong = encoder.texts(["a red bar above", "a blue bar below"]) @ image
    assert right > wrong
    index = handloom.index(pairs, store=tmp_path / "store", encoder=clip_run)
    found = index.search("a green bar below", 5, duplicates="show").results
    assert all(each.own["caption"] == "a green bar below" for each in found)
    assert index.search("a Purple bar").unknown == ("Purple",)
    with pytest.raises(handloom.UserError, match="no word of 'zebra' is in the captions"):
        index.search("zebra")
    with pytest.raises(handloom.UserError, match="no word of 'zebra'"):
        encoder.texts(["red", "zebra"])
    known = torch.stack([encoder.texts("red bar"), encoder.texts("red zebra bar")])
    assert torch.allclose(known[0], known[1], atol=1e-5)  # a word that is not known is passed over


def test_the_network_of_another_run_learns_too_where_that_is_asked_for(
    class_run: Path, shapes: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    start = class_run.parent / "classifier"
    run = handloom.train("clip", shapes, out=tmp_path / "run", network=str(start), tune="all",
                         epochs=1, quiet=True)  # fmt: skip
    before = load_file(start / "networks.safetensors")
    after = load_file(run.path / "networks.safetensors")
    key = "stem.convolution.weight"
    assert not torch.equal(before[f"network/{key}"], after[f"network/image.network.{key}"])
    head = "head.weight"  # which no vector depends on
    assert torch.equal(before[f"network/{head}"], after[f"network/image.network.{head}"])
    with pytest.raises(handloom.UserError, match="both say what to begin with"):
        handloom.train("clip", shapes, out=tmp_path / "both", from_run=start, network="resnet")


def test_class_names_make_captions_over_another_run(class_run: Path, shapes: Path) -> None:
    run = handloom.open(class_run)
    assert run.config["templates"] == list(TEMPLATES)
    assert run.config["options"]["tune"] == "head"
    assert run.evaluation is not None
    assert run.evaluation["accuracy"] == 1
    shutil.rmtree(class_run.parent / "classifier", ignore_errors=True)  # all it needs is its own
    found = run.predict([shapes / "red" / "0.png"], labels="green, red")[0]
    assert (found["label"], found["probability"] > 0.5) == ("red", True)
    assert set(found["probabilities"]) == {"green", "red"}
    default = run.predict([shapes / "blue" / "0.png"])[0]
    assert default["label"] == "blue"
    with pytest.raises(handloom.UserError, match="no word of 'zebra'"):
        run.predict([shapes / "red" / "0.png"], labels="red,zebra")
    with pytest.raises(handloom.UserError, match="give two or more that differ"):
        run.predict([shapes / "red" / "0.png"], labels="red")


def test_other_data_are_evaluated_too(
    clip_run: Path, pairs: Path, shapes: Path, tmp_path: Path
) -> None:
    run = handloom.open(clip_run)
    assert run.evaluate(pairs) == run.evaluate()  # its own data: what was held out
    assert run.evaluate(shapes)["captions"] == 3
    head, *rows = pairs.read_text("utf-8").split("\n")
    for path in sorted(pairs.parent.glob("?.png")):
        shutil.copy(path, tmp_path)
    some = [row for row in rows if (tmp_path / row.partition(",")[0]).exists()]
    (tmp_path / "some.csv").write_text("\n".join([head, *some]))
    other = run.evaluate(tmp_path / "some.csv")
    assert other["images"] + other["trained_on"] == 10
    assert 0 < other["images"] < 10


def test_the_same_seed_gives_the_same_bits_and_a_run_goes_on(
    pairs: Path, clip_run: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short"
    handloom.train("clip", pairs, out=short, epochs=2, size=16, quiet=True, text="bag",
                   validation=0.0)  # fmt: skip
    again = tmp_path / "again"
    handloom.train("clip", pairs, out=again, epochs=2, size=16, quiet=True, text="bag",
                   validation=0.0)  # fmt: skip
    first, second = ((path / "networks.safetensors").read_bytes() for path in (short, again))
    assert first == second
    resumed = handloom.resume(short, epochs=3, quiet=True)
    assert resumed.metrics[-1]["epoch"] == 3
    begun = handloom.train("clip", pairs, out=tmp_path / "begun", epochs=1, size=16, quiet=True,
                           from_run=clip_run)  # fmt: skip
    assert "of" in begun.config["from"]
