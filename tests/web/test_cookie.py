"""Signing in by cookie, as the pages do."""

from datetime import timedelta
from typing import Any

from backend import clock
from tests import builders
from tests.engine.wire import one_engine
from tests.serving import Client, Served

WHO = "{ viewer { user { identifier } } }"


async def signed_in(server: Served) -> tuple[Client, str]:
    user = await builders.user()
    browser = server.anybody()
    query = "mutation($i: String!, $p: String!) { logIn(input: {identifier: $i, password: $p}) { errors { code } } }"
    assert (await browser.data(query, i=user.identifier, p=builders.PASSWORD))["logIn"]["errors"] == []
    return browser, user.identifier


async def test_the_browser_is_recognised_until_it_signs_out(server: Served) -> None:
    browser, identifier = await signed_in(server)
    assert (await browser.data(WHO))["viewer"]["user"]["identifier"] == identifier
    secret = browser.http.cookies["sid"]
    await browser.data("mutation { logOut { errors { code } } }")
    assert "sid" not in browser.http.cookies
    assert await browser.data(WHO) == {"viewer": None}
    thief = server.anybody(cookie=f"sid={secret}")
    assert await thief.data(WHO) == {"viewer": None}, "the secret is worth nothing any more"


@one_engine
async def test_signing_out_of_nothing_is_harmless(server: Served) -> None:
    browser = server.anybody()
    assert (await browser.data("mutation { logOut { errors { code } } }"))["logOut"] == {"errors": []}


@one_engine
async def test_a_session_left_alone_ends(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    browser, _ = await signed_in(server)
    for _ in range(5):
        moved_clock((clock.now() + timedelta(hours=1, minutes=59)).isoformat())
        assert (await browser.data(WHO))["viewer"]
    moved_clock((clock.now() + timedelta(hours=2, minutes=1)).isoformat())
    assert await browser.data(WHO) == {"viewer": None}


@one_engine
async def test_a_session_ends_after_twelve_hours_even_in_use(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    browser, _ = await signed_in(server)
    for _ in range(11):
        moved_clock((clock.now() + timedelta(hours=1)).isoformat())
        assert (await browser.data(WHO))["viewer"]
    moved_clock((clock.now() + timedelta(hours=1, seconds=1)).isoformat())
    assert await browser.data(WHO) == {"viewer": None}


@one_engine
async def test_a_bad_cookie_or_token_is_nobody(server: Served) -> None:
    for headers in (
        {"cookie": "sid=inconnu"},
        {"authorization": "Bearer inconnu"},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
        {"cookie": "sid="},
    ):
        assert await server.anybody(**headers).data(WHO) == {"viewer": None}
