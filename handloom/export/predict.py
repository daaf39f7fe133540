"""Predict with a classifier in a file, by NumPy, Pillow and ONNX Runtime; imports no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.export.runtime import OnnxModel
from handloom.jobs.results import Predictions

if TYPE_CHECKING:
    from handloom.runs.learned import Learned


def predict(
    model: OnnxModel,
    inputs: Sequence[str],
    options: Mapping[str, object],
    learned: Learned | None = None,
) -> Predictions:
    """One record an input, as `predict` of the run gives them.

    options: those of the job's verb. learned: what the run was trained on.
    Raises UserError for a file that is not a classifier, and as the verb does.
    """
    if not _is_classifier(model):
        if "kernel" in model.known:
            raise UserError(
                f"{model.path} is a filter: apply it with "
                f"'handloom filter IMAGE --kernel {model.path} --out OUT'"
            )
        outputs = ", ".join(port["name"] for port in model.known["outputs"])
        raise UserError(
            f"{model.path} is the {model.known['part']} of a run and gives {outputs}: predict "
            "needs a classifier; its card says how to call it"
        )
    checked = _checked(model, options)
    if _sees_images(model):
        from handloom.export.images import predict_images

        return predict_images(model, inputs, checked, learned)
    from handloom.export.texts import predict_texts

    return predict_texts(model, inputs, checked, learned)


def are_few(
    model: OnnxModel, inputs: Sequence[str], options: Mapping[str, object], most: int
) -> bool:
    """Whether the inputs are seen to be at most so many before any is read.

    Raises UserError as `predict` does.
    """
    if _sees_images(model):
        from handloom.export import images

        return images.are_few(model, inputs, _checked(model, options), most)
    from handloom.export import texts

    return texts.are_few(inputs, most)


def _checked(model: OnnxModel, options: Mapping[str, object]) -> Any:
    from handloom.config import check
    from handloom.jobs import find_job

    verb = find_job(model.known["job"]).verb("predict")
    assert verb.options is not None
    return check(verb.options, options)


def _sees_images(model: OnnxModel) -> bool:
    return bool(model.known["inputs"][0]["name"] == "pixels")


def _is_classifier(model: OnnxModel) -> bool:
    return bool(model.known["outputs"][0]["name"] == "probabilities")
