"""The e-mails about the last days of requests and of delegations, to both sides (R-DEL-04).

In the transaction of the step they tell, which `delegation_calendar` claims.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.text import fold
from backend.rules import access, delegation_impact, delegation_notice, delegation_steps, notification
from backend.rules.delegation_notice import LISTED, Told

# ---------------------------------------------------------------- to the délégataire, of each


async def lapsed(delegation_ids: Sequence[int]) -> None:
    """Requests that were not answered in time: those who might have."""
    found = await delegation_notice.delegations(delegation_ids)
    values = {
        number: {
            "asked_on": clock.french_date(delegation_steps.asked_on(one)),
            "answer_until": clock.french_date(access.answer_until(one)),
        }
        for number, one in found.items()
    }
    await _tell_delegataires(found, values, "DELEGATION_DECIDED", "delegation_lapsed")


async def ending(delegation_ids: Sequence[int]) -> None:
    """Delegations near their end: those who can put it off, and what it means not to."""
    found = await delegation_notice.delegations(delegation_ids)
    impacts = dict(zip(delegation_ids, await delegation_impact.impacts(delegation_ids), strict=True))
    values = {
        number: {
            "sentence": impact.sentence if (impact := impacts[number]) else "",
            "days": (date.fromisoformat(one["ends_on"]) - delegation_steps.told_on()).days,
            "from_then": clock.french_date(date.fromisoformat(one["ends_on"]) + timedelta(days=1)),
        }
        for number, one in found.items()
    }
    await _tell_delegataires(found, values, "DELEGATION_ENDED", "delegation_ending")


async def expired(delegation_ids: Sequence[int]) -> None:
    """Delegations whose last day has passed: those who had granted them."""
    found = await delegation_notice.delegations(delegation_ids)
    await _tell_delegataires(found, {number: {} for number in found}, "DELEGATION_ENDED", "delegation_expired")


async def _tell_delegataires(found: Mapping[int, db.Row], more: Mapping[int, Told], kind: str, template: str) -> None:
    people = await delegation_notice.administrators([one["delegataire_id"] for one in found.values()])
    messages = []
    for number, one in found.items():
        values = {**delegation_notice.values_of(one), **more[number]}
        messages += [
            delegation_notice.to(person, values, kind, template, "R-DEL-04", by_day=True)
            for person in people[one["delegataire_id"]]
        ]
    await notification.queue_all(messages)


# ---------------------------------------------------------------- to the centralisateur, of all in one list


async def list_lapsed(found: Sequence[db.Row]) -> None:
    """Requests that were not answered in time: whoever asked, in one e-mail for all."""
    listed = [(one, delegation_steps.asked_on(one)) for one in found]
    await _tell_centralisateurs(listed, "DELEGATION_DECIDED", "delegations_lapsed", "?vue=finies", to_asker=True)


async def list_ending(found: Sequence[db.Row]) -> None:
    """Delegations near their end: the administrators, in one e-mail for all."""
    listed = [(one, date.fromisoformat(one["ends_on"])) for one in found]
    await _tell_centralisateurs(listed, "DELEGATION_ENDED", "delegations_ending", "?fin=60")


async def list_expired(found: Sequence[db.Row]) -> None:
    """Delegations whose last day has passed: the administrators, in one e-mail for all."""
    listed = [(one, date.fromisoformat(one["ends_on"])) for one in found]
    await _tell_centralisateurs(listed, "DELEGATION_ENDED", "delegations_expired", "?vue=finies")


async def _tell_centralisateurs(
    found: Sequence[tuple[db.Row, date]], kind: str, template: str, page: str, *, to_asker: bool = False
) -> None:
    """One e-mail for each administrator. `to_asker`: of those that they asked for, or whose asker is gone."""
    people = await delegation_notice.administrators([one["centralisateur_id"] for one, _ in found])
    there = {person["id"] for several in people.values() for person in several}
    theirs: defaultdict[int, list[tuple[date, str]]] = defaultdict(list)
    for one, day in found:
        asker = one["requested_by_id"] if to_asker else None
        for person in people[one["centralisateur_id"]]:
            if asker not in there or person["id"] == asker:
                theirs[person["id"]].append((day, one["delegataire"]))
    await notification.queue_all(
        [
            delegation_notice.to(person, _list(theirs[person["id"]], page), kind, template, "R-DEL-04", by_day=True)
            for several in people.values()
            for person in several
            if theirs[person["id"]]
        ]
    )


def _list(delegations: Sequence[tuple[date, str]], page: str) -> dict[str, Any]:
    in_order = sorted(delegations, key=lambda one: (one[0], fold(one[1])))
    listed = [{"name": name, "on": clock.french_date(day)} for day, name in in_order[:LISTED]]
    return {
        "lapse_days": delegation_steps.time_to_answer().days,
        "delegations": listed,
        "count": len(delegations),
        "more": len(delegations) - len(listed),
        "link": f"{settings.current().address}/etablissement/delegations{page}",
    }
