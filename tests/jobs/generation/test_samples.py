"""Drawing: which images are kept, and that the training does not notice."""

import io
from collections.abc import Callable

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.precision import Precision
from handloom.jobs.generation.generate import generate
from handloom.jobs.generation.samples import WriteSamples
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]
FLOAT32 = Precision(torch.device("cpu"), None)


def fixed() -> Tensor:
    return torch.arange(10 * 4 * 4, dtype=torch.uint8).reshape(10, 4, 4, 1)


def names(run: RunDirectory) -> set[str]:
    return {path.name for path in (run.path / "samples").iterdir()}


def test_round_epochs_and_the_last_are_drawn_of_the_others_every_nth(
    build: Build, run: RunDirectory
) -> None:
    Fit(build(61), [WriteSamples(run, fixed)]).run()
    wanted = {1, 2, 5, 10, 20, 50, *range(4, 61, 4), 61}
    assert names(run) == {f"epoch-{n}.png" for n in wanted}


class EndAfter(Callback):
    """As patience ends a stage: when the callbacks of the job have seen the epoch."""

    def __init__(self, epoch: int) -> None:
        self.last = epoch

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        fit.progress.stop = "no better" if fit.progress.epoch == self.last else None


def test_the_last_epoch_of_a_training_that_ends_early_is_drawn(
    build: Build, run: RunDirectory
) -> None:
    samples = WriteSamples(run, fixed)
    Fit(build(12), [samples, EndAfter(4)]).run()
    assert "epoch-4.png" in names(run)
    (run.path / "samples" / "epoch-4.png").unlink()
    interrupted = Fit(build(12), [samples])
    interrupted.progress.epoch, interrupted.progress.within = 4, 1
    samples.finish(interrupted)  # within epoch 5: the images are not of the end of an epoch
    assert "epoch-4.png" not in names(run)


def test_steps_are_drawn_where_asked_for(build: Build, run: RunDirectory) -> None:
    Fit(build(2), [WriteSamples(run, fixed, every=3)]).run()  # four steps an epoch
    assert names(run) == {"step-3.png", "step-6.png", "epoch-1.png", "epoch-2.png"}


def test_the_image_is_a_grid_of_sharp_pixels(build: Build, run: RunDirectory) -> None:
    Fit(build(1), [WriteSamples(run, fixed, columns=5)]).run()
    with Image.open(io.BytesIO((run.path / "samples/epoch-1.png").read_bytes())) as image:
        assert (image.mode, image.size) == ("L", (5 * 50 + 2, 2 * 50 + 2))
        assert image.getpixel((2, 2)) == image.getpixel((13, 13)) == 0
        assert image.getpixel((14, 2)) == 1


def test_the_training_is_the_same_to_the_bit(build: Build, run: RunDirectory) -> None:
    plain, watched = build(3), build(3)
    network = Stub()
    latent = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    Fit(plain).run()
    Fit(watched, [WriteSamples(run, lambda: generate(network, latent, FLOAT32), every=1)]).run()
    for one, other in zip(
        plain.objective.parameters(), watched.objective.parameters(), strict=True
    ):
        assert torch.equal(one, other)


@pytest.mark.filterwarnings("default")  # what tensorboard's own imports deprecate
def test_tensorboard_gets_the_images_and_the_scalars(build: Build, run: RunDirectory) -> None:
    Fit(build(2), [WriteSamples(run, fixed), TensorBoard(run)]).run()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(run.path))
    found.Reload()
    assert [event.step for event in found.Images("samples")] == [1, 2]
    assert "train/loss" in found.Tags()["scalars"]


class Stub(nn.Module):
    """A decoder with a batch norm, so that its mode matters."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2)

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.norm(latent).sigmoid()[:, None, :, None]


def test_drawing_leaves_modes_and_statistics_alone() -> None:
    network = Stub().train()
    latent = torch.randn(6, 2)
    first = generate(network, latent, FLOAT32, batch=4)
    assert first.shape == (6, 2, 1, 1)
    assert first.dtype == torch.uint8
    assert network.norm.training
    assert network.norm.num_batches_tracked == 0
    assert torch.equal(first[4:], generate(network, latent[4:], FLOAT32))
