"""Both networks of a CLIP run as files: their vectors are those of search."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from handloom.export.write import export
from handloom.jobs.clip.encoder import Words, text_vectors
from handloom.jobs.loading import load


@pytest.mark.usefixtures("quick_exports")
def test_images_and_words_meet_outside(clip_run: Path, tmp_path: Path) -> None:
    image, text = export(clip_run, out=tmp_path / "clip.onnx")
    names = [each.path.name for each in (image, text)]
    assert names == ["clip-image-encoder.onnx", "clip-text-encoder.onnx"]
    assert image.agreement.checked_on.startswith("images of its ")
    assert text.agreement.checked_on.startswith("captions of its ")
    session = onnxruntime.InferenceSession(str(text.path))
    run = load(clip_run, "cpu")
    for words in (["a red bar above"], ["blue", "a red bar below"]):
        tokens, length = Words(run)(words)
        given = {"tokens": tokens.numpy(), "length": length.numpy()}
        (vector,) = session.run(None, given)
        np.testing.assert_allclose(vector, text_vectors(run, words), atol=1e-4)
