"""The part of a model card that names its files, and how each is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handloom.export.results import Written
    from handloom.jobs.program import Port, Program

TITLE = "## Files\n"
BLOCK = re.compile(r"^(?=`[^`\n]+`, the )", re.MULTILINE)  # where what is said of a file begins
SOME = {"batch": 2}  # of a free size, in the lines that call a file; 3 of any other


def files_part(programs: Sequence[Program], made: Sequence[Written], kept: Sequence[str]) -> str:
    """What is said of every file. kept: of others in the folder, from the card before."""
    own = [_block(program, file) for program, file in zip(programs, made, strict=True)]
    return "\n".join([TITLE, *own, *(block.strip() + "\n" for block in kept)])


def kept_blocks(card: str, folder: Path, made: Sequence[Written]) -> list[str]:
    """What a card said of files that are still there, and that are not written anew."""
    new = {file.path.name for file in made}
    blocks = BLOCK.split(card.partition(TITLE)[2])[1:]
    names = [block.split("`")[1] for block in blocks]
    return [
        block
        for name, block in zip(names, blocks, strict=True)
        if name not in new and (folder / name).is_file()
    ]


def _block(program: Program, file: Written) -> str:
    lines = [f"`{file.path.name}`, the {program.part}; {file.agreement.sentence()}.\n"]
    for word, ports in (("in", program.inputs), ("out", program.outputs)):
        lines += [
            f"- {word}: `{port.name}`, {port.dtype} ({', '.join(map(str, port.shape))}): "
            f"{port.about}"
            for port in ports
        ]
    is_onnx = file.format == "onnx"
    usage = program.usage.replace("FILE", file.path.name) if is_onnx else "\n".join(
        _with_torch(program, file.path.name)
    )  # fmt: skip
    return "\n".join([*lines, "", f"```python\n{usage.strip()}\n```\n"])


def _with_torch(program: Program, name: str) -> Iterator[str]:
    """Python that calls a .pt2 file, with torch alone."""
    yield "import json\n\nimport torch\n"
    yield 'extra = {"handloom.json": ""}'
    yield f'module = torch.export.load("{name}", extra_files=extra).module()'
    yield 'known = json.loads(extra["handloom.json"])  # how an input is prepared, and more'
    for port in program.inputs:
        yield f"{port.name} = torch.ones({_sizes(port)}, dtype=torch.{port.dtype})  # yours"
    outputs = ", ".join(port.name for port in program.outputs)
    yield f"{outputs} = module({', '.join(port.name for port in program.inputs)})"


def _sizes(port: Port) -> str:
    return ", ".join(
        str(SOME.get(size, 3) if isinstance(size, str) else size) for size in port.shape
    )
