"""Every module of the package is tested: by its mirror in tests/, by a test that imports it, or
through the file that is named here, which runs what the module is for."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "handloom"
EXEMPT = {"handloom.__main__"}  # run by engine/callbacks/test_interrupt.py

THROUGH = {
    "handloom.api": "jobs/training/test_lifecycle.py",
    "handloom.cli.commands": "cli/test_main.py",
    "handloom.cli.commands.compare": "comparison/test_compare.py",
    "handloom.comparison": "comparison/test_compare.py",
    "handloom.data.images": "data/images/test_load.py",
    "handloom.data.images.drawing": "data/images/drawing/test_grid.py",
    "handloom.data.images.listing": "data/images/listing/test_folder.py",
    "handloom.data.images.named": "data/images/test_load.py",
    "handloom.export": "export/test_write.py",
    "handloom.data.io.parallel": "data/images/test_load.py",
    "handloom.data.io.progress": "data/images/test_load.py",
    "handloom.data.io.weights": "jobs/gan/test_evaluator_published.py",
    "handloom.display.images": "jobs/vae/test_demo.py",
    "handloom.data.text.reader": "encoders/test_compiling_texts.py",
    "handloom.encoders.pixels": "encoders/test_opening.py",
    "handloom.encoders.records": "encoders/test_opening.py",
    "handloom.jobs.autoencoder": "jobs/generation/test_autoencoding.py",
    "handloom.jobs.char_rnn": "jobs/char_rnn/test_build.py",
    "handloom.jobs.classifier": "jobs/classifier/test_build.py",
    "handloom.jobs.filter": "jobs/filter/test_photos.py",
    "handloom.jobs.clip": "jobs/clip/test_training.py",
    "handloom.jobs.classification": "jobs/classification/test_evaluation.py",
    "handloom.jobs.images": "jobs/images/test_contents.py",
    "handloom.jobs.training": "jobs/training/test_lifecycle.py",
    "handloom.jobs.gan": "jobs/gan/test_build.py",
    "handloom.jobs.generation": "jobs/generation/test_verbs.py",
    "handloom.jobs.pages": "jobs/classifier/test_report.py",
    "handloom.jobs.program": "export/test_write.py",
    "handloom.jobs.results": "jobs/generation/test_verbs.py",
    "handloom.jobs.run": "jobs/generation/test_verbs.py",
    "handloom.jobs.simclr": "jobs/simclr/test_build.py",
    "handloom.jobs.stylize": "jobs/stylize/test_stylize.py",
    "handloom.jobs.text_classifier": "jobs/text_classifier/test_build.py",
    "handloom.jobs.vae": "jobs/generation/test_autoencoding.py",
    "handloom.metrics.interval": "jobs/classifier/test_data.py",
    "handloom.models.image.features": "jobs/images/test_encoding.py",
    "handloom.metrics.pretrained_features": "jobs/gan/test_evaluator_published.py",
    "handloom.reports": "jobs/generation/test_report.py",
    "handloom.runs.records": "runs/test_overview.py",
    "handloom.search.columns": "search/test_texts.py",
    "handloom.search.database": "search/test_store.py",
    "handloom.cli.commands.map": "search/test_map.py",
    "handloom.search.map": "search/test_map.py",
    "handloom.search.matrix": "search/test_store.py",
    "handloom.cli.commands.examples": "search/test_evaluation.py",
    "handloom.cli.commands.index": "cli/commands/test_search.py",
    "handloom.search.milvus_collection": "search/test_milvus.py",
    "handloom.encoders.clip_texts": "encoders/test_clip.py",
    "handloom.search.opening": "search/test_refresh.py",
    "handloom.search.places": "search/test_index.py",
    "handloom.search.queries": "search/test_index.py",
    "handloom.search.ranking": "search/test_store.py",
    "handloom.search.rows": "search/test_store.py",
    "handloom.search.contents": "search/test_refresh.py",
    "handloom.search.scan": "search/test_refresh.py",
    "handloom.search.schema": "search/test_index.py",
    "handloom.cli.commands.serve": "studio/test_serving.py",
    "handloom.cli.commands.studio": "studio/test_pages.py",
    "handloom.data.text.literal": "studio/test_worker.py",
    "handloom.jobs.classifier.explain": "studio/test_worker.py",
    "handloom.reports.marked": "jobs/classification/test_explanations.py",
    "handloom.runs.lock": "runs/test_directory.py",
    "handloom.studio.app": "studio/test_security.py",
    "handloom.studio.index_actions": "studio/test_search.py",
    "handloom.studio.openapi": "studio/test_serving.py",
    "handloom.studio.routes": "studio/test_pages.py",
    "handloom.studio.state": "studio/test_security.py",
    "handloom.studio.workers": "studio/test_pages.py",
    "handloom.search.sheet": "cli/commands/test_search.py",
}
"""A module, or a folder whose modules are parts of one thing -> the test that runs it."""


def module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """Modules that a test names in its import statements."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_run(name: str) -> bool:
    """Whether the module, or the folder it is in, is run by a test that is named above."""
    return name in THROUGH or name.rpartition(".")[0] in THROUGH


def test_what_is_named_exists() -> None:
    for name, test in THROUGH.items():
        place = PACKAGE.parent.joinpath(*name.split("."))
        assert place.is_dir() or place.with_suffix(".py").exists(), name
        assert (TESTS / test).exists(), test


def test_every_module_is_tested() -> None:
    named = {name for path in TESTS.rglob("*.py") for name in imported(path)}
    untested = [
        module(path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
        and module(path) not in named | EXEMPT
        and not is_run(module(path))
        and not (TESTS / path.relative_to(PACKAGE).with_name(f"test_{path.name}")).exists()
    ]
    assert not untested, "\n" + "\n".join(untested)
