"""Reports and maps inside the page: an origin of their own, the page's theme and language."""

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
STATIC = files("handloom.studio") / "static"
SCRIPT = STATIC / "frame_theme.js"
JOBS = ("classifiers", "generators", "others")
TABLES = ("zh_reports.js", "zh_report_values.js", *(f"zh_report_{kind}.js" for kind in JOBS))
CHINESE = [STATIC / name for name in ("zh_patterns.js", *TABLES, "frame_chinese.js")]


async def framed(request: Request, page: bytes) -> Response:
    """A page that can reach nothing of the studio; asked for with a theme it follows the page's,
    and with the language zh it is in Chinese."""
    if request.query_params.get("theme"):
        page = with_script(page, await run_in_threadpool(SCRIPT.read_bytes))
    if request.query_params.get("language") == "zh":
        page = with_script(page, await run_in_threadpool(_in_chinese), is_module=True)
    return Response(page, media_type="text/html; charset=utf-8", headers=HEADERS)


def _in_chinese() -> bytes:
    """A script that translates what Handloom wrote into the page; a report is made in English."""
    return b"\n".join(path.read_bytes() for path in CHINESE)


def refusal(request: Request, sentence: str, status: int) -> Response:
    """A page with a sentence, for a frame that would have shown a report or a map."""
    theme = "dark" if request.query_params.get("theme") == "dark" else "light"
    page = (
        f'<!doctype html><meta charset="utf-8"><title>{escape(sentence)}</title>'
        f'<meta name="color-scheme" content="{theme}">'
        f'<p style="font: 16px/1.5 system-ui, sans-serif">{escape(sentence)}</p>'
    )
    return Response(page.encode(), status, HEADERS, "text/html; charset=utf-8")


def with_script(page: bytes, script: bytes, is_module: bool = False) -> bytes:
    """The page with a script at the end of its head, after its styles and before its scripts; a
    module runs when the whole page is there."""
    begin = b'<script type="module">' if is_module else b"<script>"
    head, end, rest = page.partition(b"</head>")
    return b"".join((head, begin, script, b"</script>", end, rest))
