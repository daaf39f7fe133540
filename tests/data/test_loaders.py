"""Sources: the same tensors at every step, an order that can be repeated."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data import loaders
from handloom.data.loaders import EmptyLoader, InMemoryLoader


def resident(count: int = 23, batch: int = 5, **more: object) -> InMemoryLoader:
    image = torch.arange(count * 12, dtype=torch.uint8).view(count, 2, 2, 3)
    return InMemoryLoader({"image": image, "label": torch.arange(count)}, batch, **more)  # type: ignore[arg-type]


def labels(source: InMemoryLoader, epoch: int = 0, start: int = 0) -> list[list[int]]:
    return [batch["label"].tolist() for batch in source.batches(epoch, start)]


def test_addresses_stay_over_epochs() -> None:
    source = resident()
    places = {
        tuple((n, t.data_ptr(), t.shape, t.stride()) for n, t in batch.items())
        for epoch in range(3)
        for batch in source.batches(epoch)
    }
    assert len(places) == 1


def test_images_are_floats_of_the_right_rows_and_layout() -> None:
    source = resident()
    for batch in source.batches(2):
        expected = source.fields["image"][batch["label"]].permute(0, 3, 1, 2).float() / 255
        assert torch.equal(batch["image"], expected)
        assert batch["image"].is_contiguous(memory_format=torch.channels_last)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 40),
    batch=st.integers(1, 50),
    seed=st.integers(0, 2**64 - 1),
    epoch=st.integers(0, 1000),
    shuffle=st.booleans(),
)
def test_an_epoch_has_no_row_twice_and_starts_anywhere(
    count: int, batch: int, seed: int, epoch: int, shuffle: bool
) -> None:
    source = resident(count, batch, seed=seed, shuffle=shuffle)
    found = labels(source, epoch)
    rows = [row for batch in found for row in batch]
    assert len(found) == source.steps
    assert len(set(rows)) == len(rows)
    assert len(rows) == (source.steps * source.batch_size if shuffle else count)
    start = source.steps // 2
    assert labels(source, epoch, start) == found[start:]


def test_order_depends_on_seed_and_epoch_alone() -> None:
    first = labels(resident(seed=3), 4)
    torch.rand(7)
    assert labels(resident(seed=3), 4) == first
    assert labels(resident(seed=3), 5) != first
    assert labels(resident(seed=4), 4) != first
    before = torch.get_rng_state()
    labels(resident(seed=3), 6)
    assert torch.equal(before, torch.get_rng_state())


def test_in_order_the_rest_is_the_last_batch() -> None:
    found = labels(resident(shuffle=False))
    assert [row for batch in found for row in batch] == list(range(23))
    assert [len(batch) for batch in found] == [5, 5, 5, 5, 3]


def test_memory_mapped_rows_are_gathered_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "image.bin"
    expected = resident()
    path.write_bytes(expected.fields["image"].numpy().tobytes())
    mapped = torch.from_file(str(path), size=23 * 12, dtype=torch.uint8).view(23, 2, 2, 3)
    source = InMemoryLoader({"image": mapped, "label": torch.arange(23)}, 5, memory_share=0.0)
    assert source.fields["image"].data_ptr() == mapped.data_ptr()
    for mine, theirs in zip(source.batches(1), expected.batches(1), strict=True):
        assert torch.equal(mine["image"], theirs["image"])


def test_steps_are_empty_batches() -> None:
    assert list(EmptyLoader(3).batches(0)) == [{}, {}, {}]
    assert list(EmptyLoader(3).batches(5, start=2)) == [{}]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_batches_are_made_on_the_device(share: float) -> None:
    source = resident(device=torch.device("cuda"), memory_share=share)
    for mine, theirs in zip(source.batches(1), resident().batches(1), strict=True):
        assert mine["image"].device.type == "cuda"
        # A card multiplies by 1 / 255, so that the last bit may differ.
        torch.testing.assert_close(mine["image"].cpu(), theirs["image"], rtol=2**-23, atol=0)


def test_only_what_fits_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The meta device stands for a card whose free memory is known; it computes nothing."""
    monkeypatch.setattr(loaders, "free_memory", lambda device: 1000.0)
    meta = torch.device("meta")
    small, large = torch.zeros(10, dtype=torch.uint8), torch.zeros(600, dtype=torch.uint8)
    assert InMemoryLoader({"row": small}, 5, meta).fields["row"].device == meta
    assert InMemoryLoader({"row": large}, 5, meta).fields["row"].device.type == "cpu"


def test_rows_are_drawn_by_their_weight_and_alike_every_time() -> None:
    weight = torch.zeros(23)
    weight[3], weight[20] = 1.0, 3.0
    source = resident(weight=weight, seed=1)
    drawn = [row for epoch in range(60) for batch in labels(source, epoch) for row in batch]
    assert set(drawn) == {3, 20}
    assert 0.65 < drawn.count(20) / len(drawn) < 0.85  # 1,200 draws, of which 900 are expected
    assert labels(source, 7) == labels(resident(weight=weight, seed=1), 7)
    assert labels(source, 7) != labels(source, 8)
    assert labels(source, 7, start=2) == labels(source, 7)[2:]


def test_images_may_lie_among_others() -> None:
    image = torch.arange(8, dtype=torch.uint8).view(8, 1, 1, 1).expand(8, 2, 2, 3).contiguous()
    fields = {"image": image, "label": torch.tensor([10, 11, 12])}
    source = InMemoryLoader(fields, 2, shuffle=False, image_row=torch.tensor([5, 1, 7]))
    seen = [(b["label"].tolist(), (b["image"][:, 0, 0, 0] * 255).round().tolist())
            for b in source.batches(0)]  # fmt: skip
    assert (source.examples, source.steps) == (3, 2)
    assert seen == [([10, 11], [5, 1]), ([12], [7])]
