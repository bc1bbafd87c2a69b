"""Signed addresses of documents: fetching one is reading it, and rights are judged again (R-COU-05, R-COU-06)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.models import Courrier, CourrierMark
from tests import builders
from tests.engine.wire import one_engine
from tests.serving import Served
from tests.web.world import ADDRESSES, letter, reader


async def test_showing_it_is_opening_it(server: Served) -> None:
    """R-COU-06."""
    client, user, made = await reader(server)
    view, _ = await made.addresses(client)
    assert await made.facts() == [], "to ask for an address is not to read"
    shown = await server.anybody().http.get(view)
    assert (shown.status_code, shown.content) == (200, made.content)
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"] == (
        "inline; filename*=UTF-8''%C3%89t%C3%A9%20%C3%A0%20l%E2%80%99%C5%93uvre.pdf"
    )
    assert shown.headers["cache-control"] == "private, no-store"
    assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    assert "script-src" not in shown.headers["content-security-policy"]
    assert await made.facts() == [("OPENED", None)]
    found = await Courrier.get(id=made.id)
    assert found.first_opened_by_id == user.id
    assert (await CourrierMark.get(courrier_id=made.id, user_id=user.id)).read_at is not None


async def test_keeping_it_is_downloading_it(server: Served) -> None:
    client, _, made = await reader(server)
    _, download = await made.addresses(client)
    kept = await server.anybody().http.get(download)
    assert kept.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert await made.facts() == [("DOWNLOADED", None)]


async def test_one_address_is_one_fact_however_often_it_is_fetched(server: Served) -> None:
    client, _, made = await reader(server)
    view, _ = await made.addresses(client)
    http = server.anybody().http
    head = await http.head(view)
    assert (head.status_code, head.content, await made.facts()) == (200, b"", []), "a HEAD reads nothing"
    for _ in range(3):
        assert (await http.get(view)).status_code == 200
    part = await http.get(view, headers={"range": "bytes=0-99"})
    assert (part.status_code, part.content) == (200, made.content), "a part is not served: the whole is"
    assert await made.facts() == [("OPENED", None)]
    another, _ = await made.addresses(client)
    assert another != view
    await http.get(another)
    assert await made.facts() == [("OPENED", None)] * 2
    assert len(await db.rows("SELECT id FROM audit_events WHERE action = 'courrier.opened'")) == 2


async def withdraw_right() -> None:
    await db.execute("DELETE FROM rights")


async def end_session() -> None:
    await db.execute("UPDATE sessions SET ended_at = $1", [int(clock.to_microseconds(clock.now()))])


async def delete_account() -> None:
    await db.execute("UPDATE users SET deleted_at = $1", [int(clock.to_microseconds(clock.now()))])


async def withdraw_letter() -> None:
    moment = int(clock.to_microseconds(clock.now()))
    await db.execute("UPDATE courriers SET withdrawn_at = $1", [moment])


@pytest.mark.parametrize("happens", [withdraw_right, end_session, delete_account, withdraw_letter])
async def test_an_address_is_worth_what_its_reader_may_do_when_it_is_used(
    server: Served, happens: Callable[[], Awaitable[None]]
) -> None:
    """R-ACC-06, R-COU-13."""
    client, _, made = await reader(server)
    view, _ = await made.addresses(client)
    await happens()
    gone = await server.anybody().http.get(view)
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
    assert await made.facts() == []


async def test_an_address_dies_with_the_delegation_that_allowed_it(server: Served) -> None:
    """R-DEL-08; and while it lives, the fact says through what (R-DEL-07)."""
    centre, town = await builders.establishment(is_centralisateur=True), await builders.establishment()
    member = await builders.user(centre, rights={"COURRIERS": builders.READ})
    delegation = await builders.delegation(centre, town, members=[member])
    made = await letter(town)
    client = await server.signed_in(member.identifier)
    view, download = await made.addresses(client)
    assert (await server.anybody().http.get(view)).status_code == 200
    assert await made.facts() == [("OPENED", delegation.id)]
    await db.execute("UPDATE delegations SET status = 'ENDED'")
    assert (await server.anybody().http.get(download)).status_code == 404
    assert await made.facts() == [("OPENED", delegation.id)]


async def test_operators_are_given_no_address(server: Served) -> None:
    """R-COU-05."""
    _, _, made = await reader(server)
    operator = await server.signed_in((await builders.operator()).identifier)
    found = (await operator.data(ADDRESSES, id=made.node_id))["node"]["document"]
    assert found == {"viewUrl": None, "downloadUrl": None}


@one_engine
async def test_an_address_lives_five_minutes(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    client, _, made = await reader(server)
    view, _ = await made.addresses(client)
    moved_clock("2026-05-04T08:05+02:00")
    assert (await server.anybody().http.get(view)).status_code == 200
    moved_clock("2026-05-04T08:05:01+02:00")
    gone = await server.anybody().http.get(view)
    assert (gone.status_code, "Rouvrez le courrier" in gone.text) == (404, True)


@one_engine
async def test_nobody_makes_an_address_of_their_own(server: Served) -> None:
    client, _, made = await reader(server)
    view, _ = await made.addresses(client)
    _, _, signed, name = view.split("/")
    said, _, signature = signed.rpartition(".")
    parts = said.split(".")
    http = server.anybody().http
    forged = [
        ".".join([*parts[:place], str(int(parts[place]) + 1), *parts[place + 1 :], signature])
        for place in (0, 1, 2, 3, 5)
    ]
    forged.append(".".join([*parts[:4], "d", *parts[5:], signature]))
    forged += [
        said,
        f"{said}.",
        f"{said}.{'A' * 22}",
        f"{said}.{signature[:-1]}",
        f"{said}.é",
        "a",
        ".",
        "." * 8,
        "é",
        "a" * 3000,
    ]
    for one in forged:
        gone = await http.get(f"/documents/{one}/{name}")
        assert gone.status_code == 404, one
    assert await made.facts() == []
    assert (await http.get(f"/documents/{signed}/autre.pdf")).status_code == 200, "its name says nothing"
    assert (await http.post(view)).status_code == 405


async def test_a_file_damaged_or_lost_is_told_and_is_not_read(server: Served) -> None:
    """R-COU-02: checked again at every download."""
    client, _, made = await reader(server)
    path = settings_room.current().files_dir / made.sha256[:2] / made.sha256
    http = server.anybody().http
    view, _ = await made.addresses(client)
    path.write_bytes(made.content[:-1] + b"?")
    damaged = await http.get(view)
    assert (damaged.status_code, "abîmé" in damaged.text) == (500, True)
    path.unlink()
    assert (await http.get(view)).status_code == 500
    assert await made.facts() == []
    path.write_bytes(made.content)
    assert (await http.get(view)).status_code == 200, "once it is mended"
