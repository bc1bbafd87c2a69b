"""Builders that name only what matters: `await user(establishment=town, rights={"COURRIERS": READ})`.

They write rows through the models, so that the database's constraints hold in tests too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from backend import clock
from backend import database as db
from backend.database import words
from backend.database.text import fold
from backend.models import (
    ApiClient,
    Contract,
    Courrier,
    CourrierType,
    Delegation,
    DelegationMember,
    DelegationService,
    Document,
    Establishment,
    Fund,
    IssuedIdentifier,
    Right,
    Service,
    Terms,
    TermsAcceptance,
    User,
)
from backend.rules import token
from backend.rules.viewer import Viewer

READ, MODIFY = 1, 2
PASSWORD = "quatre mots sans rapport"

_numbers = count(1)


@cache
def password_hash() -> str:
    """A cheap Argon2id hash of PASSWORD: tests verify many."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def siret(number: int) -> str:
    """A well-formed SIRET for a number."""
    body = f"{100000000 + number % 800000000:09d}0001"
    total = 0
    for position, digit in enumerate(reversed(body), start=1):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


async def establishment(name: str = "", **values: Any) -> Establishment:
    """An employer."""
    number = next(_numbers)
    name = name or f"Commune de Test {number}"
    number_of_siret = values.pop("siret", None) or siret(number)
    made = await Establishment.create(
        siret=number_of_siret,
        name=name,
        sort_name=fold(name),
        search_text=fold(f"{name} {number_of_siret} 17200 Royan"),
        **{
            "category": "COMMUNE",
            "postal_code": "17200",
            "city": "Royan",
            "departement": "17",
            "registered_on": date(2020, 1, 1),
            **values,
        },
    )
    await fund()
    await Contract.create(establishment_id=made.id, fund_id="CNRACL", number=f"17{made.id:06d}")
    return made


async def user(
    at: Establishment | None = None,
    *,
    administrator: bool = False,
    rights: Mapping[str, int] | None = None,
    identifier: str | None = None,
    **values: Any,
) -> User:
    """An active account, its password PASSWORD; `rights` maps a service's code to a level."""
    number = next(_numbers)
    at = at or await establishment()
    first, last = values.pop("first_name", "Camille"), values.pop("last_name", f"Martin {number}")
    identifier = identifier or f"cmartin-{number}"
    email = values.pop("email", f"{identifier}@exemple.example")
    await IssuedIdentifier.create(value=identifier, issued_at=clock.now())
    made = await User.create(
        establishment_id=at.id,
        identifier=identifier,
        first_name=first,
        last_name=last,
        sort_name=fold(f"{last} {first}"),
        search_text=fold(f"{first} {last} {email} {identifier}"),
        email=email,
        email_key=email.casefold(),
        is_administrator=administrator,
        **{
            "password_hash": password_hash(),
            "created_at": clock.now(),
            "expires_on": clock.add_months(clock.today(), 18),
            **values,
        },
    )
    for code, level in (rights or {}).items():
        made_service = await service(code)
        await Right.create(user_id=made.id, service_id=made_service.id, level=level, granted_at=clock.now())
    return made


async def accounts(at: Establishment, number: int, *, rights: Mapping[str, int] | None = None) -> list[int]:
    """Many active accounts of an establishment at once, who expire one a day for a year; their ids."""
    places = [next(_numbers) for _ in range(number)]
    now = int(clock.to_microseconds(clock.now()))
    held = [((await service(code)).id, level) for code, level in (rights or {}).items()]
    async with db.transaction():
        ids = await db.allocate_ids("users", number)
        identifiers = [f"fdurand-{place}" for place in places]
        rows = [
            {
                "id": made,
                "establishment_id": at.id,
                "identifier": identifier,
                "first_name": "Frédérique",
                "last_name": f"Durand {place}",
                "sort_name": f"durand {place} frederique",
                "search_text": f"frederique durand {place} {identifier}@exemple.example {identifier}",
                "email": f"{identifier}@exemple.example",
                "email_key": f"{identifier}@exemple.example",
                "is_administrator": False,
                "is_operator": False,
                "password_hash": password_hash(),
                "created_at": now,
                "expires_on": (clock.today() + timedelta(days=1 + day % 365)).isoformat(),
                "failed_sign_ins": 0,
            }
            for day, (made, identifier, place) in enumerate(zip(ids, identifiers, places, strict=True))
        ]
        await db.insert_many("issued_identifiers", ["value", "issued_at"], [(one, now) for one in identifiers])
        await db.insert_many("users", list(rows[0]), [list(row.values()) for row in rows])
        await db.insert_many(
            "rights",
            ["user_id", "service_id", "level", "granted_at"],
            [(made, under, level, now) for made in ids for under, level in held],
        )
    return ids


def viewer(of: User, **values: Any) -> Viewer:
    """Somebody signed in, as the rules see them."""
    return Viewer(
        **{
            "user_id": of.id,
            "establishment_id": of.establishment_id,
            "is_administrator": of.is_administrator,
            "is_operator": of.is_operator,
            **values,
        }
    )


async def operator() -> User:
    """Staff of the platform."""
    return await user(await establishment("Gestion de la plateforme", is_platform=True), is_operator=True)


async def api_client(scopes: str = "DEPOSIT_COURRIERS", **values: Any) -> tuple[ApiClient, str]:
    """A program and its secret."""
    secret = token.issue()
    made = await ApiClient.create(
        name=f"Client {next(_numbers)}",
        token_hash=token.fingerprint(secret),
        scopes=scopes,
        created_at=clock.now(),
        **values,
    )
    return made, secret


async def fund(code: str = "CNRACL") -> Fund:
    """A fund."""
    made, _ = await Fund.get_or_create(code=code, defaults={"label": f"Fonds {code}", "position": 1})
    return made


async def service(code: str = "COURRIERS", **values: Any) -> Service:
    """A service, online since long."""
    defaults = {
        "label": f"Service {code}",
        "description": "Un service.",
        "theme": "Courriers",
        "position": 1,
        "online_since": date(2020, 1, 1),
        **values,
    }
    made, _ = await Service.get_or_create(code=code, defaults=defaults)
    return made


async def courrier_type(code: str = "APPEL", service_code: str = "COURRIERS", **values: Any) -> CourrierType:
    """A model of letter."""
    of = await fund(values.pop("fund", "CNRACL"))
    under = await service(service_code)
    defaults = {
        "label": f"Modèle {code}",
        "fund_id": of.code,
        "service_id": under.id,
        "channel": "DIGITAL",
        "available_since": date(2022, 1, 1),
        **values,
    }
    made, _ = await CourrierType.get_or_create(code=code, defaults=defaults)
    return made


async def document(text: str | None = None) -> Document:
    """A document's row, without its file."""
    sha256 = hashlib.sha256(str(next(_numbers)).encode()).hexdigest()
    return await Document.create(sha256=sha256, size=1000, page_count=1, text=text, stored_at=clock.now())


async def courrier(to: Establishment | None = None, *, kind: CourrierType | None = None, **values: Any) -> Courrier:
    """A letter, available now."""
    number = next(_numbers)
    to = to or await establishment()
    kind = kind or await courrier_type()
    reference = values.pop("reference", f"REF-{number}")
    subject = values.pop("subject", f"Appel de cotisations {number}")
    now = clock.now()
    made = await Courrier.create(
        establishment_id=to.id,
        type_id=kind.id,
        fund_id=kind.fund_id,
        reference=reference,
        subject=subject,
        search_text=fold(f"{subject} {reference}"),
        document_id=values.pop("document_id", None) or (await document()).id,
        **{
            "file_name": f"{reference}.pdf",
            "content_hash": hashlib.sha256(reference.encode()).hexdigest(),
            "letter_date": clock.today(),
            "deposited_at": now,
            "publish_at": now,
            "available_at": now,
            **values,
        },
    )
    if made.withdrawn_at is None:
        of = await Document.get(id=made.document_id)
        await words.keep([words.Letter(made.id, to.id, subject, reference, of.text)])
    return made


async def delegation(
    centralisateur: Establishment,
    delegataire: Establishment,
    *,
    services: Mapping[str, int] | None = None,
    members: Sequence[User] = (),
    status: str = "ACCEPTED",
    asker: User | None = None,
    **values: Any,
) -> Delegation:
    """A delegation in force since yesterday, on COURRIERS at READ unless told otherwise."""
    asker = asker or await user(centralisateur, administrator=True)
    yesterday = clock.now() - timedelta(days=1)
    decided = status in {"ACCEPTED", "REFUSED", "ENDED"}
    made = await Delegation.create(
        centralisateur_id=centralisateur.id,
        delegataire_id=delegataire.id,
        status=status,
        requested_by_id=asker.id,
        **{
            "requested_at": yesterday,
            "decided_at": yesterday if decided else None,
            "refusal_reason": "Non." if status == "REFUSED" else None,
            **values,
        },
    )
    for code, level in (services or {"COURRIERS": READ}).items():
        under = await service(code)
        await DelegationService.create(
            delegation_id=made.id,
            service_id=under.id,
            level_asked=level,
            level_granted=level if status in {"ACCEPTED", "ENDED"} else None,
        )
    for member in members:
        await DelegationMember.create(
            delegation_id=made.id, user_id=member.id, added_at=yesterday, added_by_id=asker.id
        )
    return made


async def terms(version: str = "2026-01", published_on: date = date(2020, 1, 1), **values: Any) -> Terms:
    """A version of the terms, in force since long."""
    body = values.pop("body", f"Conditions générales\n\n1. Objet\nVersion {version}.\n")
    return await Terms.create(
        version=version,
        published_on=published_on,
        body=body,
        body_sha256=hashlib.sha256(body.encode()).hexdigest(),
        changes=values.pop("changes", None),
    )


async def acceptance(of: Terms, by: User, **values: Any) -> TermsAcceptance:
    """Terms accepted for the establishment of an administrator."""
    return await TermsAcceptance.create(
        terms_id=of.id,
        user_id=by.id,
        body_sha256=of.body_sha256,
        **{"establishment_id": by.establishment_id, "accepted_at": clock.now(), **values},
    )


@cache
def pdf(text: str = "Bonjour") -> bytes:
    """A small real PDF, its text as given."""
    import typst

    source = f'#set document(date: none)\n#"{text}"'.encode()
    made: bytes = typst.compile(source, format="pdf")
    return made
