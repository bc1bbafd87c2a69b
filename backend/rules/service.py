"""Services of the platform: published and closed by operators, reviewed by administrators (R-RGT-04, 05)."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, announcement, journal, right
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST = 100
"""Services that one review may name."""

LONGEST_LABEL = 120
LONGEST_DESCRIPTION = 500
LONGEST_THEME = 60
LAST_POSITION = 9_999

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}", re.ASCII)


# ---------------------------------------------------------------- publishing


@dataclass(frozen=True)
class NewService:
    """A service to be, open from a day on; without a position it comes after all others."""

    code: str
    label: str
    description: str
    theme: str
    funds: tuple[str, ...]
    online_since: date
    is_delegable: bool = True
    position: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The service, or why not."""

    service_id: int | None = None
    errors: tuple[UserError, ...] = ()


async def publish(viewer: Viewer, given: NewService) -> Outcome:
    """An operator publishes a service: nobody holds a right on it, and every administrator is told on its day
    (R-RGT-04).
    """
    given = _tidied(given)
    refusals = _refusals(given)
    async with db.transaction():
        if not await access.still_operates(viewer):
            return Outcome(errors=(_for_operators(),))
        earlier = await db.row("SELECT id FROM services WHERE code = $1", [given.code])
        if earlier is not None:
            refusals.append(_taken(given.code))
        if refusals:
            return Outcome(errors=tuple(refusals))
        if given.position is None:
            given = replace(given, position=await _last_position() + 1)
        service_id = await _insert(given)
        if service_id is None:  # another operator was quicker
            return Outcome(errors=(_taken(given.code),))
        await announcement.plan(announcement.SERVICE, service_id)
        facts = {**asdict(given), "online_since": given.online_since.isoformat()}
        journal.record(viewer, journal.Event("service.published", subject=("Service", service_id), facts=facts))
    return Outcome(service_id)


def _tidied(given: NewService) -> NewService:
    return replace(
        given,
        code=given.code.strip().upper(),
        label=_words(given.label),
        description=_words(given.description),
        theme=_words(given.theme),
        funds=tuple(dict.fromkeys(given.funds)),
    )


def _words(text: str) -> str:
    return " ".join(text.split())


def _refusals(given: NewService) -> list[UserError]:
    wrong = []
    if not _CODE.fullmatch(given.code):
        message = (
            "Le code compte de 1 à 40 lettres majuscules sans accent, chiffres et traits bas, et commence par une "
        )
        wrong.append((message + "lettre, par exemple COURRIERS_CNRACL.", "code"))
    for text, longest, what, path in (
        (given.label, LONGEST_LABEL, "Nommez le service", "label"),
        (given.description, LONGEST_DESCRIPTION, "Dites ce que le service permet", "description"),
        (given.theme, LONGEST_THEME, "Nommez le thème sous lequel le ranger", "theme"),
    ):
        if not (1 <= len(text) <= longest and text.isprintable()):
            wrong.append((f"{what} en 1 à {longest} caractères.", path))
    if given.online_since < clock.today():
        wrong.append(("Un service ouvre aujourd’hui ou plus tard : choisissez une autre date.", "onlineSince"))
    if given.position is not None and not 0 <= given.position <= LAST_POSITION:
        wrong.append(("Le rang va de 0 à 9\u202f999.", "position"))
    return [UserError(ErrorCode.INVALID_VALUE, message, (path,)) for message, path in wrong]


async def _insert(given: NewService) -> int | None:
    """Insert the rows; None where the code is taken, by whoever publishes it at the same moment too."""
    made = await db.rows(
        "INSERT INTO services (code, label, description, theme, position, is_delegable, online_since) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO NOTHING RETURNING id",
        [
            given.code,
            given.label,
            given.description,
            given.theme,
            given.position,
            given.is_delegable,
            given.online_since.isoformat(),
        ],
    )
    if not made:
        return None
    service_id = int(made[0]["id"])
    if given.funds:
        await db.execute_many(
            "INSERT INTO service_funds (service_id, fund_id) VALUES ($1, $2)",
            [(service_id, fund) for fund in given.funds],
        )
    return service_id


async def _last_position() -> int:
    last = await db.row("SELECT COALESCE(max(position), 0) AS position FROM services")
    return int(last["position"]) if last else 0


def _taken(code: str) -> UserError:
    message = f"Le code « {code} » est déjà celui d’un service, ouvert ou fermé : donnez-en un autre."
    return UserError(ErrorCode.SERVICE_CODE_TAKEN, message, ("code",))


# ---------------------------------------------------------------- closing


async def close(viewer: Viewer, code: str, closed_on: date) -> Outcome:
    """An operator closes a service from a day on: its rights are hidden, and kept (R-RGT-05).

    A closing that is to come can be moved; one that has come is final.
    """
    today = clock.today()
    async with db.transaction():
        if not await access.still_operates(viewer):
            return Outcome(errors=(_for_operators(),))
        found = await db.row("SELECT id, closed_on FROM services WHERE code = $1", [code])
        if found is None:
            return Outcome(errors=(_unknown(code, ("code",)),))
        await db.hold("services", found["id"])
        found = await db.row("SELECT id, closed_on FROM services WHERE id = $1", [found["id"]])
        assert found is not None  # noqa: S101 - services are never deleted
        if found["closed_on"] is not None and found["closed_on"] <= today.isoformat():
            since = clock.french_date(date.fromisoformat(found["closed_on"]))
            return _refused(f"Ce service est déjà fermé, depuis le {since}.", "code")
        if closed_on < today:
            return _refused("Un service ferme aujourd’hui ou plus tard : choisissez une autre date.", "closedOn")
        if found["closed_on"] != closed_on.isoformat():
            await db.execute("UPDATE services SET closed_on = $1 WHERE id = $2", [closed_on.isoformat(), found["id"]])
            event = journal.Event(
                "service.closed",
                subject=("Service", found["id"]),
                changes={"closed_on": (found["closed_on"], closed_on.isoformat())},
                facts={"code": code},
            )
            journal.record(viewer, event)
    return Outcome(found["id"])


def _refused(message: str, path: str) -> Outcome:
    return Outcome(errors=(UserError(ErrorCode.INVALID_VALUE, message, (path,)),))


def _for_operators() -> UserError:
    return UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires de la plateforme ouvrent et ferment des services.")


def _unknown(code: str, path: tuple[str, ...]) -> UserError:
    message = f"Le service « {code[:60]} » n’existe pas, est fermé ou n’est pas encore ouvert."
    return UserError(ErrorCode.UNKNOWN_SERVICE, message, path)


# ---------------------------------------------------------------- reviewing


async def review(viewer: Viewer, establishment_id: int, codes: Sequence[str]) -> tuple[UserError, ...]:
    """An administrator says that the rights of their establishment on services were reviewed (R-RGT-04).

    The first who says so counts; saying it again changes nothing.
    """
    if not 1 <= len(codes) <= MOST:
        message = f"Choisissez de 1 à {MOST} services."
        return (UserError(ErrorCode.INVALID_VALUE, message, ("services",)),)
    async with db.transaction():
        if not await access.holds_accounts(viewer, establishment_id):
            message = "Cet établissement n’existe pas, ou n’est pas de ceux que vous administrez."
            return (UserError(ErrorCode.NOT_FOUND, message, ("establishmentId",)),)
        opened = await right.open_services()
        unknown = [_unknown(code, ("services", str(place))) for place, code in enumerate(codes) if code not in opened]
        if unknown:
            return tuple(unknown)
        named = {opened[code]: code for code in codes}
        for service_id in await _insert_reviews(viewer, establishment_id, sorted(named)):
            journal.record(
                viewer,
                journal.Event(
                    "service.reviewed",
                    establishment_id=establishment_id,
                    subject=("Service", service_id),
                    facts={"code": named[service_id]},
                ),
            )
    return ()


async def _insert_reviews(viewer: Viewer, establishment_id: int, service_ids: Sequence[int]) -> list[int]:
    """The services that nobody there had reviewed."""
    now = int(clock.to_microseconds(clock.now()))
    sql = Sql("INSERT INTO service_reviews (establishment_id, service_id, reviewed_by_id, reviewed_at) VALUES")
    sql.add(", ".join(f"({sql.bind_all([establishment_id, one, viewer.user_id, now])})" for one in service_ids))
    sql.add("ON CONFLICT (establishment_id, service_id) DO NOTHING RETURNING service_id")
    return sorted(one["service_id"] for one in await db.rows(sql))
