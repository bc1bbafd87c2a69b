"""What was sent, to whom, its result and the rule behind it, over real HTTP (R-NOT-01, R-NOT-02)."""

from datetime import timedelta
from typing import Any

from backend import clock
from backend.models import Notification, User
from backend.rules import globalid
from tests import builders
from tests.serving import Served

MINE = """query($first: Int, $after: String) { viewer { notifications(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { subject kind reason status recipient } } } } }"""
ALL = """query($status: [NotificationStatus!]) { notifications(status: $status) {
  edges { node { subject status lastError } } } }"""
BOUNCES = "query($id: ID!) { node(id: $id) { ... on User { emailBounces } } }"


async def sent(to: User, subject: str, status: str = "SENT", **values: Any) -> None:
    now = clock.now()
    await Notification.create(
        kind="ACCOUNT_UNLOCKED",
        rule="R-ACC-14",
        user_id=to.id,
        establishment_id=to.establishment_id,
        subject=subject,
        body_text="secret",
        body_html="secret",
        status=status,
        queued_at=now - timedelta(hours=1),
        next_attempt_at=now + timedelta(days=1),
        sent_at=now if status == "SENT" else None,
        **{"recipient": to.email, **values},
    )


async def test_everyone_sees_what_was_sent_to_them_and_why(server: Served) -> None:  # R-NOT-02
    town = await builders.establishment()
    reader = await builders.user(town, identifier="reader")
    chief = await builders.user(town, identifier="chief", administrator=True)
    for number in range(3):
        await sent(reader, f"Message {number}")
    await sent(chief, "Pour le chef")
    client = await server.signed_in("reader")
    page = (await client.data(MINE, first=2))["viewer"]["notifications"]
    assert page["totalCount"] == 3
    assert [one["node"]["subject"] for one in page["edges"]] == ["Message 2", "Message 1"]
    assert page["edges"][0]["node"] == {
        "subject": "Message 2",
        "kind": "ACCOUNT_UNLOCKED",
        "reason": "Envoyé quand un administrateur débloque le compte.",
        "status": "SENT",
        "recipient": reader.email,
    }
    rest = (await client.data(MINE, first=2, after=page["pageInfo"]["endCursor"]))["viewer"]["notifications"]
    assert [one["node"]["subject"] for one in rest["edges"]] == ["Message 0"]
    assert "secret" not in str(page)


async def test_operators_see_what_could_not_be_sent(server: Served) -> None:  # R-NOT-01
    reader = await builders.user(identifier="reader")
    staff = await builders.operator()
    await sent(reader, "Remis")
    await sent(reader, "Abandonné", "GIVEN_UP", last_error="550 no such user")
    await sent(reader, "Plus tard", "FAILED")
    client = await server.signed_in(staff.identifier)
    failed = await client.data(ALL, status=["FAILED", "GIVEN_UP"])
    assert [one["node"]["subject"] for one in failed["notifications"]["edges"]] == ["Plus tard", "Abandonné"]
    assert failed["notifications"]["edges"][1]["node"]["lastError"] == "550 no such user"
    assert len((await client.data(ALL))["notifications"]["edges"]) == 3
    refused = await (await server.signed_in("reader")).ask(ALL)
    assert refused["errors"]


async def test_administrators_see_addresses_that_bounce(server: Served) -> None:  # R-NOT-02
    town = await builders.establishment()
    reader = await builders.user(town, identifier="reader")
    await builders.user(town, identifier="chief", administrator=True)
    await builders.user(town, identifier="colleague")
    chief, colleague = await server.signed_in("chief"), await server.signed_in("colleague")
    number = globalid.encode("User", reader.id)

    async def bounces() -> bool:
        found: bool = (await chief.data(BOUNCES, id=number))["node"]["emailBounces"]
        return found

    assert await bounces() is False
    await sent(reader, "1", "GIVEN_UP")
    assert await bounces() is True
    assert (await colleague.data(BOUNCES, id=number))["node"] is None
    await sent(reader, "2", "FAILED")  # not over yet: nothing new is known
    assert await bounces() is True
    await sent(reader, "3")
    assert await bounces() is False
    await sent(reader, "4", "GIVEN_UP")
    await sent(reader, "5", recipient="another@exemple.example")
    assert await bounces() is True
    await User.filter(id=reader.id).update(email="another@exemple.example")  # a new address has done nothing wrong
    assert await bounces() is False
