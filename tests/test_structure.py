"""Who may know whom, and that jobs are told apart by their record alone."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from .package_code import FILES, MODULES, PACKAGE, listed, parsed, room

# Room or top-level file -> the rooms it may import from, itself apart; read from bottom to top.
SHARED = {
    "errors",
    "wording",
    "waiting",
    "extras",
    "config",
    "runs",
    "engine",
    "models",
    "objectives",
}
SHARED |= {"metrics", "data", "reports", "display", "division"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "wording": set(),
    "waiting": set(),
    "extras": {"errors"},
    "config": {"errors", "wording"},
    "runs": {"errors"},
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
    "encoders": SHARED - {"reports", "display"},
    "search": SHARED | {"encoders"},
    "jobs": SHARED | {"encoders", "handloom"},
    "export": SHARED | {"encoders", "jobs", "handloom"},
    "comparison": SHARED | {"encoders", "search", "jobs"},
    "bundles": SHARED | {"encoders", "jobs"},
    "doctor": SHARED | {"encoders", "jobs", "bundles", "handloom"},
    "api": SHARED | {"encoders", "search", "jobs", "comparison", "export", "bundles"},
    "handloom": {"api", "errors"},  # the package itself
    "cli": SHARED
    | {"encoders", "search", "jobs", "comparison", "export", "bundles", "doctor"}
    | {"api", "studio", "handloom"},
    "studio": SHARED | {"search", "jobs", "api", "handloom"},
    "__main__": {"cli"},
}
OBJECTIVES_KNOW = {"handloom.engine.objective", "handloom.engine.ema"}
TORCH_ALONE = ("engine", "models", "objectives", "foundations")
CALLBACKS = "handloom.engine.callbacks."  # they print and log, with rich and TensorBoard
OTHER_MEANINGS = {"clip"}  # numbers and gradients are clipped, and a library is called so
JOBS_MAY_BORROW = {"training", "images", "classification", "generation"}  # shared, inside jobs/
SLOW = {"torchvision", "sklearn", "pandas", "torchmetrics", "matplotlib", "tensorboard"}
SLOW |= {"transformers"}
SLOW |= {"timm", "huggingface_hub"}


def imports(tree: ast.AST, typed: bool = True) -> Iterator[tuple[str, int]]:
    """Names of imported modules with their lines; `typed`: those for type checking alone too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typed:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in MODULES else node.module or "", node.lineno)
        yield from imports(node, typed)


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


def test_rooms_know_only_whom_they_may() -> None:
    offenders = []
    for name, path in MODULES.items():
        here = room(name)
        for other, line in own_imports(path):
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


def test_a_job_knows_no_other_job() -> None:
    def job(name: str) -> str | None:
        parts = name.split(".")
        is_inside = parts[:2] == ["handloom", "jobs"] and len(parts) > 3
        return parts[2] if is_inside else None

    offenders = []
    for name, path in MODULES.items():
        for other, line in own_imports(path):
            mine, theirs = job(name), job(other)
            if mine and theirs and theirs not in {mine, *JOBS_MAY_BORROW}:
                offenders.append(f"{path}:{line} {mine} must not know {theirs} ({other})")
    listed(offenders)


def names_in_choices(node: ast.AST) -> Iterator[str]:
    """Texts that `node` compares with, matches, looks up or has as keys."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.Dict):
        parts = [key for key in node.keys if key is not None]
    elif isinstance(node, ast.MatchValue):
        parts = [node.value]
    elif isinstance(node, ast.Subscript):
        parts = [node.slice]
    elif isinstance(node, ast.Set):
        parts = node.elts
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        parts = node.args if node.func.attr in ("get", "pop", "startswith") else []
    for part in parts:
        for leaf in part.elts if isinstance(part, ast.Tuple | ast.List | ast.Set) else [part]:
            if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                yield leaf.value


def test_jobs_are_told_apart_by_their_record_alone() -> None:
    """No code outside a job's own folder compares with its name, or has a table keyed by it."""
    folders = {path.parent.name for path in PACKAGE.glob("jobs/*/__init__.py")} - JOBS_MAY_BORROW
    jobs = {folder.replace("_", "-") for folder in folders} - OTHER_MEANINGS
    offenders = []
    for path in FILES:
        place = path.relative_to(PACKAGE)
        if place.as_posix() == "jobs/__init__.py":  # the one table of jobs
            continue
        own = {place.parts[1].replace("_", "-")} if place.parts[0] == "jobs" else set[str]()
        verbs = {"stylize", "filter"} if place.parts[0] == "cli" else set[str]()  # of the same name
        for node in ast.walk(parsed(path)):
            for name in set(names_in_choices(node)) & (jobs - own - verbs):
                line = node.lineno if isinstance(node, ast.expr | ast.pattern) else 0
                offenders.append(f"{path}:{line} tells the job '{name}' apart by name")
    listed(offenders)


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
