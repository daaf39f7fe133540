"""Reports and maps inside the page: an origin of their own, and the page's own theme."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from handloom.studio.security import REPORT_POLICY

HEADERS = {
    "content-security-policy": REPORT_POLICY,
    "cross-origin-opener-policy": "unsafe-none",
}
SCRIPT = files("handloom.studio") / "static" / "frame_theme.js"


async def framed(request: Request, page: bytes) -> Response:
    """A page that can reach nothing of the studio; asked for with a theme it follows the page's."""
    if request.query_params.get("theme"):
        page = with_script(page, await run_in_threadpool(SCRIPT.read_bytes))
    return Response(page, media_type="text/html; charset=utf-8", headers=HEADERS)


def refusal(request: Request, sentence: str, status: int) -> Response:
    """A page with a sentence, for a frame that would have shown a report or a map."""
    theme = "dark" if request.query_params.get("theme") == "dark" else "light"
    page = (
        f'<!doctype html><meta charset="utf-8"><title>{escape(sentence)}</title>'
        f'<meta name="color-scheme" content="{theme}">'
        f'<p style="font: 16px/1.5 system-ui, sans-serif">{escape(sentence)}</p>'
    )
    return Response(page.encode(), status, HEADERS, "text/html; charset=utf-8")


def with_script(page: bytes, script: bytes) -> bytes:
    """The page with a script at the end of its head, after its styles and before its scripts."""
    head, end, rest = page.partition(b"</head>")
    return b"".join((head, b"<script>", script, b"</script>", end, rest))
