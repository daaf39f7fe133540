"""From a name to what it fetches."""

from handloom.bundles.item import Fetchable
from handloom.bundles.kaggle import PREFIX as KAGGLE
from handloom.bundles.kaggle import kaggle
from handloom.bundles.sets import sets
from handloom.bundles.weights import STYLE, encoder, sentence, style
from handloom.data.io.names import canonical
from handloom.encoders.names import LIBRARIES
from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.wording import nearest

FORMS = "timm:NAME, torchvision:NAME, clip:NAME, sentence:NAME or kaggle:OWNER/NAME"
KINDS = {
    **dict.fromkeys(LIBRARIES, encoder),
    "sentence": sentence,
    KAGGLE.removesuffix(":"): kaggle,
}


def find_item(name: str) -> Fetchable:
    """What a name fetches; a UserError says what names there are."""
    kind, colon, rest = name.strip().partition(":")
    if colon:
        if kind.lower() in KINDS and rest:
            return KINDS[kind.lower()](f"{kind.lower()}:{rest.strip()}")
        raise UserError(f"'{name}' cannot be fetched: give a built-in name, {FORMS}")
    if name == STYLE:
        return style()
    known = sets()
    for key in known:
        if canonical(key) == canonical(name.strip()):
            return known[key]
    near = nearest(name, [*known, STYLE])
    hint = f"did you mean '{near}'? " if near else ""
    raise UserError(f"there is nothing called '{name}': {hint}names are "
                    f"{', '.join((*known, STYLE))}, {FORMS}")  # fmt: skip


def items() -> list[Fetchable]:
    """Everything that has a name of its own, and the weights that jobs are better with."""
    weights = dict.fromkeys(name for job in JOBS for name in find_job(job).weights)
    return [*sets().values(), *(find_item(name) for name in weights)]
