"""Images a user names for a run that encodes them."""

from collections.abc import Iterable

from handloom.data.images.inputs import Inputs
from handloom.jobs.image_data import ImageReadingOptions, read_inputs, require_readable
from handloom.jobs.loading import Loaded

__all__ = ["Inputs", "read"]


def read(run: Loaded, inputs: Iterable[str], options: ImageReadingOptions | None = None) -> Inputs:
    """All images that are named, as `read_inputs` gives them.

    Raises UserError for what does not exist, and where no image can be read.
    """
    return require_readable(read_inputs(run, inputs, options))
