"""Which names there are, and what is said about one that there is not."""

import pytest

from handloom.bundles.known import find_item, items
from handloom.errors import UserError


def test_every_item_is_found_by_its_name() -> None:
    names = [item.name for item in items()]
    assert {"mnist", "cifar10", "rt-polarity", "glove.6B.50d", "vgg19"} <= set(names)
    assert len(set(names)) == len(names)
    for name in names:
        assert find_item(name).name == name


def test_names_are_read_as_elsewhere() -> None:
    assert find_item("Fashion_MNIST").name == "fashion-mnist"
    assert find_item(" TIMM:resnet18 ").name == "timm:resnet18"
    assert find_item("glove.6b.50D").name == "glove.6B.50d"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cifar", r"did you mean 'cifar10'\? names are digits"),
        ("qqqq", "there is nothing called 'qqqq': names are digits, mnist"),
        ("hub:resnet", "cannot be fetched: give a built-in name, timm:NAME"),
        ("timm:", "cannot be fetched"),
        ("kaggle:digikala", "not the name of a Kaggle data set: write kaggle:OWNER/NAME"),
        ("clip:laion/some-network", "a repository of the hub, which keeps it in a cache"),
        ("kaggle:../etc/passwd", "not the name of a Kaggle data set"),
        ("", "there is nothing called ''"),
    ],
)
def test_names_that_there_are_not(name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_item(name)
