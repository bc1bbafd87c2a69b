"""An establishment's health: what must hold for its letters to be read tomorrow too, and what mends it (R-ACC-05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.rules import access

NAMED = 3
"""How many people or services a message names."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold: whether it does, in a sentence that says what mends it where it does not."""

    code: str
    holds: bool
    message: str
    task: str | None = None


async def checks(ids: Sequence[int]) -> list[list[Check]]:
    """For each establishment, its checks, always the same ones in the same order."""
    counts = by_ids.placed(await _counts(ids), "id", ids)
    bouncing = by_ids.grouped(await _bouncing(ids), "establishment_id", ids)
    unread = by_ids.grouped(await _without_reader(ids), "establishment_id", ids)
    return [
        _judged(one, addresses, services) if one is not None else []
        for one, addresses, services in zip(counts, bouncing, unread, strict=True)
    ]


async def _counts(ids: Sequence[int]) -> list[db.Row]:
    today = clock.today()
    soon = today + timedelta(days=settings.current().durations.expires_soon_days)
    sql = Sql("SELECT e.id, e.functional_email,")
    sql.add(
        "(SELECT count(*) FROM users u WHERE u.establishment_id = e.id AND u.is_administrator "
        f"AND {access.in_use(sql, 'u')}) AS administrators,"
    )
    sql.add(
        "(SELECT count(*) FROM users u WHERE u.establishment_id = e.id AND u.deleted_at IS NULL "
        f"AND u.expires_on BETWEEN {sql.bind(today.isoformat())} AND {sql.bind(soon.isoformat())}) AS expiring,"
    )
    sql.add(
        f"(SELECT count(*) FROM services s WHERE {access.has_to_review(sql, 'e.id', 'e.registered_on', 's.id')}) "
        "AS to_review,"
    )
    sql.add(
        "(SELECT count(*) FROM terms t WHERE t.id = (SELECT c.id FROM terms c "
        f"WHERE c.published_on <= {sql.bind(today.isoformat())} ORDER BY c.published_on DESC, c.id DESC LIMIT 1) "
        "AND NOT EXISTS (SELECT 1 FROM terms_acceptances a WHERE a.terms_id = t.id AND a.establishment_id = e.id)) "
        "AS to_accept"
    )
    sql.add(f"FROM establishments e WHERE e.id IN ({sql.bind_all(list(ids))})")
    return await db.rows(sql)


async def _bouncing(ids: Sequence[int]) -> list[db.Row]:
    """The people whose latest e-mail, to the address they have today, did not arrive: some named, all counted."""
    sql = Sql("SELECT * FROM (SELECT u.establishment_id, u.first_name, u.last_name,")
    sql.add("count(*) OVER (PARTITION BY u.establishment_id) AS people,")
    sql.add("row_number() OVER (PARTITION BY u.establishment_id ORDER BY u.sort_name, u.id) AS place")
    sql.add("FROM users u JOIN notifications n ON n.id = (SELECT max(m.id) FROM notifications m")
    sql.add("WHERE m.user_id = u.id AND m.recipient = u.email AND m.status IN ('SENT', 'GIVEN_UP'))")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(list(ids))}) AND u.deleted_at IS NULL")
    sql.add(f"AND n.status = 'GIVEN_UP') named WHERE place <= {NAMED} ORDER BY establishment_id, place")
    return await db.rows(sql)


async def _without_reader(ids: Sequence[int]) -> list[db.Row]:
    """The services of the letters that an establishment's funds send, that nobody there can read; `delegated`: but
    somebody who acts for it can.
    """
    sql = Sql("SELECT DISTINCT c.establishment_id, s.id, s.label, s.position,")
    sql.add(f"EXISTS (SELECT 1 FROM users able WHERE {access.in_use(sql, 'able')}")
    sql.add(f"AND able.id IN ({access.readers(sql, 'c.establishment_id', 't.service_id')})) AS delegated")
    sql.add("FROM contracts c JOIN courrier_types t ON t.fund_id = c.fund_id JOIN services s ON s.id = t.service_id")
    sql.add(f"WHERE c.establishment_id IN ({sql.bind_all(list(ids))}) AND {access.online(sql, 's')}")
    sql.add(f"AND NOT EXISTS (SELECT 1 FROM users able WHERE {access.in_use(sql, 'able')}")
    sql.add(f"AND able.id IN ({access.readers_at_home(sql, 'c.establishment_id', 't.service_id')}))")
    sql.add("ORDER BY c.establishment_id, s.position, s.id")
    return await db.rows(sql)


def _judged(counts: db.Row, bouncing: list[db.Row], unread: list[db.Row]) -> list[Check]:
    return [
        _administrators(counts["administrators"]),
        _addresses(bouncing),
        _readers(unread),
        _terms(counts["to_accept"]),
        _services(counts["to_review"]),
        _expiring(counts["expiring"]),
        _functional(counts["functional_email"]),
    ]


def _administrators(able: int) -> Check:
    if able == 0:
        message = "Aucun administrateur ne peut se connecter : la plateforme doit en nommer un."
    elif able == 1:
        message = (
            "Un seul administrateur peut se connecter : nommez-en un second, pour que l’établissement ne reste jamais "
            "sans personne."
        )
    else:
        message = f"{able} administrateurs peuvent se connecter."
    return Check("TWO_ADMINISTRATORS", able >= 2, message, "ADD_SECOND_ADMINISTRATOR")


def _addresses(bouncing: list[db.Row]) -> Check:
    if not bouncing:
        return Check("ADDRESSES_REACHED", holds=True, message="Les messages parviennent à toutes les adresses connues.")
    people = bouncing[0]["people"]
    names = _few([f"{one['first_name']} {one['last_name']}" for one in bouncing], people)
    message = f"Le dernier message n’est pas parvenu à {names} : vérifiez {_its(people)} dans la gestion des comptes."
    return Check("ADDRESSES_REACHED", holds=False, message=message)


def _its(count: int) -> str:
    return "son adresse" if count == 1 else "leurs adresses"


def _few(names: list[str], count: int) -> str:
    """« A, B et C », or « A, B, C et 4 autres »."""
    shown = names[:NAMED]
    if count > len(shown):
        return f"{', '.join(shown)} et {count - len(shown)} {'autre' if count - len(shown) == 1 else 'autres'}"
    return " et ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _readers(unread: list[db.Row]) -> Check:
    """Who reads by delegation only is said to be so (R-DEL-07): the day it ends, nobody reads."""
    lost = [f"« {one['label']} »" for one in unread if not one["delegated"]]
    lent = [f"« {one['label']} »" for one in unread if one["delegated"]]
    by_others = ""
    if lent:
        by_others = f" Seules des personnes qui agissent par délégation peuvent lire ceux de {_few(lent, len(lent))}."
    message = (
        f"Personne ne peut lire les courriers de {_few(lost, len(lost))} : donnez-en le droit à quelqu’un."
        if lost
        else "Chaque courrier attendu a quelqu’un pour le lire."
    )
    return Check("LETTERS_HAVE_READERS", not lost, message + by_others)


def _terms(to_accept: int) -> Check:
    message = (
        "Les conditions générales d’utilisation en vigueur ne sont pas acceptées : un administrateur doit les lire et "
        "les accepter."
        if to_accept
        else "Les conditions générales d’utilisation en vigueur sont acceptées."
    )
    return Check("TERMS_ACCEPTED", not to_accept, message, "ACCEPT_TERMS")


def _services(to_review: int) -> Check:
    if to_review == 0:
        message = "Les droits ont été revus sur tous les services."
    elif to_review == 1:
        message = "Un service attend que les droits y soient revus : décidez qui s’en sert."
    else:
        message = f"{to_review} services attendent que les droits y soient revus : décidez qui s’en sert."
    return Check("SERVICES_REVIEWED", to_review == 0, message, "REVIEW_NEW_SERVICES")


def _expiring(expiring: int) -> Check:
    days = settings.current().durations.expires_soon_days
    if expiring == 0:
        message = f"Aucun compte n’expire dans les {days} jours."
    elif expiring == 1:
        message = f"Un compte expire dans les {days} jours : renouvelez-le, ou que sa personne se connecte."
    else:
        message = f"{expiring} comptes expirent dans les {days} jours : renouvelez-les, ou que chacun se connecte."
    return Check("ACCOUNTS_LAST", expiring == 0, message, "RENEW_ACCOUNTS")


def _functional(address: str | None) -> Check:
    message = (
        f"L’adresse fonctionnelle est {address}."
        if address
        else "Aucune adresse fonctionnelle : si personne ne peut lire un courrier, personne n’en est averti. Écrivez à "
        f"{settings.current().support_email} pour en donner une."
    )
    return Check("FUNCTIONAL_ADDRESS", address is not None, message)
