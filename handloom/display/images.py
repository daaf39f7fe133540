"""Small images as characters, for the demo."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def art(pixels: "Tensor") -> list[str]:
    """A small grey image, uint8 (H, W, 1), as lines of block characters, two a pixel."""
    shades = " ░▒▓█"
    return ["".join(2 * shades[int(v) * 5 // 256] for v in row) for row in pixels[..., 0].tolist()]


def beside(blocks: list[list[str]], gap: int = 3) -> str:
    """Blocks of lines side by side."""
    height = max(len(block) for block in blocks)
    widths = [max(len(line) for line in block) for block in blocks]
    rows = (
        (" " * gap).join(
            (block[i] if i < len(block) else "").ljust(width)
            for block, width in zip(blocks, widths, strict=True)
        )
        for i in range(height)
    )
    return "\n".join(row.rstrip() for row in rows)
