"""ResNet-18: the published number of parameters, shapes, and its two stems."""

import pytest
import torch

from handloom.models.image.resnet18 import ResNet18


def test_it_has_the_published_size() -> None:
    """torchvision's ResNet-18 has 11,689,512 parameters with its 1,000 classes."""
    network = ResNet18((224, 224, 3), 1000)
    assert sum(p.numel() for p in network.parameters()) == 11_689_512


@pytest.mark.parametrize(("side", "maps"), [(32, 4), (64, 8), (96, 3)])
def test_small_images_keep_their_size_in_the_stem(side: int, maps: int) -> None:
    network = ResNet18((side, side, 3), 7, width=8).eval()
    image = torch.rand(2, 3, side, side)
    assert network.stages(network.stem(image)).shape[2:] == (maps, maps)
    assert network.features(image).shape == (2, 64)
    assert network(image).shape == (2, 7)


def test_it_equals_torchvision() -> None:
    from torchvision.models import resnet18

    torch.manual_seed(0)
    theirs, ours = resnet18().eval(), ResNet18((96, 96, 3), 1000, mean=(0.0,), std=(1.0,)).eval()
    state = {key: value for key, value in ours.state_dict().items()
             if not key.startswith("normalize.")}  # fmt: skip
    known = list(theirs.state_dict().values())
    # Both list the shortcut of a block last, and the head at the end.
    assert [v.shape for v in state.values()] == [v.shape for v in known]
    ours.load_state_dict(dict(zip(state, known, strict=True)), strict=False)
    image = torch.rand(2, 3, 96, 96)
    torch.testing.assert_close(ours(image), theirs(image))
