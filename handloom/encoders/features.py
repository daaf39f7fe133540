"""The cache of features: one image is encoded once by one encoder, in whatever set it comes again.

Features lie in a folder for each encoder, in parts that are written whole. A part is named by the
digest of its content, so that a damaged one is seen, and is then left out.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.data.io.cache import no_room
from handloom.data.io.digest import digest
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import cache_folder, limit_bytes, shrink
from handloom.encoders.bulk import Encoded, encode, encode_files
from handloom.encoders.compiling import fastest
from handloom.encoders.encoder import Encoder
from handloom.runs.files import write_whole

VERSION = "1"  # of what features are; a new one leaves older parts behind
PART = 1024  # images encoded between two writes
KEY = 16  # bytes of an image's digest
MOST_HEADER = 1 << 16  # bytes of a part's header, which has some hundreds


def of_images(
    images: Tensor, encoder: Encoder, report: ReportProgress | None = None, mirrored: bool = False
) -> Tensor:
    """Features float32 (N, D) of decoded images uint8 (N, H, W, C), from the cache where known.

    mirrored: of their mirror images. report: called with ("encoding", done, of so many unknown).
    """
    store, side = Store(encoder), "mirrored" if mirrored else "as it is"
    keys = [_pixel_key(image, side) for image in images]
    unknown = store.unknown(keys)
    # For all of them, also where a killed command has left some, so that these are as the others.
    run = fastest(encoder, len(images)) if unknown else None
    places = {key: row for row, key in enumerate(keys)}
    for start in range(0, len(unknown), PART):
        part = unknown[start : start + PART]
        pixels = images if len(part) == len(images) else images[[places[key] for key in part]]
        shifted = _shifted(report, start, len(unknown))
        store.add(part, encode(pixels, encoder, shifted, mirrored, run))
    return store.get(keys)


def of_files(
    paths: Sequence[Path],
    digests: Sequence[str],
    encoder: Encoder,
    report: ReportProgress | None = None,
) -> Encoded:
    """Features of image files, from the cache where their content is known.

    digests: of the files' content, "" of one that cannot be read, as `file_digests` makes them.
    """
    store = Store(encoder)
    keys = [_file_key(digest, row) for row, digest in enumerate(digests)]
    unknown = set(store.unknown(keys))
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    asked = [row for row, key in enumerate(keys) if key in unknown and first[key] == row]

    def keep(part: Encoded) -> None:
        store.add([keys[asked[row]] for row in part.rows], part.feature)

    run = fastest(encoder, len(paths)) if asked else None
    encoded = encode_files([paths[row] for row in asked], encoder, report, keep, PART, run)
    reasons = {keys[asked[row]]: reason for row, reason in encoded.broken}
    rows = [row for row, key in enumerate(keys) if key not in reasons]
    broken = [(row, reasons[key]) for row, key in enumerate(keys) if key in reasons]
    return Encoded(store.get([keys[row] for row in rows]), rows, broken)


class Store:
    """The features that an encoder made before, and a place for new ones.

    Of every part its keys are in memory; features are mapped, and read where they are asked for.
    """

    def __init__(self, encoder: Encoder) -> None:
        precision = encoder.precision
        key = digest(VERSION, encoder.fingerprint, precision.name, precision.device.type)
        self.folder, self.width = cache_folder() / f"features-{key}", encoder.width
        self.place: dict[bytes, tuple[Path, int]] = {}  # of an image: part, row
        self.parts: dict[Path, Tensor] = {}  # float32 (n, D), of parts that were checked
        with suppress(OSError):
            for path in sorted(self.folder.glob("*.safetensors")):
                self._open(path)

    def unknown(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those without features, each one time, in order; parts that hold others are checked."""
        for path in {self.place[key][0] for key in keys if key in self.place}:
            if path not in self.parts:
                self._check(path)
        return [key for key in dict.fromkeys(keys) if key not in self.place]

    def get(self, keys: Sequence[bytes]) -> Tensor:
        """Features float32 (N, D) of images that `unknown` was asked for, or that were added."""
        features = torch.empty(len(keys), self.width)
        rows: dict[Path, list[int]] = {}
        for row, key in enumerate(keys):
            rows.setdefault(self.place[key][0], []).append(row)
        for path, wanted in rows.items():
            places = torch.tensor([self.place[keys[row]][1] for row in wanted])
            features[wanted] = self.parts[path][places]
        return features

    def add(self, keys: Sequence[bytes], features: Tensor) -> None:
        """Keeps features float32 (n, D). Raises UserError where there is no room."""
        from safetensors.torch import save

        if not keys:
            return
        known = torch.frombuffer(bytearray(b"".join(keys)), dtype=torch.uint8).view(-1, KEY)
        content = save({"key": known, "feature": features.contiguous()})
        path = self.folder / f"{hashlib.blake2b(content, digest_size=KEY).hexdigest()}.safetensors"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
            (self.folder / "used").touch()
            shrink(cache_folder(), limit_bytes(), self.folder)
            self._open(path)
            self.parts[path] = _part(path).feature
        except OSError as error:
            raise no_room(error) from None

    def _open(self, path: Path) -> None:
        try:
            keys = _part(path).key.numpy().tobytes()
        except ValueError:
            path.unlink()
            return
        starts = range(0, len(keys), KEY)
        self.place |= {keys[at : at + KEY]: (path, row) for row, at in enumerate(starts)}

    def _check(self, path: Path) -> None:
        """Maps a part that is whole; removes a damaged one, and forgets what it held."""
        with suppress(OSError):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=KEY))
            if content.hexdigest() == path.stem:
                self.parts[path] = _part(path).feature
                (self.folder / "used").touch()
                return
            path.unlink()
        self.place = {key: place for key, place in self.place.items() if place[0] != path}


class CachedPart(NamedTuple):
    """A part's content, mapped from its file.

    key: uint8 (n, KEY), a row an image. feature: float32 (n, D).
    """

    key: Tensor
    feature: Tensor


TYPES = {"key": torch.uint8, "feature": torch.float32}


def _part(path: Path) -> CachedPart:
    """Raises ValueError where the file is not one that safetensors wrote here, or is cut off:
    https://github.com/huggingface/safetensors#format."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(min(length, MOST_HEADER))
    tensors = {}
    try:
        header = json.loads(text)
        # torch keeps no file open, of which a large set has more than may be.
        content = torch.from_file(str(path), shared=False, size=size, dtype=torch.uint8)
        for name, dtype in TYPES.items():
            start, end = (8 + length + place for place in header[name]["data_offsets"])
            tensors[name] = content[start:end].view(dtype).view(header[name]["shape"])
    except (TypeError, KeyError, RuntimeError) as error:
        raise ValueError(f"not a part: {path}") from error
    return CachedPart(**tensors)


def _pixel_key(image: Tensor, side: str) -> bytes:
    key = hashlib.blake2b(f"{tuple(image.shape)} {side}".encode(), digest_size=KEY)
    key.update(image.contiguous().numpy().data)
    return key.digest()


def _file_key(content: str, row: int) -> bytes:
    """content: the digest of a file; "" of one that cannot be read and is like no other."""
    name = f"file {content}" if content else f"unreadable {row}"
    return hashlib.blake2b(name.encode(), digest_size=KEY).digest()


def _shifted(report: ReportProgress | None, before: int, total: int) -> ReportProgress | None:
    """Progress of a part as that of the whole."""
    if report is None:
        return None
    return lambda what, done, _: report(what, before + done, total)
