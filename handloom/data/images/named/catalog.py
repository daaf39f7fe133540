"""The named sets: where they lie, how they are read, where they are downloaded from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.data.io.fetch import Remote

if TYPE_CHECKING:
    from handloom.data.images.unpacked import Splits

MIB = 1 << 20

# Names of classes, in the order of their labels.
TEN_DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
SYLLABLES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LARGER_THINGS = (
    "airplane",
    "bird",
    "car",
    "cat",
    "deer",
    "dog",
    "horse",
    "monkey",
    "ship",
    "truck",
)
TEN_OF_IMAGENET = (
    "tench", "English springer", "cassette player", "chain saw", "church",
    "French horn", "garbage truck", "gas pump", "golf ball", "parachute",
)  # fmt: skip
_FINE = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom
oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake
spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
FINE_THINGS = tuple(_FINE.split())


@dataclass(frozen=True)
class Named:
    """A named set: its classes, its folder below $HANDLOOM_DATA, and its reader.

    `read` None means class folders of images, unpacked from `remotes`, in torchvision's layout.
    """

    classes: tuple[str, ...]
    folder: str
    read: Callable[[Path], Splits] | None
    remotes: tuple[Remote, ...] = ()
    is_slow: bool = False  # to read, so that the cache keeps it


# Readers need torch and names do not, so each is imported when it reads.


def _read_digits(folder: Path) -> Splits:
    from handloom.data.images.named.digits import read_digits

    return read_digits(folder)


def _read_idx(folder: Path) -> Splits:
    from handloom.data.images.named.idx import read_idx_folder

    return read_idx_folder(folder, labelled=True)


def _read_cifar10(folder: Path) -> Splits:
    from handloom.data.images.named.cifar import read_cifar10

    return read_cifar10(folder / "cifar-10-batches-py")


def _read_cifar100(folder: Path) -> Splits:
    from handloom.data.images.named.cifar import read_cifar100

    return read_cifar100(folder / "cifar-100-python")


def _read_svhn(folder: Path) -> Splits:
    from handloom.data.images.named.binary import read_svhn

    return read_svhn(folder)


def _read_stl10(folder: Path) -> Splits:
    from handloom.data.images.named.binary import read_stl10

    return read_stl10(folder / "stl10_binary")


def _idx_remotes(mirrors: tuple[str, ...], *md5s: str) -> tuple[Remote, ...]:
    files = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
             "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")  # fmt: skip
    return tuple(
        Remote(tuple(f"{mirror}{file}.gz" for mirror in mirrors), md5, 64 * MIB, file)
        for file, md5 in zip(files, md5s, strict=True)
    )


def _cifar_remote(name: str, md5: str, unpacks: str) -> tuple[Remote, ...]:
    return (Remote((f"https://www.cs.toronto.edu/~kriz/{name}",), md5, 256 * MIB, unpacks),)


# URLs and md5 as published by torchvision.
CATALOG: dict[str, Named] = {
    "digits": Named(TEN_DIGITS, "", _read_digits),
    "mnist": Named(
        TEN_DIGITS, "MNIST/raw", _read_idx,
        _idx_remotes(
            ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
            "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "fashion-mnist": Named(
        CLOTHES, "FashionMNIST/raw", _read_idx,
        _idx_remotes(
            ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    ),
    "kmnist": Named(
        SYLLABLES, "KMNIST/raw", _read_idx,
        _idx_remotes(
            ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134",
        ),
    ),
    "cifar10": Named(
        THINGS, "", _read_cifar10,
        _cifar_remote("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a",
                      "cifar-10-batches-py"),
        is_slow=True,
    ),
    "cifar100": Named(
        FINE_THINGS, "", _read_cifar100,
        _cifar_remote("cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85",
                      "cifar-100-python"),
        is_slow=True,
    ),
    "svhn": Named(
        TEN_DIGITS, "", _read_svhn,
        (
            Remote(("http://ufldl.stanford.edu/housenumbers/train_32x32.mat",),
                   "e26dedcc434d2e4c54c9b2d4a06d8373", 256 * MIB, "train_32x32.mat"),
            Remote(("http://ufldl.stanford.edu/housenumbers/test_32x32.mat",),
                   "eb5a983be6a315427106f1b164d9cef3", 128 * MIB, "test_32x32.mat"),
        ),
    is_slow=True,
    ),
    "stl10": Named(
        LARGER_THINGS, "", _read_stl10,
        (Remote(("http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",),
                "91f7769df0f17e558f3565bffb0c7dfb", 3072 * MIB, "stl10_binary"),),
    is_slow=True,
    ),
    "eurosat": Named(
        (), "eurosat", None,
        (Remote(("https://huggingface.co/datasets/torchgeo/eurosat/resolve/"
                 "c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip",),
                "c8fa014336c82ac7804f0398fcb19387", 128 * MIB, "2750"),),
    ),
    "imagenette": Named(
        TEN_OF_IMAGENET, "", None,
        (Remote(("https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",),
                "e793b78cc4c9e9a4ccc0c1155377a412", 128 * MIB, "imagenette2-160"),),
    ),
}  # fmt: skip
