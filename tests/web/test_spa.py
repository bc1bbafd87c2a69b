"""The built pages, on a built folder of our own."""

from pathlib import Path

import httpx
import pytest

from backend.web import spa
from backend.web.protection import STRICT_POLICY
from tests.engine.wire import one_engine
from tests.serving import Served

pytestmark = one_engine


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dist"
    files = [
        "index.html",
        "icon.svg",
        "assets/app-1a2b.js",
        "graphiql/index.html",
        "graphiql/assets/g-3c4d.js",
        ".secret",
    ]
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"<!-- {name} -->")
    monkeypatch.setattr(spa, "folder", lambda: folder)
    return folder


@pytest.fixture
def http(built: Path, server: Served) -> httpx.AsyncClient:
    return server.anybody().http


async def test_any_page_is_the_application(http: httpx.AsyncClient) -> None:
    for path in ("/", "/courriers", "/courriers/Q291cnJpZXI6MQ", "/connexion?vers=/courriers"):
        page = await http.get(path)
        assert (page.status_code, page.text) == (200, "<!-- index.html -->"), path
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["content-security-policy"] == STRICT_POLICY


async def test_assets_are_kept_for_ever(http: httpx.AsyncClient) -> None:
    for path in ("/assets/app-1a2b.js", "/graphiql/assets/g-3c4d.js"):
        asset = await http.get(path)
        assert asset.status_code == 200
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "javascript" in asset.headers["content-type"]
    icon = await http.get("/icon.svg")
    assert (icon.status_code, icon.headers["cache-control"]) == (200, "public, max-age=3600")


async def test_files_that_are_not_there_are_not_the_application(http: httpx.AsyncClient) -> None:
    """A script that is gone must not be answered with a page."""
    for path in (
        "/assets/app-old.js",
        "/graphiql/assets/gone.js",
        "/favicon.ico",
        "/.secret",
        "/.env",
        "/wp-login.php",
        "/courriers/../.secret",
        "/%2e%2e/peps.sqlite3",
        "/assets/%2e%2e/.secret",
        "/..%2fpeps.sqlite3",
        "/api/rien",
    ):
        gone = await http.get(path)
        assert gone.status_code == 404, path
        assert "immutable" not in gone.headers.get("cache-control", "")
    assert (await http.get("/index.html")).status_code == 404, "one address for one page"


async def test_graphiql_has_a_policy_of_its_own(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphiql")
    assert page.text == "<!-- graphiql/index.html -->"
    policy = page.headers["content-security-policy"]
    assert policy == spa.GRAPHIQL_POLICY
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_pages_not_built_yet_say_so(built: Path, http: httpx.AsyncClient) -> None:
    (built / "index.html").unlink()
    page = await http.get("/courriers")
    assert (page.status_code, "make run" in page.text) == (503, True)


async def test_pages_are_only_read(http: httpx.AsyncClient) -> None:
    assert (await http.post("/courriers")).status_code == 405
    assert (await http.head("/courriers")).status_code == 200
