"""The safety net under letters that nobody opens: after 7 days their readers, after 21 the administrators, after 45 the
operators' follow-up list; by type of letter, each step a fact of the letter (R-COU-11).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, courrier_notice, digest, notification, preference

SLICE = 200
"""Letters of one transaction."""

MEMORY = timedelta(days=14)
"""A step older than that is not taken any more: a platform that begins, or begins again, does not write to everybody
about years of letters."""

DAY = int(timedelta(days=1) / timedelta(microseconds=1))


@dataclass(frozen=True)
class Step:
    """How far, by which column of the type, and what the letter's timeline says."""

    number: int
    days: str
    says: str


READERS = Step(1, "remind_after", "Relance à ses lecteurs.")
ADMINISTRATORS = Step(2, "escalate_after", "Signalé aux administrateurs de l’établissement.")
OPERATORS = Step(3, "follow_up_after", "Porté sur la liste de suivi des gestionnaires.")


async def cast() -> None:
    """Take the steps that are due, the furthest first: a letter does not take two at once."""
    if notification.is_night():
        return
    for step in (OPERATORS, ADMINISTRATORS, READERS):
        while await _slice(step):
            pass


async def _slice(step: Step) -> bool:
    now = int(clock.to_microseconds(clock.now()))
    memory = int(MEMORY / timedelta(microseconds=1))
    async with db.transaction():
        sql = Sql(f"UPDATE courriers SET net_step = {step.number} WHERE id IN (SELECT c.id")
        day = f"CAST({sql.bind(DAY)} AS BIGINT)"
        sql.add("FROM courrier_types t CROSS JOIN courriers c WHERE c.type_id = t.id")
        sql.add(f"AND t.{step.days} > 0 AND c.first_opened_at IS NULL AND c.withdrawn_at IS NULL")
        sql.add(f"AND c.available_at <= CAST({sql.bind(now)} AS BIGINT) - t.{step.days} * {day}")
        sql.add(f"AND c.available_at > CAST({sql.bind(now - memory)} AS BIGINT) - t.{step.days} * {day}")
        skip = "FOR UPDATE OF c SKIP LOCKED" if db.dialect() == "postgres" else ""
        sql.add(f"AND c.net_step < {step.number} LIMIT {SLICE} {skip})")
        found = sorted(one["id"] for one in await db.rows(sql.add("RETURNING id")))
        if not found:
            return False
        await db.insert_many(
            "courrier_facts",
            ("courrier_id", "kind", "occurred_at", "detail"),
            [(number, "REMINDED", now, step.says) for number in found],
        )
        if step is not OPERATORS:
            letters = [one for one in await courrier_notice.letters_of(found) if one["notifies_by_email"]]
            people = await (_administrators if step is ADMINISTRATORS else courrier_notice.readers_of)(
                [one["id"] for one in letters]
            )
            await notification.queue_all(_messages(step, letters, people))
    return True


async def _administrators(courrier_ids: Sequence[int]) -> dict[int, list[db.Row]]:
    """By letter, the administrators of its establishment who can sign in."""
    if not courrier_ids:
        return {}
    sql = Sql("SELECT c.id AS courrier_id, u.id, u.email, u.establishment_id AS home,")
    sql.add("'IMMEDIATE' AS new_courriers, '' AS muted_funds")
    sql.add("FROM courriers c JOIN users u ON u.establishment_id = c.establishment_id AND u.is_administrator")
    sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) AND {access.can_sign_in(sql, 'u')}")
    found: dict[int, list[db.Row]] = {}
    for one in await db.rows(sql.add("ORDER BY c.id, u.id")):
        found.setdefault(one["courrier_id"], []).append(one)
    return found


def _messages(step: Step, letters: Sequence[db.Row], people: dict[int, list[db.Row]]) -> list[notification.Message]:
    """One e-mail to each person at each establishment, of all of a slice."""
    theirs: dict[tuple[int, int], tuple[db.Row, list[db.Row]]] = {}
    for letter in letters:
        for person in people.get(letter["id"], []):
            if person["new_courriers"] != preference.NONE and courrier_notice.hears(person, letter["fund_id"]):
                theirs.setdefault((person["id"], letter["establishment_id"]), (person, []))[1].append(letter)
    return [_message(step, person, their) for person, their in theirs.values()]


def _message(step: Step, person: db.Row, letters: Sequence[db.Row]) -> notification.Message:
    alone = len(letters) == 1
    counts: dict[tuple[str, str], int] = {}
    for one in letters:
        counts[one["fund_label"], one["type_label"]] = counts.get((one["fund_label"], one["type_label"]), 0) + 1
    place = letters[0]["establishment_name"]
    lines = [
        {"establishment": place, "fund": fund, "type": kind, "letters": number}
        for (fund, kind), number in counts.items()
    ]
    screen = digest.unread(several=person["home"] != letters[0]["establishment_id"])
    return notification.Message(
        kind="READ_REMINDER",
        rule="R-COU-11",
        template="read_reminder" if step is READERS else "read_escalation",
        recipient=person["email"],
        values={
            **digest.counted(lines),
            "establishment": place,
            "link": courrier_notice.address_of(letters[0]["id"]) if alone and step is READERS else screen,
            "change": preference.address(person["id"], person["email"]) if step is READERS else None,
        },
        user_id=person["id"],
        establishment_id=letters[0]["establishment_id"],
        courrier_id=letters[0]["id"] if alone else None,
        once_key=f"net:{step.number}:{letters[0]['id']}:{person['id']}",
        not_before=notification.daytime(),
    )
