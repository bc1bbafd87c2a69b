"""What accepting a delegation means, counted from the data and said in one sentence (R-DEL-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, elision


@dataclass(frozen=True)
class Impact:
    """How many people of the centralisateur see, or would see, how many letters, through how many services."""

    people: int
    courriers: int
    services: int
    sentence: str


async def impacts(delegation_ids: Sequence[int], services: Sequence[str] | None = None) -> list[Impact | None]:
    """The impact of each delegation, in this order: of all its services, or of those named among them.

    Of one that is asked for: of everybody there who has a right on these services, since no member is chosen yet; of
    one that was accepted: of its members. Once it is over nobody sees anything (R-DEL-08).
    """
    sql = Sql("SELECT d.id, c.name, d.decided_at, d.starts_on,")
    sql.add(f"{access.delegation_status(sql, 'd')} AS status FROM delegations d")
    sql.add("JOIN establishments c ON c.id = d.centralisateur_id")
    sql.add(f"WHERE d.id IN ({sql.bind_all(list(delegation_ids))})")
    named = {one["id"]: one for one in await db.rows(sql)}
    alive = [number for number, one in named.items() if one["status"] in ("PENDING", "ACCEPTED")]
    people = await _counted(alive, services, _PEOPLE)
    letters = await _counted(alive, services, _LETTERS)
    numbers = await _counted(alive, services, _SERVICES)
    found: list[Impact | None] = []
    for number in delegation_ids:
        one = named.get(number)
        counts = (people.get(number, 0), letters.get(number, 0), numbers.get(number, 0))
        found.append(Impact(*counts, _sentence(one, *counts)) if one else None)
    return found


_PEOPLE, _LETTERS, _SERVICES = "people", "letters", "services"


async def _counted(delegation_ids: Sequence[int], services: Sequence[str] | None, what: str) -> dict[int, int]:
    sql = Sql()
    if what == _PEOPLE:
        sql.add("SELECT d.id, count(DISTINCT u.id) AS n FROM delegations d")
    else:
        sql.add("SELECT d.id, count(*) AS n FROM delegations d")
    sql.add("JOIN delegation_services ds ON ds.delegation_id = d.id")
    sql.add("AND (d.decided_at IS NULL OR ds.level_granted IS NOT NULL)")
    sql.add(f"JOIN services s ON s.id = ds.service_id AND {access.online(sql, 's')}")
    if services is not None:
        sql.add(f"AND s.code IN ({sql.bind_all(list(services))})")
    if what == _PEOPLE:
        sql.add("JOIN rights r ON r.service_id = ds.service_id JOIN users u ON u.id = r.user_id")
        sql.add(f"AND u.establishment_id = d.centralisateur_id AND {access.in_use(sql, 'u')}")
    elif what == _LETTERS:
        sql.add("JOIN courrier_types t ON t.service_id = ds.service_id")
        sql.add("JOIN courriers c ON c.type_id = t.id AND c.establishment_id = d.delegataire_id")
        sql.add("AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL")
    sql.add(f"WHERE d.id IN ({sql.bind_all(list(delegation_ids))})")
    if what == _PEOPLE:
        sql.add("AND (d.decided_at IS NULL OR EXISTS (SELECT 1 FROM delegation_members m")
        sql.add("WHERE m.delegation_id = d.id AND m.user_id = u.id))")
    sql.add("GROUP BY d.id")
    return {one["id"]: int(one["n"]) for one in await db.rows(sql)}


# ---------------------------------------------------------------- in one sentence


def _sentence(one: db.Row, people: int, letters: int, services: int) -> str:
    if one["status"] == "PENDING":
        return asked(one["name"], people, letters, services)
    if one["status"] == "ACCEPTED":
        begins = None if access.is_in_force(one) else date.fromisoformat(one["starts_on"])
        return accepted(one["name"], people, letters, services, begins)
    if one["decided_at"] is None or one["status"] == "REFUSED":
        return "Cette demande ne donne accès à rien."
    return "Cette délégation ne donne plus accès à rien."


def asked(centralisateur: str, people: int, letters: int, services: int) -> str:
    """The one sentence that a village understands before it accepts."""
    if services == 0:
        return "Si vous acceptez, personne ne verra rien : aucun de ces services n’est ouvert aujourd’hui."
    if people == 0:
        return (
            f"Si vous acceptez, personne ne verra rien pour le moment : chez {elision.the(centralisateur)}, aucun "
            "compte n’a encore de droit sur ces services."
        )
    who = _several(people, "une personne", "jusqu’à {} personnes")
    return f"Si vous acceptez, {who} {elision.of(centralisateur)} {_does(people, letters, services, _WILL)}."


def accepted(centralisateur: str, people: int, letters: int, services: int, begins: date | None) -> str:
    """The same once it was accepted; `begins`, where it has not begun."""
    of_whom = elision.of(centralisateur)
    if begins is None:
        if people == 0:
            return f"Aujourd’hui, personne {of_whom} n’agit pour vous."
        when, verbs = "Aujourd’hui", _DOES
    else:
        when, verbs = f"À partir du {clock.french_date(begins)}", _WILL
        if people == 0:
            return f"{when}, personne {of_whom} n’agira pour vous : personne n’est encore choisi."
    who = _several(people, "une personne", "{} personnes")
    return f"{when}, {who} {of_whom} {_does(people, letters, services, verbs)}."


_WILL = (("verra", "utilisera"), ("verront", "utiliseront"))
_DOES = (("voit", "utilise"), ("voient", "utilisent"))


def _does(people: int, letters: int, services: int, verbs: tuple[tuple[str, str], tuple[str, str]]) -> str:
    sees, uses = verbs[people > 1]
    what = _several(services, "un service", "{} services")
    if letters == 0:
        return f"ne {sees} aucun courrier pour le moment et {uses} {what} en votre nom"
    return f"{sees} {_several(letters, 'un de vos courriers', '{} de vos courriers')} et {uses} {what} en votre nom"


def _several(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(f"{count:,}".replace(",", "\u202f"))
