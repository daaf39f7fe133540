"""What a server offers, as OpenAPI 3.1 describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handloom.jobs.job import Job
from handloom.studio.forms import fields

TYPES = {"whole": "integer", "number": "number", "switch": "boolean"}
ERROR = {
    "description": "What is wrong, in a sentence.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
IMAGE = {"image/*": {"schema": {"type": "string", "format": "binary"}}}


def description(name: str, job: Job | None, paths: Sequence[str]) -> dict[str, Any]:
    """The document for a run of a job, or for an index where job is None."""
    made = {"/predict": _predict, "/sample": _sample}
    described = {path: {"post": _search() if job is None else made[path](job)} for path in paths}
    described["/health"] = {"get": _operation("Whether it answers", None, {"type": "object"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1", "description": job.summary if job else "an index"},
        "paths": described,
        "components": {"schemas": {"Error": _object({"error": {"type": "string"}})}},
    }


def _predict(job: Job) -> dict[str, Any]:
    is_text = job.verbs["predict"].takes == "text"
    field = {"text": {"type": "string"}} if is_text else {
        "image": {"type": "string", "contentEncoding": "base64"}}  # fmt: skip
    body = {"application/json": {"schema": _object(field)}} | ({} if is_text else IMAGE)
    number = {"type": "number"}
    record = {
        "label": {"type": ["string", "null"]}, "probability": number,
        "probabilities": {"type": "object", "additionalProperties": number},
        "top": {"type": "array", "items": _object({"label": {"type": "string"},
                                                   "probability": number})},
        "abstained": {"type": "boolean"}, "note": {"type": "string"},
    }  # fmt: skip
    made = _operation(f"Predict the class of {'a text' if is_text else 'an image'}", body,
                      {"type": "object", "properties": record})  # fmt: skip
    made["parameters"] = [
        {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 1}},
        {"name": "abstain_below", "in": "query", "schema": number | {"minimum": 0, "maximum": 1}},
    ]
    return made


def _sample(job: Job) -> dict[str, Any]:
    options = job.verbs["sample"].options
    known = fields(options) if options is not None else []
    properties = {
        field["name"]: {"type": TYPES.get(field["kind"], "string"), "description": field["help"]}
        for field in known
    }
    body = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    return _operation("Generate images or texts", body, {"type": "object"})


def _search() -> dict[str, Any]:
    properties = {
        "id": {"type": "integer"}, "words": {"type": "string"}, "random": {"type": "boolean"},
        "k": {"type": "integer"}, "where": {"type": "string"},
        "min_score": {"type": ["string", "number"]},
    }  # fmt: skip
    body = {"application/json": {"schema": {"type": "object", "properties": properties}}} | IMAGE
    return _operation("Images that are alike", body, {"type": "object"})


def _operation(summary: str, body: Any, answer: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    made: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": {"description": "The answer.", "content": content},
                      "400": ERROR, "503": ERROR},
    }  # fmt: skip
    return made if body is None else made | {"requestBody": {"required": True, "content": body}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
