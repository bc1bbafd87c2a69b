"""Whether the process lives and can serve."""

from typing import Any

import pytest

from backend import __version__
from backend import database as db
from backend.web import health
from tests.serving import Served


async def test_a_platform_that_can_serve_says_so(server: Served) -> None:
    http = server.anybody().http
    assert (await http.get("/health/live")).json() == {"status": "live", "version": __version__}
    ready = await http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "version": __version__})
    assert ready.headers["cache-control"] == "no-store"


async def test_migrations_to_run_are_named(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pending() -> list[str]:
        return ["0099_later"]

    monkeypatch.setattr(health, "pending", pending)
    ready = await server.anybody().http.get("/health/ready")
    assert (ready.status_code, ready.json()["reason"]) == (503, "migrations to run: 0099_later")


async def test_a_database_that_does_not_answer_is_a_reason_without_detail(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise OSError("secret host")

    monkeypatch.setattr(db, "rows", broken)
    http = server.anybody().http
    ready = await http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "reason": "OSError"})
    assert (await http.get("/health/live")).status_code == 200
