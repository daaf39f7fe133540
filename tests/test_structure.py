"""Who may know whom, and that jobs are told apart by their record alone."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .package_code import FILES, MODULES, PACKAGE, listed, parsed, room

# Room or top-level file -> the rooms it may import from, itself apart; the lowest first.
SHARED = {"errors", "wording", "waiting", "extras", "config", "runs"}
SHARED |= {"engine", "models", "objectives", "metrics", "division", "data", "reports", "display"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "wording": set(),
    "waiting": set(),
    "extras": {"errors"},
    "config": {"errors", "wording"},
    "runs": {"errors", "wording"},
    "foundations": set(),  # to be read: knows nobody, and nobody knows it
    "engine": {"errors", "runs"},  # callbacks write into the run directory
    "models": {"errors"},
    "division": set(),
    "metrics": {"errors", "division"},
    "objectives": {"errors", "engine", "metrics"},  # networks come in as arguments
    # Files are written as those of runs are.
    "data": {"errors", "wording", "extras", "runs", "division"},
    "reports": {"errors", "wording", "metrics", "data", "runs", "division"},
    "display": {"errors", "wording", "waiting", "engine", "models", "metrics", "runs", "jobs"},
    "encoders": {"errors", "wording", "waiting", "extras", "runs", "data", "engine", "models"},
    "search": {"errors", "wording", "waiting", "extras", "runs", "data", "reports", "encoders"},
    "jobs": SHARED | {"encoders"},
    "export": SHARED - {"reports", "display"} | {"encoders", "jobs"},
    "comparison": SHARED | {"encoders", "search", "jobs"},
    "bundles": SHARED - {"reports", "display"} | {"encoders", "jobs"},
    "doctor": SHARED | {"encoders", "jobs", "bundles"},
    "api": SHARED | {"encoders", "search", "jobs", "comparison", "export", "bundles"},
    "handloom": {"api", "errors"},  # the package itself
    "cli": SHARED
    | {"encoders", "search", "jobs", "comparison", "export", "bundles", "doctor"}
    | {"api", "studio", "handloom"},
    "studio": {"errors", "wording", "config", "runs", "data", "search", "jobs", "api", "handloom"},
    "__main__": {"cli"},
}
OBJECTIVES_KNOW = {"handloom.engine.objective", "handloom.engine.ema"}
TORCH_ALONE = ("engine", "models", "objectives", "foundations")
CALLBACKS = "handloom.engine.callbacks."  # they print and log, with rich and TensorBoard
ARROWS_UP = {("display", "jobs")}  # it prints the results that jobs return
# Outside the folders of jobs, module -> the jobs it knows: it starts, exports, shows or fetches
# something that only they have.
KNOW_A_JOB = {
    "handloom.api": {"char_rnn"},
    "handloom.api.verbs": {"stylize", "filter"},
    "handloom.bundles.weights": {"stylize"},
    "handloom.cli.commands.look": {"clip"},
    "handloom.cli.commands.stylize": {"stylize"},
    "handloom.export.filtering": {"filter"},
    "handloom.export.texts": {"text_classifier"},
}
# File -> texts in it that are the name of a job and mean something else.
OTHER_MEANINGS = {
    "__init__.py": {"filter", "stylize"},  # functions, also below
    "api/__init__.py": {"filter", "stylize"},
    "cli/main.py": {"filter", "stylize"},  # verbs
    "cli/commands/filter.py": {"clip"},  # how values outside of [0, 1] are shown
    "jobs/filter/display.py": {"clip"},
    "jobs/filter/report.py": {"clip"},
    "jobs/text_classifier/unused.py": {"clip"},  # an option
    "jobs/text_classifier/export.py": {"classifier"},  # a part of what is exported
    "jobs/simclr/report.py": {"classifier"},  # a word of a command
    "encoders/names.py": {"clip", "simclr"},  # prefixes of encoders' names
    "export/licences.py": {"clip"},
    "extras.py": {"clip"},  # a library
    "encoders/torchvision.py": {"classifier"},  # a layer
    "objectives/autoencoder.py": {"autoencoder"},  # a phase
    "objectives/filtering.py": {"filter"},
}
SHARED_BY_JOBS = {"training", "images", "classification", "generation"}  # folders inside jobs/
JOBS = {path.parent.name for path in PACKAGE.glob("jobs/*/__init__.py")} - SHARED_BY_JOBS
SLOW = {"torchvision", "sklearn", "pandas", "matplotlib", "tensorboard"}
SLOW |= {"transformers"}
SLOW |= {"timm", "huggingface_hub"}


def imports(tree: ast.AST, typed: bool = True) -> Iterator[tuple[str, int]]:
    """Names of imported modules with their lines; `typed`: those for type checking alone too."""
    for node in ast.iter_child_nodes(tree):
        if not typed and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in MODULES else node.module or "", node.lineno)
        yield from imports(node, typed)


@cache
def own_imports(path: Path, typed: bool = True) -> list[tuple[str, int]]:
    return [(n, line) for n, line in imports(parsed(path), typed) if n.split(".")[0] == "handloom"]


def reads_version_alone(path: Path) -> bool:
    """`import handloom` for nothing but `handloom.__version__` knows nobody."""
    used = {
        node.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "handloom"
    }
    return used == {"__version__"}


def test_every_room_has_a_rule() -> None:
    listed([name for name in MODULES if room(name) not in ALLOWED])


DESIGN = PACKAGE.parent / "docs" / "design.md"


def test_every_name_at_the_top_has_its_line_in_the_design() -> None:
    """One line each, in the list under "Where things live"."""
    listing = DESIGN.read_text(encoding="utf-8").partition("## Where things live")[2]
    lines = re.findall(
        r"^    (\w+) {2,}\S", listing.partition("Jobs are vertical")[0], re.MULTILINE
    )
    top = {name.split(".")[1] for name in MODULES if "." in name} | {"__init__"}
    assert sorted(lines) == sorted(top)


def test_the_layers_of_the_design_are_those_of_the_imports() -> None:
    """An import goes down the table, or stays in its row."""
    table = DESIGN.read_text(encoding="utf-8").partition("| layer | may import |")[2]
    rows = re.findall(r"^\| (`[^|]*) \|", table.partition("\n\n")[0], re.MULTILINE)
    height = {name: -row for row, cell in enumerate(rows) for name in re.findall(r"`(\w+)`", cell)}
    assert set(height) == set(ALLOWED) - {"handloom", "__main__", "foundations"}
    listed(
        [
            f"{here} may import {there}, which is above it"
            for here, others in ALLOWED.items()
            for there in others
            if here in height and there in height and (here, there) not in ARROWS_UP
            if height[there] > height[here]
        ]
    )


def test_rooms_know_only_whom_they_may() -> None:
    offenders = []
    for name, path in MODULES.items():
        here = room(name)
        for other, line in [*own_imports(path), *named_modules(path)]:
            there = room(other)
            version = other == "handloom" and reads_version_alone(path)
            if there not in {here, *ALLOWED[here]} and not version:
                offenders.append(f"{path}:{line} {here} must not know {there} ({other})")
    listed(offenders)


def test_objectives_know_the_contract_alone() -> None:
    listed(
        [
            f"{path}:{line} {other}"
            for name, path in MODULES.items()
            if room(name) == "objectives"
            for other, line in own_imports(path)
            if room(other) == "engine" and other not in OBJECTIVES_KNOW
        ]
    )


@cache
def named_modules(path: Path) -> list[tuple[str, int]]:
    """Modules that a text names, as `Lazy("handloom.jobs.vae.verbs:sample")` does, with lines."""
    texts = (
        (node.value.partition(":")[0], node.lineno)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return [(name, line) for name, line in texts if name in MODULES and name != "handloom"]


def job_of(name: str) -> str | None:
    """The job in whose folder a module is; None for what is in none, or in a shared one."""
    parts = name.split(".")
    folder = parts[2] if parts[:2] == ["handloom", "jobs"] and len(parts) > 2 else None
    return folder if folder in JOBS else None


def test_a_job_is_known_in_its_own_folder_alone() -> None:
    """By import, or by a name to import when it is called; `jobs/__init__.py` is the table."""
    offenders = []
    for name, path in MODULES.items():
        known = {job_of(name), *KNOW_A_JOB.get(name, ())}
        for other, line in [*own_imports(path), *named_modules(path)]:
            job = job_of(other)
            if job is not None and job not in known and name != "handloom.jobs":
                offenders.append(f"{path}:{line} must not know the job {job} ({other})")
    listed(offenders)


def test_jobs_that_are_known_elsewhere_still_are() -> None:
    listed(
        [
            f"{name} does not know {job}: take it out of KNOW_A_JOB"
            for name, jobs in KNOW_A_JOB.items()
            for job in jobs - {job_of(other) for other, _ in own_imports(MODULES[name])}
        ]
    )


def test_jobs_are_told_apart_by_their_record_alone() -> None:
    """No code outside a job's own folder has its name: nothing compares with it, or is keyed by
    it."""
    offenders = []
    for path in FILES:
        place = path.relative_to(PACKAGE)
        if place.as_posix() == "jobs/__init__.py":  # the one table of jobs
            continue
        own = {place.parts[1]} if place.parts[0] == "jobs" else set[str]()
        names = {job.replace("_", "-") for job in JOBS - own}
        names -= OTHER_MEANINGS.get(place.as_posix(), set())
        offenders += [f"{path}:{line} '{text}'" for text, line in named(path) if text in names]
    listed(offenders)


def named(path: Path) -> Iterator[tuple[object, int]]:
    """All constants, and keys of a table that are written as keywords."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant):
            yield node.value, node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
            words = [word.arg for word in node.keywords if word.arg != "clip"]  # an option
            yield from ((word, node.lineno) for word in words)


def test_engine_and_networks_need_torch_alone() -> None:
    known = {"torch", "handloom", *sys.stdlib_module_names}
    listed(
        [
            f"{path}:{line} {other}"
            for name, path in MODULES.items()
            if room(name) in TORCH_ALONE and not name.startswith(CALLBACKS)
            for other, line in imports(parsed(path))
            if other.split(".")[0] not in known
        ]
    )


def test_what_is_slow_to_import_is_imported_where_it_is_used() -> None:
    offenders = []
    for path in FILES:
        for node in parsed(path).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                wrapper = ast.Module([node], [])
                offenders += [
                    f"{path}:{line} {other}"
                    for other, line in imports(wrapper)
                    if other.split(".")[0] in SLOW
                ]
    listed(offenders)


def test_no_circles() -> None:
    """Of files, imports for types and inside functions included."""
    graph = {
        name: {other for other, _ in own_imports(path) if other != "handloom"} - {name}
        for name, path in MODULES.items()
    }
    done: set[str] = set()
    circles: list[str] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circles.append(" -> ".join((*way[way.index(name) :], name)))
        elif name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())
    listed(circles)
