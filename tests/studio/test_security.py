"""Who may ask, and for what: tried as another site, another machine and a crafted run would."""

import http.client
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from handloom.studio.security import MOST_BYTES, Access
from tests.studio.conftest import GOLDEN, Client, served


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example",
                                  "127.0.0.1:1", "", "169.254.169.254:{port}"])  # fmt: skip
def test_a_name_that_is_made_to_lead_here_is_refused(client: Client, host: str) -> None:
    answer = client.get("/api/runs", host=host.format(port=client.port))
    assert answer.status == 421
    assert b"runs/vae" not in answer.body


def test_names_of_this_machine_are_answered(client: Client) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert client.get("/api/runs", host=f"{name}:{client.port}").status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_sites_are_refused(client: Client, origin: str) -> None:
    assert client.post("/api/stop", {"run": "runs/vae"}, origin=origin).status == 403
    assert client.get("/api/runs", origin=origin).status == 403


def test_what_other_sites_embed_is_refused(client: Client) -> None:
    embedded = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}
    assert client.get("/image?run=runs/gan&name=digit.png", **embedded).status == 403
    framed = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert client.get("/", sec_fetch_dest="iframe", **framed).status == 403
    assert client.get("/", sec_fetch_dest="document", **framed).status == 200  # a link


@pytest.mark.parametrize("name", ["host", "origin"])
def test_who_asks_is_said_once(client: Client, name: str) -> None:
    good = {"host": f"127.0.0.1:{client.port}", "origin": client.base}
    for values in ((good[name], "evil.example"), ("evil.example", good[name])):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
        connection.putrequest("GET", "/api/runs", skip_host=True)
        for header in good:
            for value in values if header == name else (good[header],):
                connection.putheader(header, value)
        connection.endheaders()
        assert connection.getresponse().status in (400, 403, 421)
        connection.close()


def test_a_form_of_another_kind_is_not_json(client: Client) -> None:
    answer = client.post("/api/stop", b'{"run": "runs/vae"}', content_type="text/plain")
    assert answer.status == 400
    assert "JSON" in answer.json["error"]


def test_no_page_runs_a_script_that_is_not_ours(client: Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert client.get("/").headers["x-content-type-options"] == "nosniff"


def test_scripts_never_take_text_for_markup() -> None:
    static = Path(__file__).parents[2] / "handloom" / "studio" / "static"
    for script in static.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                     "new Function", "https://", "//cdn"):  # fmt: skip
            assert word not in text, f"{script.name}: {word}"
    page = (static / "studio.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<script>" not in page
    sheets = list(static.glob("*.css"))
    assert sheets
    for sheet in sheets:
        assert "url(" not in sheet.read_text(encoding="utf-8"), sheet.name


def test_a_report_has_an_origin_of_its_own(client: Client) -> None:
    answer = client.get("/report?run=runs/digits")
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("run", ["..", "../..", "/etc", "runs/../../x", "runs\\..\\x", "runs//vae",
                                 "./runs/vae/..", "runs/vae/.", "runs/vae/../../..", "\0",
                                 "runs/nothing", "C:/Windows", "runs"])  # fmt: skip
def test_no_path_leads_out(client: Client, run: str) -> None:
    from urllib.parse import quote

    for place in ("/api/run", "/report", "/api/curves", "/api/mistakes"):
        assert client.get(f"{place}?run={quote(run)}").status == 400, place
    assert client.post("/api/resume", {"run": run}).status == 400


@pytest.mark.parametrize("name", ["../classifier/digit.png", "config.json", "/etc/passwd",
                                  "samples/../../classifier/digit.png"])  # fmt: skip
def test_only_images_of_the_run_are_given(client: Client, name: str) -> None:
    assert client.get(f"/image?run=runs/vae&name={name}").status == 400


def test_a_link_to_outside_is_not_followed(client: Client, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    link = folder / "runs" / "gan" / "leak.png"
    link.symlink_to(secret)
    try:
        answer = client.get("/image?run=runs/gan&name=leak.png")
        assert answer.status == 400
        assert b"secret" not in answer.body.replace(b"secret.png", b"")
        assert client.get("/api/run?run=runs/gan").status == 400
    finally:
        link.unlink()
    (folder / "runs" / "away").symlink_to(tmp_path)
    try:
        (tmp_path / "config.json").write_text("{}")
        assert client.get("/api/run?run=runs/away").status == 400
        assert "runs/away" not in [row["run"] for row in client.get("/api/runs").json["rows"]]
    finally:
        os.unlink(folder / "runs" / "away")


def test_files_of_a_run_are_not_read_through_links(
    client: Client, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"status": "secret", "accuracy": 0.123}')
    run = folder / "runs" / "linked"
    shutil.copytree(folder / "runs" / "classifier", run)
    for name in ("status.json", "evaluation.json"):
        (run / name).unlink()
        (run / name).symlink_to(secret)
    try:
        sent = client.get("/api/runs").body
        assert b"0.123" not in sent
        assert b'"status":"secret"' not in sent
    finally:
        shutil.rmtree(run)


def test_a_run_that_names_data_outside(client: Client, folder: Path, tmp_path: Path) -> None:
    run = folder / "runs" / "crafted"
    shutil.copytree(folder / "runs" / "digits", run)
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    for named in ({"data": str(tmp_path)}, {"data": "x", "data_from_run": "../../.."}):
        (run / "config.json").write_text(json.dumps(config | named), encoding="utf-8")
        wanted = {"run": "runs/crafted", "names": ["test/1"]}
        for path in ("/api/thumbnails", "/api/resume", "/api/report"):
            answer = client.post(path, wanted)
            assert answer.status == 400, path
            assert "outside" in answer.json["error"]
    shutil.rmtree(run)


def test_an_image_outside_is_not_shown(client: Client, folder: Path, tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "classifier" / "digit.png", tmp_path / "1.png")
    link = folder / "link.png"
    link.symlink_to(tmp_path / "1.png")
    try:
        for path in (tmp_path / "1.png", "link.png", f"runs/../../{tmp_path.name}/1.png"):
            assert client.get(f"/api/data-image?{urlencode({'path': path})}").status == 400
        for path in ("runs/classifier/digit.png", folder / "runs" / "classifier" / "digit.png"):
            shown = client.get(f"/api/data-image?{urlencode({'path': path})}")
            assert shown.headers["content-type"] == "image/jpeg"
        assert client.get("/api/data-image?path=runs/classifier/config.json").status == 400
    finally:
        link.unlink()


def test_data_outside_are_not_looked_at(client: Client) -> None:
    for data in ("/etc", "../", "--out=x", "~", "digits --out x"):
        answer = client.post("/api/command", {"job": "classifier", "data": data, "options": {}})
        assert answer.status == 400, data
        for job in ("classifier", "text-classifier", "char-rnn"):
            assert client.post("/api/show", {"job": job, "data": data}).status == 400, (job, data)


def test_data_with_links_to_outside_are_not_read(
    client: Client, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("the secret " * 50)
    data = folder / "linked"
    data.mkdir()
    try:
        (data / "a.txt").write_text("hello " * 50)
        (data / "b.txt").symlink_to(tmp_path / "secret.txt")
        wanted = {"job": "char-rnn", "data": "linked"}
        for path in ("/api/show", "/api/command", "/api/train"):
            answer = client.post(path, wanted)
            assert answer.status == 400, path
            assert "outside" in answer.json["error"]
    finally:
        shutil.rmtree(data)


def test_options_cannot_name_files_outside_or_add_flags(client: Client) -> None:
    wanted = {"job": "classifier", "data": "digits"}
    for options in ({"corrections": "/etc/passwd"}, {"root": "/"}, {"out": "/tmp/x"},
                    {"epochs": "3 --out /tmp/x"}, {"network": 3}, {"network": "a\0b"}):  # fmt: skip
        answer = client.post("/api/command", wanted | {"options": options})
        assert answer.status == 400, options
    made = client.post("/api/command", wanted | {"options": {"network": "--out=/tmp/x"}}).json
    assert made["command"] == "handloom train classifier digits --network=--out=/tmp/x"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_a_folder_without_permission_is_a_sentence(client: Client, folder: Path) -> None:
    run = folder / "runs" / "closed"
    shutil.copytree(folder / "runs" / "classifier", run)
    run.chmod(0)
    try:
        answer = client.get("/api/run?run=runs/closed")
        assert answer.status == 400
        assert "Permission denied" in answer.json["error"]
    finally:
        run.chmod(0o755)
        shutil.rmtree(run)


def test_a_body_is_bounded(client: Client) -> None:
    answer = client.get("/api/runs", content_length=str(MOST_BYTES + 1))
    assert answer.status == 413
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.putrequest("POST", "/api/predict?run=runs/classifier", skip_host=True)
    connection.putheader("host", f"127.0.0.1:{client.port}")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    chunk = b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n"
    try:
        for _ in range((MOST_BYTES >> 20) + 2):
            connection.send(chunk)
        connection.send(b"0\r\n\r\n")
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it had stopped listening before all was sent
    finally:
        connection.close()


def test_an_error_is_a_sentence_without_markup(client: Client) -> None:
    answer = client.get("/api/run?run=%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/static/../app.py").status == 404
    assert client.get("/nothing").status == 404


@pytest.fixture
def far(folder: Path) -> Iterator[Client]:
    """A studio that listens beyond loopback."""
    pytest.importorskip("starlette")
    from handloom.studio.app import studio
    from handloom.studio.folder import Folder
    from handloom.studio.server import access_to, address, listen

    listener = listen("0.0.0.0", 0)
    access = access_to(listener, "0.0.0.0", None)
    assert access.token is not None
    assert access.token in address(access)
    os.environ["STUDIO_TOKEN"] = access.token
    for _ in served(studio(Folder(folder), access), listener):
        yield Client(access.port)


def test_beyond_loopback_a_token_is_asked_for(far: Client) -> None:
    token = os.environ.pop("STUDIO_TOKEN")
    assert far.get("/").status == 401
    assert far.get("/api/runs", authorization="Bearer no").status == 401
    assert far.get("/?token=wrong").status == 401
    assert far.get("/api/runs", authorization=f"Bearer {token}").status == 200
    first = far.get(f"/?token={token}&x=1")
    assert first.status == 303
    assert first.headers["location"] == "/?x=1"
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert far.get("/api/runs", cookie=cookie.split(";")[0]).status == 200
    for path, place in (("//evil.example/", "/evil.example/"), ("/%0d%0aa:b", "/%0D%0Aa%3Ab"),
                        ("/%E4%B8%AD", "/%E4%B8%AD")):  # fmt: skip
        assert far.get(f"{path}?token={token}").headers["location"] == place
    assert far.get("/api/runs", host="evil.example", authorization=f"Bearer {token}").status == 421


def test_host_headers() -> None:
    here = Access("127.0.0.1", 80)
    assert here.knows("localhost")
    assert here.knows("127.0.0.1:80")
    assert not here.knows("localhost:81")
    assert not here.knows("localhost:x")
    assert not here.knows("10.0.0.1")
    assert Access("0.0.0.0", 8000, "t").knows("10.0.0.1:8000")
