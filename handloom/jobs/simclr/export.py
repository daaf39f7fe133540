"""What a SimCLR run ships: its encoder, without the projection."""

from handloom.jobs.images.program import check_images, encoder_program
from handloom.jobs.loading import Loaded
from handloom.jobs.program import Program
from handloom.jobs.simclr.records import Record


def export(run: Loaded[Record]) -> list[Program]:
    """Images to vectors of length 1, as `embed` and `index` make them."""
    image, _, about = check_images(run)
    return [encoder_program(run.networks["network"], run.config["preprocessing"], image, about)]
