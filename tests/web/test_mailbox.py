"""The demonstration mailbox: only on a demonstration (R-NOT-01)."""

import re
from dataclasses import replace

import httpx
import pytest

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.models import Notification
from tests.serving import Served

HTML = "<html><head><title>a</title></head><body><script>alert(1)</script><a href='/x'>Ouvrir</a></body></html>"


async def mails(count: int) -> list[Notification]:
    return [
        await Notification.create(
            kind="PASSWORD_RESET",
            rule="R-ACC-15",
            recipient=f"agent_{number}@exemple.example",
            subject=f"Message {number} <b>",
            body_text=f"Ouvrez https://peps.example/lien/{number} & <script>alert(1)</script>",
            body_html=HTML,
            status="SENT",
            sent_at=clock.now(),
            queued_at=clock.now(),
            next_attempt_at=clock.now(),
        )
        for number in range(count)
    ]


@pytest.fixture
async def http(server: Served) -> httpx.AsyncClient:
    await db.execute("INSERT INTO platform_facts (name, value) VALUES ('demonstration', 'small')")
    return server.anybody().http


def subjects(page: httpx.Response) -> list[int]:
    return [int(one) for one in re.findall(r"Message (\d+) ", page.text)]


async def test_messages_are_shown_fifty_at_a_time(http: httpx.AsyncClient) -> None:
    await mails(101)
    page = await http.get("/messagerie")
    assert subjects(page) == list(range(100, 50, -1))
    assert page.headers["cache-control"] == "no-store"
    seen = subjects(page)
    while found := re.search(r'href="([^"]*avant=[^"]*)"', page.text):
        page = await http.get(f"/messagerie{found[1].replace('&amp;', '&')[found[1].index('?') :]}")
        seen += subjects(page)
    assert seen == list(range(100, -1, -1))


async def test_messages_to_an_address_are_found(http: httpx.AsyncClient) -> None:
    await mails(12)
    assert subjects(await http.get("/messagerie", params={"a": "AGENT_1@"})) == [1]
    assert subjects(await http.get("/messagerie", params={"a": "agent_1"})) == [11, 10, 1]
    assert subjects(await http.get("/messagerie", params={"a": "agent%1"})) == [], "% is a letter like any other"
    for odd in ({"avant": "x"}, {"avant": "-1"}, {"avant": "9" * 30}, {"avant": "²"}, {"a": "\0"}, {"a": "'"}):
        assert (await http.get("/messagerie", params=odd)).status_code == 200, odd


async def test_a_message_shows_both_its_parts_and_runs_nothing(http: httpx.AsyncClient) -> None:
    (one,) = await mails(1)
    page = await http.get(f"/messagerie/{one.id}")
    assert "Message 0 &lt;b&gt;" in page.text
    assert "<script>alert" not in page.text
    assert 'href="https://peps.example/lien/0"' in page.text
    html = await http.get(f"/messagerie/{one.id}/html")
    assert '<base target="_top">' in html.text
    policy = html.headers["content-security-policy"]
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    for path in ("/messagerie/999", "/messagerie/999/html", f"/messagerie/{10**30}", f"/messagerie/{10**30}/html"):
        assert (await http.get(path)).status_code == 404, path


async def test_the_mailbox_is_closed_where_there_is_no_demonstration(server: Served) -> None:
    """Links that set passwords are in it."""
    (one,) = await mails(1)
    for path in ("/messagerie", f"/messagerie/{one.id}", f"/messagerie/{one.id}/html"):
        closed = await server.anybody().http.get(path)
        assert (closed.status_code, "peps.example" in closed.text) == (404, False)


async def test_the_mailbox_is_closed_where_messages_really_leave(http: httpx.AsyncClient) -> None:
    (one,) = await mails(1)
    settings_room.use(replace(settings_room.current(), smtp_url="smtp://127.0.0.1:1"))
    for path in ("/messagerie", f"/messagerie/{one.id}", f"/messagerie/{one.id}/html"):
        assert (await http.get(path)).status_code == 404
