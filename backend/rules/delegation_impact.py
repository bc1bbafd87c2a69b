"""What accepting a delegation means, counted from the data and said in one sentence (R-DEL-03)."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend import database as db
from backend.database.sql import Sql
from backend.rules import access


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
    one that was accepted: of its members.
    """
    people = await _counted(delegation_ids, services, _PEOPLE)
    letters = await _counted(delegation_ids, services, _LETTERS)
    numbers = await _counted(delegation_ids, services, _SERVICES)
    sql = Sql("SELECT d.id, c.name, d.decided_at FROM delegations d")
    sql.add("JOIN establishments c ON c.id = d.centralisateur_id")
    sql.add(f"WHERE d.id IN ({sql.bind_all(list(delegation_ids))})")
    named = {one["id"]: one for one in await db.rows(sql)}
    found: list[Impact | None] = []
    for number in delegation_ids:
        one = named.get(number)
        counts = (people.get(number, 0), letters.get(number, 0), numbers.get(number, 0))
        told = Impact(*counts, sentence(one["name"], *counts, is_asked=one["decided_at"] is None)) if one else None
        found.append(told)
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


def sentence(centralisateur: str, people: int, letters: int, services: int, *, is_asked: bool) -> str:
    """The one sentence that a village understands before it accepts."""
    if people == 0:
        if is_asked:
            return (
                f"Si vous acceptez, personne ne verra rien pour le moment : chez {centralisateur}, aucun compte n’a "
                "encore de droit sur ces services."
            )
        return f"Aujourd’hui, personne de {centralisateur} n’agit pour vous."
    what = f"{_number(letters, 'de vos courriers', 'de vos courriers', none='aucun courrier')}"
    uses = _number(services, "service", "services")
    if is_asked:
        who = f"jusqu’à {people} personnes" if people > 1 else "une personne"
        sees, acts = ("verront", "utiliseront") if people > 1 else ("verra", "utilisera")
        return f"Si vous acceptez, {who} de {centralisateur} {sees} {what} et {acts} {uses} en votre nom."
    who = f"{people} personnes" if people > 1 else "une personne"
    sees, acts = ("voient", "utilisent") if people > 1 else ("voit", "utilise")
    return f"Aujourd’hui, {who} de {centralisateur} {sees} {what} et {acts} {uses} en votre nom."


def _number(count: int, one: str, many: str, none: str = "") -> str:
    if count == 0 and none:
        return none
    return f"{count:,}".replace(",", "\u202f") + " " + (one if count < 2 else many)
