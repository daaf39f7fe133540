"""The client of a Milvus server: its calls end after a time, and what fails is one sentence.

Pymilvus itself waits for a server without end where it accepts a call and says nothing, and gives
some errors of gRPC as they are; of a server that restarts it gives up at once. Here calls are tried
again until their time has passed, so that a restart costs a bulk insertion nothing but the time.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from handloom.errors import UserError

CONNECTING = 10.0  # seconds until a server is given up that does not answer at all
ANSWERING = 60.0  # seconds of a call; of a restart of a server, with its collections, 20 to 40
SOON, LATER = 0.1, 3.0  # seconds between two attempts, at first and at most
UNTIMED = {"create_schema", "prepare_index_params"}  # which ask the server nothing
LONG = {"flush", "create_index", "load_collection", "release_collection", "drop_index"}
"""Calls that return when a server has done what takes hours for many images."""


class TimedClient:
    """A client of pymilvus, whose methods have its names. Each call of one has an end, and is tried
    again on a new connection until then where the server has gone: all that are used here may be
    made twice."""

    def __init__(self, url: str, token: str, seconds: float) -> None:
        self._url, self._token, self._seconds = url, token, seconds
        self._client = self._connected()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name) if name in UNTIMED else partial(self._call, name)

    def shut(self) -> None:
        """Close the connection that is open now."""
        self._client.close()

    def _call(self, name: str, *given: Any, **options: Any) -> Any:
        import grpc
        from pymilvus.exceptions import MilvusException

        limit = {} if name in LONG else {"timeout": self._seconds}
        end, pause = time.monotonic() + self._seconds, SOON
        while True:
            try:
                return getattr(self._client, name)(*given, **options, **limit)
            except (MilvusException, grpc.RpcError) as error:
                is_unloaded = _is_unloaded(str(error))
                if not (is_unloaded or _is_gone(str(error))) or time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LATER)
            with suppress(MilvusException, grpc.RpcError):
                if is_unloaded:
                    self._client.load_collection(given[0])
                else:
                    self._client.close()
                    self._client = self._connected()

    def _connected(self) -> Any:
        from pymilvus import MilvusClient  # which sets the level of its logger

        for library in ("pymilvus", "milvus_lite"):  # what they log, they raise too
            logging.getLogger(library).setLevel(logging.CRITICAL)
        seconds = min(self._seconds, CONNECTING)
        return MilvusClient(self._url, token=self._token, timeout=seconds, dedicated=True)


@contextmanager
def sentences(url: str) -> Iterator[None]:
    """What a server or the way to it raises, as a UserError."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        raise _sentence(url, str(error.message)) from None
    except grpc.RpcError as error:
        reason = ""
        if isinstance(error, grpc.Call):
            reason = f"{error.code().name}: {error.details()}"
        raise _sentence(url, reason or str(error)) from None
    except grpc.FutureTimeoutError:
        raise _sentence(url, "DEADLINE_EXCEEDED") from None


def _sentence(url: str, reason: str) -> UserError:
    reason = " ".join(reason.split())[:200]
    what = reason.lower()
    if "unauthenticated" in what or "permission" in what or "auth check" in what:
        return UserError(
            f"the Milvus server at {url} does not let you in ({reason}): set MILVUS_TOKEN to its "
            "token, USER:PASSWORD or a key"
        )
    if "open local milvus" in what:
        return UserError(
            f"the store {url} cannot be opened: it is not one of Milvus Lite, or another process "
            "has it open; name another, or wait for that process"
        )
    if _is_gone(reason):
        return UserError(
            f"there is no Milvus server at {url} ({reason}): start it, or check the address; what "
            "was done is kept"
        )
    if "deadline" in what or "timeout" in what or "timed out" in what:
        return UserError(
            f"the Milvus server at {url} does not answer ({reason}): see whether it is overloaded, "
            "and run the command again; what was done is kept"
        )
    return UserError(
        f"the Milvus server at {url} did not do what was asked ({reason}): what was done is kept; "
        "check the server, and run the command again"
    )


def _is_gone(reason: str) -> bool:
    """Whether there was no connection, and not an answer that a call failed."""
    what = reason.lower()
    return "connect" in what or "unavailable" in what or "no channel" in what or "closed" in what


def _is_unloaded(reason: str) -> bool:
    """Whether a collection is not in memory, as with Milvus Lite after a restart."""
    return "not loaded" in reason.lower() or "call load()" in reason
