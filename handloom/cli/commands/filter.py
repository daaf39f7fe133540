"""Slide a kernel over an image."""

from pathlib import Path
from typing import Literal

from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError


def filter(argv: list[str]) -> int:
    """`handloom filter IMAGE --kernel KERNEL --out OUT`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("image", Path, "an image, .npy or .csv"),
        flag("kernel", str | None, "rows such as '-1,0,1;-2,0,2;-1,0,1', a name (sobel-x, "
             "sobel-y, prewitt-x, prewitt-y, laplacian, blur, gaussian, sharpen, emboss, "
             "identity), a .npy or .csv, a run, or its .onnx file"),
        flag("out", Path | None, "file to write: an image, or .npy or .csv with the numbers"),
        flag("border", Literal["replicate", "reflect", "zeros", "none"],
             "what lies beyond the image; none: nothing, and the result is smaller", "replicate"),
        flag("flip", bool, "flip the kernel: the convolution of mathematics", False),
        flag("shown", Literal["clip", "signed", "stretch", "absolute"] | None,
             "how numbers below 0 and above 1 become pixels"),
        json_flag(),
    ]  # fmt: skip
    about = "Slide a kernel over an image."
    given = parse(flags, argv, "handloom filter", about)
    as_json, kernel, out = given.pop("json"), given["kernel"], given["out"]
    if kernel is None or out is None:
        missing = "kernel" if kernel is None else "out"
        raise UserError(
            f"--{missing} is missing: handloom filter photo.png --kernel sobel-x --out edges.png"
        )
    import handloom

    filtered = handloom.filter(**given)
    if as_json:
        values = filtered.values
        low, high = float(values.min()), float(values.max())
        print_json([{"out": str(out), "size": list(values.shape), "low": low, "high": high}])
        return 0
    for note in filtered.notes[:-1]:
        progress().note(note)
    results().message(filtered.notes[-1])
    return 0
