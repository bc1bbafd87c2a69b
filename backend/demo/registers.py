"""Writing down who is there: catalogue, establishments, terms, accounts and rights."""

import hashlib
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from backend.database.text import fold
from backend.demo.bulk import Progress, fill, pour
from backend.demo.calendar import MINUTE, at_work, iso, midnight, months_after
from backend.demo.catalogue import COURRIER_TYPES, FUNDS
from backend.demo.employers import contract_number, email_domain, fund_codes
from backend.demo.places import DATA
from backend.demo.roles import SERVICE_IDS, Opening
from backend.demo.sign_ins import TERMS_WAIT, sign_ins_of
from backend.demo.staff import Account, House

Values = tuple[Any, ...]
_TERMS_MONTHS_AGO = (50, 13)
_TERMS_CHANGES = (
    None,
    "Deux administrateurs conseillés, réouverture des comptes expirés, délégations, fin des envois par la poste.",
)


async def write_catalogue(openings: tuple[Opening, ...]) -> None:
    """Funds, services and types of letter."""
    await fill(
        "funds",
        ("code", "label", "position"),
        [(one.code, one.label, place) for place, one in enumerate(FUNDS, start=1)],
    )
    await fill(
        "services",
        ("id", "code", "label", "description", "theme", "position", "is_delegable", "online_since"),
        [
            (one.id, s.code, s.label, s.description, s.theme, one.id, s.is_delegable, s.online_since.isoformat())
            for one in openings
            for s in [one.service]
        ],
    )
    await fill(
        "service_funds",
        ("service_id", "fund_id"),
        [(one.id, fund) for one in openings for fund in one.service.funds],
    )
    await fill(
        "courrier_types",
        (
            "id",
            "code",
            "label",
            "fund_id",
            "service_id",
            "channel",
            "notifies_by_email",
            "retention_months",
            "available_since",
        ),
        [
            (
                number,
                one.code,
                one.label,
                one.fund,
                SERVICE_IDS[one.service],
                one.channel,
                one.notifies_by_email,
                one.retention_months,
                one.available_since.isoformat(),
            )
            for number, one in enumerate(COURRIER_TYPES, start=1)
        ],
    )


async def write_establishments(houses: list[House], today: int, random: Random, progress: Progress) -> None:
    """Establishments and their contracts. The last house is the platform's own."""
    await pour(
        "establishments",
        (
            "id",
            "siret",
            "name",
            "sort_name",
            "search_text",
            "category",
            "line1",
            "postal_code",
            "city",
            "insee_code",
            "departement",
            "functional_email",
            "is_centralisateur",
            "is_platform",
            "registered_on",
        ),
        (_establishment(house, house is houses[-1], today, random) for house in houses),
        progress,
        "établissements",
        len(houses),
    )
    await pour(
        "contracts",
        ("establishment_id", "fund_id", "number"),
        (
            (house.id, fund, contract_number(house.employer, fund))
            for house in houses[:-1]
            for fund in fund_codes(house.employer)
        ),
        progress,
        "contrats",
    )


def _establishment(house: House, is_platform: bool, today: int, random: Random) -> Values:
    one = house.employer
    sort_name = fold(one.name)
    registered = min(
        today - random.randint(1510, 2200),
        *(account.created_at // (1440 * MINUTE) + 719162 for account in house.accounts),
    )
    return (
        house.id,
        one.siret,
        one.name,
        sort_name,
        f"{sort_name} {one.siret} {one.postal_code} {fold(one.city)}",
        one.category,
        one.line1,
        one.postal_code,
        one.city,
        one.insee_code,
        one.departement,
        f"contact@{email_domain(one)}" if random.random() < 0.93 else None,
        one.is_centralisateur,
        is_platform,
        iso(registered),
    )


async def write_accounts(houses: list[House], password_hash: str, random: Random, progress: Progress) -> None:
    """Identifiers, accounts and some preferences."""
    everybody = [account for house in houses for account in house.accounts]
    await pour(
        "issued_identifiers",
        ("value", "issued_at"),
        sorted((one.identifier, one.created_at) for one in everybody),
        progress,
        "identifiants",
        len(everybody),
    )
    columns = (
        "id",
        "establishment_id",
        "identifier",
        "civility",
        "first_name",
        "last_name",
        "sort_name",
        "search_text",
        "email",
        "email_key",
        "phone",
        "is_administrator",
        "is_operator",
        "password_hash",
        "created_at",
        "invited_at",
        "last_login_at",
        "renewed_at",
        "expires_on",
        "failed_sign_ins",
        "locked_at",
        "deleted_at",
    )
    rows = (_user(one, password_hash) for one in everybody)
    await pour("users", columns, rows, progress, "comptes", len(everybody))
    rhythms = ("DAILY_DIGEST", "WEEKLY_DIGEST", "DAILY_DIGEST", "NONE")
    await fill(
        "notification_preferences",
        ("user_id", "new_courriers", "muted_funds", "account_expiry"),
        [
            (one.id, random.choice(rhythms), random.choice(("", "", "RAFP", "FNC FAEFM")), True)
            for one in everybody
            if one.reads and random.random() < 0.06
        ],
    )


def _user(one: Account, password_hash: str) -> Values:
    deleted = one.deleted_at is not None
    first, last = ("Compte", "supprimé") if deleted else (one.person.first_name, one.person.last_name)
    email = f"compte-{one.id}@supprime.example" if deleted else one.email
    sort_name = f"{_folded(last)} {_folded(first)}"
    return (
        one.id,
        one.establishment_id,
        one.identifier,
        None if deleted else one.person.civility,
        first,
        last,
        sort_name,
        f"{sort_name} {_folded(first)} {one.identifier} {email}",
        email,
        email,
        None if deleted else one.person.phone,
        one.is_administrator,
        one.is_operator,
        # One hash for everybody: 150,000 of them would take an hour and half, and the password is public anyway.
        None if deleted or one.state == "INVITED" else password_hash,
        one.created_at,
        one.invited_at or one.created_at,
        one.last_login_at,
        None,
        one.expires_on,
        5 if one.locked_at else 0,
        one.locked_at,
        one.deleted_at,
    )


_FOLDED: dict[str, str] = {}


def _folded(name: str) -> str:
    """A name folded, once: few names are borne by many."""
    found = _FOLDED.get(name)
    if found is None:
        found = _FOLDED[name] = fold(name)
    return found


async def write_rights(houses: list[House], openings: tuple[Opening, ...], random: Random, progress: Progress) -> None:
    """Rights, and the reviews of services by each establishment (R-RGT-04)."""
    online = {one.id: midnight(one.service.online_since.toordinal()) + 9 * 60 * MINUTE for one in openings}
    newest = openings[-2]
    reviewed = {house.id for house in houses if random.random() < 0.5}

    def rights() -> Iterator[Values]:
        for house in houses:
            giver = house.administrator.id
            for one in house.accounts:
                given_at = one.created_at + 5 * MINUTE
                for service, level in one.rights:
                    yield one.id, service, level, max(given_at, online[service]), giver
            first = house.administrator
            if house.id in reviewed and first.rights:
                yield first.id, newest.id, 2, online[newest.id] + 3000 * MINUTE, giver

    await pour(
        "rights", ("user_id", "service_id", "level", "granted_at", "granted_by_id"), rights(), progress, "droits"
    )

    def reviews() -> Iterator[Values]:
        for house in houses:
            first = house.administrator
            for one in openings:
                if one.is_recent or (one is newest and house.id not in reviewed) or random.random() < 0.02:
                    continue
                reviewed_at = max(first.created_at, online[one.id]) + 3000 * MINUTE
                yield house.id, one.id, first.id, reviewed_at

    columns = ("establishment_id", "service_id", "reviewed_by_id", "reviewed_at")
    await pour("service_reviews", columns, reviews(), progress, "revues de services")


async def write_terms(houses: list[House], today: int, random: Random, progress: Progress) -> None:
    """Two versions of the terms, accepted by nearly everybody (R-CGU-02)."""
    published = [months_after(today, -months) for months in _TERMS_MONTHS_AGO]
    hashes = []
    for number, day in enumerate(published, start=1):
        body = (DATA / f"cgu-{number}.txt").read_text(encoding="utf-8")
        hashes.append(hashlib.sha256(body.encode()).hexdigest())
        version = f"{date.fromordinal(day):%Y-%m}"
        await fill(
            "terms",
            ("id", "version", "published_on", "changes", "body", "body_sha256"),
            [(number, version, iso(day), _TERMS_CHANGES[number - 1], body, hashes[-1])],
        )

    def acceptances() -> Iterator[Values]:
        for house in houses:
            first = house.administrator
            last = first.last_login_at or 0
            for number, day in enumerate(published):
                accepted = max(at_work(random, day + random.randint(0, 20)), first.created_at + MINUTE)
                keen = house.name != TERMS_WAIT and (bool(sign_ins_of(house.name)) or house.id % 50 != 49)
                if accepted <= last and (keen or number == 0):
                    yield number + 1, house.id, first.id, accepted, hashes[number]

    columns = ("terms_id", "establishment_id", "user_id", "accepted_at", "body_sha256")
    await pour("terms_acceptances", columns, acceptances(), progress, "acceptations des CGU")
