"""The catalogue: models of letter, defined by operators (R-COU-09, R-COU-14, R-COU-17)."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backend import clock
from backend import database as db
from backend.rules import journal, past
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

LONGEST_LABEL = 200
SHORTEST_RETENTION, LONGEST_RETENTION = 12, 1200
"""Months."""

DIGITAL, DIGITAL_AND_POST = "DIGITAL", "DIGITAL_AND_POST"
ALWAYS_POSTED = ("FNC", "FAEFM")
"""Funds whose letters all leave on paper too (R-COU-09)."""

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_FIELDS = ("label", "fund_id", "service_id", "channel", "notifies_by_email", "retention_months", "available_since")
_NET = {"remind_after": 7, "escalate_after": 21, "follow_up_after": 45}
"""The steps of the safety net and their days, where nothing else is said (R-COU-11)."""

LONGEST_NET = 365
"""Days."""


@dataclass(frozen=True)
class Definition:
    """A model of letter as it is to be. Its code and its fund never change once it is defined."""

    code: str
    label: str
    fund: str
    service: str
    channel: str
    notifies_by_email: bool
    retention_months: int
    available_since: date
    remind_after: int | None = None
    escalate_after: int | None = None
    follow_up_after: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The model, or why not."""

    type_id: int | None = None
    errors: tuple[UserError, ...] = ()


async def define(viewer: Viewer, given: Definition) -> Outcome:
    """An operator adds a model to the catalogue, or changes the one of that code. Letters deposited before keep how
    they were sent; who may read them follows the service at once.
    """
    if not viewer.is_operator:
        message = "Seuls les gestionnaires de la plateforme tiennent le catalogue."
        return Outcome(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    given = replace(given, code=given.code.strip().upper(), label=" ".join(given.label.split()))
    errors = _refusals(given)
    async with db.transaction():
        service = await db.row("SELECT id, label, closed_on FROM services WHERE code = $1", [given.service])
        if service is None or (service["closed_on"] or "9999") <= clock.today().isoformat():
            message = f"Le service « {given.service[:60]} » n’existe pas ou est fermé."
            errors.append(UserError(ErrorCode.UNKNOWN_SERVICE, message, ("service",)))
        before = await db.row("SELECT * FROM courrier_types WHERE code = $1", [given.code])
        if before is not None:  # two operators take turns, so that each says what was before
            await db.hold("courrier_types", before["id"])
            before = await db.row("SELECT * FROM courrier_types WHERE id = $1", [before["id"]])
        if before is not None and before["fund_id"] != given.fund:
            errors.append(_invalid(f"Ce modèle est du fonds {before['fund_id']} : il n’en change pas.", "fund"))
        if errors or service is None:
            return Outcome(errors=tuple(errors))
        values = {
            "label": given.label,
            "fund_id": given.fund,
            "service_id": service["id"],
            "channel": given.channel,
            "notifies_by_email": given.notifies_by_email,
            "retention_months": given.retention_months,
            "available_since": given.available_since.isoformat(),
        }
        if before is not None and before["service_id"] != service["id"]:
            await past.service_of_type_ends(before["id"], before["service_id"])
        for name, usual in _NET.items():
            said = getattr(given, name)
            values[name] = said if said is not None else before[name] if before else usual
        number = await _write(given.code, values)
        changes = {name: (before[name] if before else None, values[name]) for name in (*_FIELDS, *_NET)}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            event = journal.Event(
                "courrier_type.defined",
                subject=("CourrierType", number),
                changes=changes,
                facts={"code": given.code, "label": given.label, "is_new": before is None},
            )
            journal.record(viewer, event)
    return Outcome(number)


async def _write(code: str, values: dict[str, Any]) -> int:
    """Insert, or change; two operators at once end with the last one's."""
    columns = (*_FIELDS, *_NET)
    places = ", ".join(f"${number}" for number in range(2, len(columns) + 2))
    kept = ", ".join(f"{name} = excluded.{name}" for name in columns)
    made = await db.rows(
        f"INSERT INTO courrier_types (code, {', '.join(columns)}) VALUES ($1, {places}) "
        f"ON CONFLICT (code) DO UPDATE SET {kept} RETURNING id",
        [code, *(values[name] for name in columns)],
    )
    return int(made[0]["id"])


def _refusals(given: Definition) -> list[UserError]:
    errors = []
    if not _CODE.fullmatch(given.code):
        message = (
            "Le code compte de 1 à 64 lettres majuscules sans accent, chiffres et traits bas, et commence par une "
        )
        errors.append(_invalid(message + "lettre, par exemple CNRACL_APPEL.", "code"))
    if not (1 <= len(given.label) <= LONGEST_LABEL and given.label.isprintable()):
        errors.append(_invalid(f"Nommez le modèle en 1 à {LONGEST_LABEL} caractères.", "label"))
    if not SHORTEST_RETENTION <= given.retention_months <= LONGEST_RETENTION:
        message = f"La conservation va de {SHORTEST_RETENTION} à {LONGEST_RETENTION} mois."
        errors.append(_invalid(message, "retentionMonths"))
    if given.fund in ALWAYS_POSTED and given.channel != DIGITAL_AND_POST:
        message = "Tous les courriers de ce fonds partent aussi par la poste."
        errors.append(_invalid(message, "channel"))
    errors += [
        _invalid(f"Un délai de relance va de 0 (jamais) à {LONGEST_NET} jours.", path)
        for days, path in (
            (given.remind_after, "remindAfter"),
            (given.escalate_after, "escalateAfter"),
            (given.follow_up_after, "followUpAfter"),
        )
        if days is not None and not 0 <= days <= LONGEST_NET
    ]
    if not 1990 <= given.available_since.year <= clock.today().year + 5:
        errors.append(_invalid("Cette date n’est pas plausible.", "availableSince"))
    return errors


def _invalid(message: str, path: str) -> UserError:
    return UserError(ErrorCode.INVALID_VALUE, message, (path,))
