"""Whole images in and out of files: read at a size, written in the format of their name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from handloom.data.images.decode import GREY, decode_whole
from handloom.errors import UserError
from handloom.runs.files import written_whole

if TYPE_CHECKING:
    from torch import Tensor

WRITTEN = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")

SECONDS = 6  # of an animation


class Opened:
    """An image at its own size, and what a person should know of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.image, header = decode_whole(path)
        self.notes = []
        if header.is_transparent:
            self.notes.append(f"{path} is transparent in places: it lies over white")
        if header.mode in GREY:
            self.notes.append(f"{path} is greyscale: it is taken as an image without colours")

    @property
    def short_side(self) -> int:
        """Pixels."""
        return min(self.image.size)

    def at(self, height: int, width: int) -> Tensor:
        """(1, 3, height, width) in [0, 1], antialiased."""
        import torch

        scaled = self.image.resize((width, height), Image.Resampling.LANCZOS)
        pixels = torch.from_numpy(np.array(scaled))  # (H, W, 3)
        return pixels.permute(2, 0, 1)[None].float() / 255

    def sized(self, short_side: int) -> tuple[int, int]:
        """Height and width with that short side, in this image's proportions."""
        width, height = self.image.size
        scale = short_side / min(width, height)
        return max(1, int(height * scale + 1e-6)), max(1, int(width * scale + 1e-6))


def check_writable(path: Path) -> None:
    """A UserError, before hours are spent, where an image cannot be written to `path`."""
    if path.suffix.lower() not in WRITTEN:
        raise UserError(
            f"'{path}' is not the name of an image: it must end in {', '.join(WRITTEN)}"
        )
    if not path.absolute().parent.is_dir():
        raise UserError(f"the folder of '{path}' does not exist: make it, or choose another --out")


def to_image(pixels: Tensor) -> Image.Image:
    """(1, 3 or 1, H, W) in [0, 1] as an image of 8 bits."""
    values = (pixels[0].detach().clamp(0, 1) * 255 + 0.5).byte().cpu()
    rows = values.permute(1, 2, 0).contiguous().numpy()
    return Image.fromarray(rows[:, :, 0] if rows.shape[2] == 1 else rows)


def write(pixels: Tensor, path: Path) -> None:
    """Write (1, 3, H, W) in [0, 1] to `path`, whole or not at all."""
    _save(to_image(pixels), path)


def save_pixels(pixels: np.ndarray[Any, np.dtype[np.uint8]], path: Path) -> None:
    """Write uint8 (1 or 3, H, W) to `path`, whole or not at all; imports no torch."""
    rows = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    _save(Image.fromarray(rows[:, :, 0] if rows.shape[2] == 1 else rows), path)


def _save(image: Image.Image, path: Path) -> None:
    with written_whole(path) as part:
        image.save(part, format=_format(path), **_quality(path))


def write_frames(images: list[Path], path: Path) -> None:
    """Images as one animation of about six seconds, .gif or .mp4 (needs the program ffmpeg)."""
    if not images:
        raise UserError(f"there are no frames to write to {path}: give more --iterations")
    pause = max(20, min(500, round(1000 * SECONDS / len(images))))  # ms
    if path.suffix.lower() == ".mp4":
        _film(images, path, 1000 / pause)
        return
    frames = [_opened(p) for p in images]
    frames = [f if f.size == frames[-1].size else f.resize(frames[-1].size) for f in frames]
    frames = [f.quantize(256, Image.Quantize.MEDIANCUT) for f in frames]
    pauses = [pause] * (len(frames) - 1) + [1500]
    with written_whole(path) as part:
        frames[0].save(
            part, format="GIF", save_all=True, append_images=frames[1:], duration=pauses, loop=0
        )


def check_frames(path: Path) -> None:
    """A UserError where an animation cannot be written to `path`."""
    import shutil

    if path.suffix.lower() not in (".gif", ".mp4"):
        raise UserError(f"--frames {path}: the name must end in .gif or .mp4")
    if path.suffix.lower() == ".mp4" and shutil.which("ffmpeg") is None:
        raise UserError(
            f"'{path}' needs the program ffmpeg, which is not installed: install it, or name a .gif"
        )
    if not path.absolute().parent.is_dir():
        raise UserError(f"the folder of '{path}' does not exist: make it, or choose another one")


def _film(images: list[Path], path: Path, fps: float) -> None:
    import shutil
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        last = _opened(images[-1])
        even = (last.width // 2 * 2, last.height // 2 * 2)  # what H.264 asks for
        for i, image in enumerate(images):
            _opened(image).resize(even).save(Path(folder) / f"{i:06d}.png")
        command = [shutil.which("ffmpeg") or "ffmpeg", "-y", "-loglevel", "error"]
        command += ["-framerate", f"{fps:.3f}", "-i", f"{folder}/%06d.png"]
        command += ["-pix_fmt", "yuv420p", "-f", "mp4"]
        with written_whole(path) as part:
            done = subprocess.run([*command, str(part)], capture_output=True, text=True)
            if done.returncode:
                raise UserError(f"ffmpeg could not write {path}: {done.stderr.strip()[:200]}")


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _format(path: Path) -> str:
    kinds = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF"}
    return kinds.get(path.suffix.lower(), path.suffix[1:].upper())


def _quality(path: Path) -> dict[str, int]:
    return {"quality": 95} if path.suffix.lower() in (".jpg", ".jpeg", ".webp") else {}
