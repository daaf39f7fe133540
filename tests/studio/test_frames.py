"""Reports and maps in a frame follow the theme of the page; alone they are as they were made."""

from handloom.studio.frames import with_script
from tests.studio.conftest import Client


def test_where_the_script_stands() -> None:
    page = b"<head><style>a</style></head><body><script>b</script></body>"
    made = with_script(page, b"x()")
    head = b"<head><style>a</style><script>x()</script></head>"
    assert made == head + b"<body><script>b</script></body>"


def test_a_report_alone_is_the_file(client: Client) -> None:
    alone = client.get("/report?run=runs/digits").body
    framed = client.get("/report?run=runs/digits&theme=dark")
    assert b"postMessage" not in alone
    assert b'addEventListener("message"' not in alone
    assert b'addEventListener("message"' in framed.body
    assert framed.headers["content-security-policy"].startswith("sandbox allow-scripts")
