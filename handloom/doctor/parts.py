"""Optional parts and weights: what is here, and what brings the rest."""

from importlib import import_module, metadata
from pathlib import Path

from handloom.doctor.check import Check, stumbled
from handloom.errors import UserError
from handloom.extras import EXTRAS


def part(name: str, _: Path) -> Check:
    """Whether the libraries of an extra are installed, and can be imported."""
    group, extra = "optional parts", EXTRAS[name]
    if extra.missing:
        remedy = f"pip install {' '.join(extra.missing)}"
        return Check(group, name, "missing", f"{extra.adds}: not installed", remedy)
    try:
        for module in extra.libraries.values():
            import_module(module)
    except Exception as error:  # a library that is damaged, or was built for another one
        text, remedy = stumbled(error)
        remedy = remedy or f"pip install --force-reinstall {' '.join(extra.libraries)}"
        return Check(group, name, "failed", f"{extra.adds}: {text}", remedy)
    versions = ", ".join(f"{library} {metadata.version(library)}" for library in extra.libraries)
    return Check(group, name, "works", f"{extra.adds}: {versions}")


def weights(name: str, _: Path) -> Check:
    """Whether published weights are here, on this machine or in its data folder."""
    from handloom.bundles import find_item

    item = find_item(name)
    try:
        place = item.here()
    except UserError as error:
        return Check("weights", name, "failed", str(error))
    if place is None:
        text = "not here: downloaded when they are first used"
        return Check("weights", name, "missing", text, f"handloom fetch {name}")
    return Check("weights", name, "works", str(place))
