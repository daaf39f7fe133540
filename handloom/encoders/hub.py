"""Files of the Hugging Face hub, in its own cache, checked against the hub's digest."""

import hashlib
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from handloom.data.io.storage import is_offline
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError
from handloom.wording import reason

TIMEOUT = 10  # seconds without an answer
SHA256 = re.compile(r"[0-9a-f]{64}")


def hub_file(spec: str, repository: str, files: Sequence[str]) -> Path:
    """The first of `files` that the repository has, from the hub's cache or downloaded into it.

    What is in the cache is taken without a connection. The hub draws a bar on a terminal. Raises
    WeightsAbsent where there is no connection and nothing in the cache, and UserError where the
    content is not what the hub's digest says.
    """
    from huggingface_hub import try_to_load_from_cache

    for file in files:
        cached = try_to_load_from_cache(repository, file)
        path = Path(cached) if isinstance(cached, str) else _downloaded(spec, repository, file)
        if path is not None:
            _check_digest(path, spec)
            return path
    raise WeightsAbsent(
        f"the repository '{repository}' has no {' or '.join(files)}",
        f"give the weights of {spec} with --weights",
    )


def _downloaded(spec: str, repository: str, file: str) -> Path | None:
    """The file in the cache; None where the repository has none of that name."""
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    if is_offline():
        raise WeightsAbsent(
            f"the weights of {spec} are not in the hub's cache, and $HANDLOOM_OFFLINE is set"
        )
    try:
        if not constants.HF_HUB_OFFLINE:
            _connect(constants.ENDPOINT)
        with _silent_retries():
            return Path(hf_hub_download(repository, file))
    except Exception as error:  # whatever a network, a server or a disk makes it raise
        is_local = isinstance(error, LocalEntryNotFoundError)
        if isinstance(error, EntryNotFoundError) and not is_local:
            return None
        raise WeightsAbsent(
            f"the weights of {spec} are not in the hub's cache and could not be downloaded from "
            f"{constants.ENDPOINT}/{repository} ({_reason(error)})"
        ) from None


def _connect(endpoint: str) -> None:
    """Raises URLError where there is no connection, at once: the hub itself tries for 24 s."""
    try:
        urllib.request.urlopen(endpoint, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as error:  # it is an answer
        error.close()


@contextmanager
def _silent_retries() -> Iterator[None]:
    """The hub's warnings, one a retry, are not shown: what is raised in the end says it all."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_digest(path: Path, spec: str) -> None:
    """The cache names the content of large files by their sha256; removes what does not agree."""
    content = path.resolve()
    if not SHA256.fullmatch(content.name):
        return
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != content.name:
        content.unlink()
        path.unlink(missing_ok=True)
        raise UserError(
            f"the weights of {spec} came with the sha256 {digest[:16]}... in place of "
            f"{content.name[:16]}... and were removed: try again, or give them with --weights"
        )


def _reason(error: Exception) -> str:
    """What went wrong, in a few words on one line."""
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for each in causes:
        if isinstance(each, HfHubHTTPError) and each.response is not None:
            return f"answer {each.response.status_code}"
    if isinstance(error, urllib.error.URLError):
        return f"no connection: {error.reason}"
    if isinstance(error, LocalEntryNotFoundError):
        return "no connection"
    return reason(error)
