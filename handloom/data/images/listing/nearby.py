"""Tables beside images, by their headers alone: which of them may name the images of a folder."""

from pathlib import Path

from handloom.data.io.table import plain_name

IMAGE = ("image", "images", "img", "file", "files", "filename", "file_name", "path", "filepath",
         "file_path", "image_path", "image_file", "image_name", "image_id")  # fmt: skip
SUFFIXES = (".csv", ".tsv")
MOST_BYTES = 4096  # of a header


def tables_of_images(folder: Path) -> list[Path]:
    """The tables directly in a folder whose header names a column of images."""
    try:
        tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return [path for path in tables if path.is_file() and _names_images(path)]
    except OSError:  # gone, or not ours to read
        return []


def _names_images(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(MOST_BYTES).decode("utf-8-sig", "replace").partition("\n")[0]
    cells = header.split(max(",;\t", key=header.count))
    return any(plain_name(cell.strip().strip('"')) in IMAGE for cell in cells)
