"""How much memory a refresh of many files takes, in MB beyond what the process had before.

    python -m benchmarks.search_memory [--files 100000] [--folder FOLDER]

The files are links to small images, one for each 50,000, in class folders of 5,000; the index is by
pixels. The first index and a refresh of unchanged files run in a process of their own each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.arguments import parser_of

PER_IMAGE, PER_CLASS = 50_000, 5_000  # links of a file, which ext4 limits to 65,000; files
AGE = 3_600  # seconds, so that a file's time of change is settled


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="for the links; a temporary one without")
    parser.add_argument("--worker", action="store_true")
    given = parser.parse_args()
    if given.worker:
        print(json.dumps(refresh(given.folder)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        make(Path(folder), given.files)
        words = [sys.executable, "-m", "benchmarks.search_memory", "--worker", "--folder", folder]
        for what in ("first index", "refresh"):
            done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
            print(json.dumps({"what": what, "files": given.files} | json.loads(done.stdout)))


def make(folder: Path, count: int) -> None:
    import numpy as np
    from PIL import Image

    for number in range(count):
        image = folder / f"image-{number // PER_IMAGE}.png"
        if not number % PER_IMAGE:
            random = np.random.default_rng(number)
            pixels = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((24, 24), Image.Resampling.NEAREST).save(image)
            os.utime(image, (time.time() - AGE,) * 2)
        place = folder / "photos" / f"class-{number // PER_CLASS:03d}"
        if not number % PER_CLASS:
            place.mkdir(parents=True)
        os.link(image, place / f"photo-of-a-product-{number:08d}.png")


def refresh(folder: Path) -> dict[str, float]:
    from handloom.data.images.reading import Reading
    from handloom.search.opening import update
    from handloom.search.refresh import WantedEncoder
    from handloom.search.vectors import PixelVectors

    before, began = _peak(), time.process_time()
    wanted = WantedEncoder("pixels", None, lambda *_: PixelVectors())
    update(folder / "photos", folder / "index", wanted, False, Reading(), lambda *_: None)
    return {"mb": round(_peak() - before), "cpu_s": round(time.process_time() - began, 1)}


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
