"""The e-mails of a delegation's life, to both sides (R-DEL-02, R-DEL-04). In the transaction of what they tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, delegation_impact, delegation_steps, notification
from backend.rules.globalid import encode
from backend.rules.viewer import Viewer

LEVELS = {1: "lecture seule", 2: "modification"}

LISTED = 30
"""Establishments named in one e-mail; the others are on the page it links to."""

Told = Mapping[str, Any]


# ---------------------------------------------------------------- asked


async def waiting(delegation_ids: Sequence[int], *, rule: str, by_day: bool = False) -> None:
    """Requests that wait for an answer, or wait still: the administrators of each délégataire."""
    found = await delegations(delegation_ids)
    impacts = dict(zip(delegation_ids, await delegation_impact.impacts(delegation_ids), strict=True))
    people = await administrators([one["delegataire_id"] for one in found.values()])
    messages = []
    for number, one in found.items():
        impact = impacts[number]
        asked_on = delegation_steps.asked_on(one)
        values = {
            **values_of(one),
            "sentence": impact.sentence if impact else "",
            "is_reminder": asked_on < clock.today(),
            "asked_on": clock.french_date(asked_on),
            "answer_until": clock.french_date(access.answer_until(one)),
        }
        messages += [
            to(person, values, "DELEGATION_REQUESTED", "delegation_requested", rule, by_day=by_day)
            for person in people[one["delegataire_id"]]
        ]
    await notification.queue_all(messages)


async def withdrawn(viewer: Viewer, delegation_ids: Sequence[int]) -> None:
    """Requests taken back: those who were asked."""
    found = await delegations(delegation_ids)
    people = await administrators([one["delegataire_id"] for one in found.values()])
    by = await _name(viewer)
    await notification.queue_all(
        [
            to(person, {**values_of(one), "by": by}, "DELEGATION_DECIDED", "delegation_withdrawn", "R-DEL-04")
            for one in found.values()
            for person in people[one["delegataire_id"]]
        ]
    )


# ---------------------------------------------------------------- decided


async def accepted(viewer: Viewer, delegation_id: int, *, narrowed: bool) -> None:
    """Both sides: whoever asked, and the administrators of the délégataire."""
    await _tell_both(viewer, delegation_id, "DELEGATION_DECIDED", "delegation_accepted", {"narrowed": narrowed})


async def refused(viewer: Viewer, delegation_id: int) -> None:
    """Both sides; the asker reads the reason."""
    await _tell_both(viewer, delegation_id, "DELEGATION_DECIDED", "delegation_refused", {})


async def extended(viewer: Viewer, delegation_id: int) -> None:
    """Both sides: its new end."""
    await _tell_both(viewer, delegation_id, "DELEGATION_DECIDED", "delegation_extended", {}, rule="R-DEL-04")


async def ended(viewer: Viewer, delegation_id: int) -> None:
    """Both sides; each reads the reason."""
    await _tell_both(viewer, delegation_id, "DELEGATION_ENDED", "delegation_ended", {}, rule="R-DEL-04")


async def _tell_both(
    viewer: Viewer, delegation_id: int, kind: str, template: str, more: Told, rule: str = "R-DEL-02"
) -> None:
    one = (await delegations([delegation_id]))[delegation_id]
    asker, asked = one["centralisateur_id"], one["delegataire_id"]
    people = await administrators([asker, asked])
    values = {**values_of(one), **more, "by": await _name(viewer)}
    first = [person for person in people[asker] if person["id"] == one["requested_by_id"]]
    both = [(person, True) for person in first or people[asker]] + [(person, False) for person in people[asked]]
    await notification.queue_all(
        [to(person, {**values, "is_asker": is_asker}, kind, template, rule) for person, is_asker in both]
    )


# ---------------------------------------------------------------- who acts


async def chosen(viewer: Viewer, gained: Mapping[int, Sequence[db.Row]], lost: Mapping[int, Sequence[db.Row]]) -> None:
    """Each person for whom establishments to act for were added, or taken away, by somebody else (R-DEL-05).

    One e-mail for each person and act: nobody is both given and taken.
    """
    sql = Sql("SELECT u.id, u.establishment_id, u.first_name, u.last_name, u.email, e.name AS establishment")
    sql.add("FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.id IN ({sql.bind_all([*gained, *lost])}) AND u.id <> {sql.bind(viewer.user_id)}")
    sql.add(f"AND {access.in_use(sql, 'u')} ORDER BY u.id")
    people = await db.rows(sql)
    by = await _name(viewer, to_colleagues=True)
    await notification.queue_all(
        [
            to(
                person,
                {
                    **_places(gained.get(person["id"]) or lost[person["id"]]),
                    "is_added": person["id"] in gained,
                    "by": by,
                },
                "DELEGATION_MEMBER",
                "delegation_member",
                "R-DEL-05",
            )
            for person in people
        ]
    )


def _places(found: Sequence[db.Row]) -> dict[str, Any]:
    today = clock.today().isoformat()
    begins = [one["starts_on"] if (one["starts_on"] or "") > today else None for one in found]
    places = sorted(zip((one["delegataire"] for one in found), begins, strict=True), key=lambda pair: fold(pair[0]))
    listed = [{"name": name, "starts_on": _french(start)} for name, start in places[:LISTED]]
    return {
        "places": listed,
        "count": len(places),
        "more": len(places) - len(listed),
        "is_to_come": all(begins),
        "link": f"{settings.current().address}/agir-pour",
    }


# ---------------------------------------------------------------- common


async def delegations(delegation_ids: Sequence[int]) -> dict[int, db.Row]:
    """The delegations with what e-mails say of them, their `services` among it."""
    sql = Sql("SELECT d.id, d.centralisateur_id, d.delegataire_id, d.requested_by_id, d.requested_at, d.message,")
    sql.add("d.starts_on, d.ends_on, d.refusal_reason, d.end_reason, d.status, c.name AS centralisateur,")
    sql.add("e.name AS delegataire, u.first_name || ' ' || u.last_name AS asked_by FROM delegations d")
    sql.add("JOIN establishments c ON c.id = d.centralisateur_id JOIN establishments e ON e.id = d.delegataire_id")
    sql.add("JOIN users u ON u.id = d.requested_by_id")
    sql.add(f"WHERE d.id IN ({sql.bind_all(list(delegation_ids))}) ORDER BY d.id")
    found = {one["id"]: {**one, "services": []} for one in await db.rows(sql)}
    sql = Sql("SELECT ds.delegation_id, s.label, COALESCE(ds.level_granted, ds.level_asked) AS level")
    sql.add("FROM delegation_services ds JOIN services s ON s.id = ds.service_id")
    sql.add("JOIN delegations d ON d.id = ds.delegation_id")
    sql.add(f"WHERE ds.delegation_id IN ({sql.bind_all(list(delegation_ids))})")
    sql.add("AND (ds.level_granted IS NOT NULL OR d.decided_at IS NULL OR d.status = 'REFUSED')")
    for one in await db.rows(sql.add("ORDER BY ds.delegation_id, s.position, s.id")):
        found[one["delegation_id"]]["services"].append({"label": one["label"], "level": LEVELS[one["level"]]})
    return found


async def administrators(places: Sequence[int]) -> dict[int, list[db.Row]]:
    """The administrators to write to, by establishment."""
    sql = Sql("SELECT u.id, u.establishment_id, u.first_name, u.last_name, u.email, e.name AS establishment")
    sql.add("FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(sorted(set(places)))}) AND u.is_administrator")
    sql.add(f"AND NOT e.is_platform AND {access.in_use(sql, 'u')} ORDER BY u.establishment_id, u.sort_name, u.id")
    found: defaultdict[int, list[db.Row]] = defaultdict(list)
    for one in await db.rows(sql):
        found[one["establishment_id"]].append(one)
    return found


async def _name(viewer: Viewer, *, to_colleagues: bool = False) -> str:
    """Who acted, and of which establishment but to those of the same."""
    found = await db.row(
        "SELECT u.first_name, u.last_name, e.name FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.id = $1",
        [viewer.user_id],
    )
    if found is None:
        return ""
    name = f"{found['first_name']} {found['last_name']}"
    return name if to_colleagues else f"{name} ({found['name']})"


def values_of(one: db.Row) -> dict[str, Any]:
    """What every e-mail about one delegation may say."""
    return {
        "centralisateur": one["centralisateur"],
        "delegataire": one["delegataire"],
        "asked_by": one["asked_by"],
        "message": one["message"],
        "services": one["services"],
        "starts_on": _french(one["starts_on"]),
        "ends_on": _french(one["ends_on"]),
        "refusal_reason": one["refusal_reason"],
        "end_reason": one["end_reason"],
        "link": f"{settings.current().address}/etablissement/delegations/{encode('Delegation', one['id'])}",
    }


def _french(day: str | None) -> str | None:
    return None if day is None else clock.french_date(date.fromisoformat(day))


def to(
    person: db.Row, values: Told, kind: str, template: str, rule: str, *, by_day: bool = False
) -> notification.Message:
    """An e-mail to somebody; `by_day`: what the calendar causes does not ring at night."""
    return notification.Message(
        kind=kind,
        rule=rule,
        template=template,
        recipient=person["email"],
        user_id=person["id"],
        establishment_id=person["establishment_id"],
        not_before=notification.daytime() if by_day else None,
        values={
            **values,
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "establishment": person["establishment"],
        },
    )
