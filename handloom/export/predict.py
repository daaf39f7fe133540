"""Predict with an exported classifier, by NumPy, Pillow and ONNX Runtime; imports no torch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handloom.errors import UserError
from handloom.export.runtime import OnnxModel
from handloom.jobs.results import Predictions


def predict(model: OnnxModel, inputs: Iterable[str], options: dict[str, Any]) -> Predictions:
    """One record an input, as `predict` of the run gives them.

    options: those of the job's verb. Raises UserError for a file that is not a classifier, and as
    the verb does.
    """
    from handloom.config import check
    from handloom.jobs import find_job

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
    verb = find_job(model.known["job"]).verb("predict")
    assert verb.options is not None
    checked: Any = check(verb.options, options)
    if model.known["inputs"][0]["name"] == "pixels":
        from handloom.export.images import predict_images

        return predict_images(model, list(inputs), checked)
    from handloom.export.texts import predict_texts

    return predict_texts(model, list(inputs), checked)


def _is_classifier(model: OnnxModel) -> bool:
    return bool(model.known["outputs"][0]["name"] == "probabilities")
