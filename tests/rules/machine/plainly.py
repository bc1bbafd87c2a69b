"""The rules of accounts read plainly, in Python, from the rows of a look: what the SQL of `access` must answer too."""

from datetime import date
from typing import Any

from backend import clock, settings
from tests.rules.ground import Look

Row = dict[str, Any]


# ---------------------------------------------------------------- accounts


def status(user: Row) -> str:
    """R-ACC-03, 08, 12, 14."""
    if user["deleted_at"] is not None:
        return "DELETED"
    if user["expires_on"] < clock.today().isoformat():
        return "EXPIRED"
    if user["password_hash"] is None:
        return "INVITED"
    return "LOCKED" if is_locked(user) else "ACTIVE"


def is_locked(user: Row) -> bool:
    """R-ACC-14."""
    lapsed = clock.now() - settings.current().durations.lock
    return user["locked_at"] is not None and clock.from_microseconds(user["locked_at"]) > lapsed


def administers(look: Look, user_id: int | None, establishment_id: int | None) -> bool:
    """Whether somebody is an administrator of an establishment who can sign in."""
    one = look["users"].get(user_id)
    return (
        one is not None
        and one["establishment_id"] == establishment_id
        and bool(one["is_administrator"])
        and status(one) == "ACTIVE"
    )


def administers_elsewhere(
    look: Look, user_id: int | None, establishment_id: int | None, *, unless_held_back: bool = False
) -> bool:
    """Whether somebody who can sign in has, as the same person, an account that administers an establishment: their
    own, or another without a second factor, or they have one too (decision 9).
    """
    me = look["users"].get(user_id)
    return (
        me is not None
        and status(me) == "ACTIVE"
        and not (unless_held_back and held_back(look, me["id"]))
        and any(
            administers(look, one["id"], establishment_id)
            and (one["email_key"], one["sort_name"]) == (me["email_key"], me["sort_name"])
            and (one is me or not factors_of(look, one["id"]) or bool(factors_of(look, me["id"])))
            and not (unless_held_back and held_back(look, one["id"]))
            for one in look["users"].values()
        )
    )


def accounts_of(look: Look, establishment_id: int) -> list[Row]:
    """The accounts of an establishment that are not deleted."""
    return [
        one
        for one in look["users"].values()
        if one["establishment_id"] == establishment_id and one["deleted_at"] is None
    ]


def administered(look: Look) -> set[int]:
    """The establishments where an administrator can sign in (R-ACC-05)."""
    return {
        one["establishment_id"]
        for one in look["users"].values()
        if administers(look, one["id"], one["establishment_id"])
    }


def without_administrator(look: Look) -> set[int]:
    """The establishments that have accounts, none of them of an administrator who can sign in (R-ACC-05)."""
    return {
        one
        for one in look["establishments"]
        if accounts_of(look, one) and not any(administers(look, each["id"], one) for each in accounts_of(look, one))
    }


def to_be_listed(look: Look) -> set[int]:
    """The establishments that operators must find: nobody administers them, nor is expected to (R-ACC-02, 11)."""
    now, today = int(clock.to_microseconds(clock.now())), clock.today().isoformat()
    invited = {
        one["user_id"]
        for one in look["links"].values()
        if one["purpose"] == "INVITATION"
        and one["used_at"] is None
        and one["revoked_at"] is None
        and one["expires_at"] > now
    }
    served = {
        one["establishment_id"]
        for one in look["users"].values()
        if one["is_administrator"]
        and one["deleted_at"] is None
        and one["expires_on"] >= today
        and (one["password_hash"] is not None or one["id"] in invited)
    }
    opened = {one["establishment_id"] for one in look["users"].values()}
    opened |= {one["establishment_id"] for one in look["courriers"].values()}
    return {number for number, one in look["establishments"].items() if not one["is_platform"]} & opened - served


# ---------------------------------------------------------------- what must be done first


def held_back(look: Look, user_id: int) -> str | None:
    """What somebody must do, or have done, before anything else (R-CGU-02, R-ACC-16)."""
    one = look["users"][user_id]
    if not one["is_operator"] and (version := terms_waiting(look, one["establishment_id"])):
        since = max(version["published_on"], look["establishments"][one["establishment_id"]]["registered_on"])
        if one["is_administrator"]:
            return "ACCEPT_TERMS"
        if date.fromisoformat(since) + settings.current().durations.terms_grace <= clock.today():
            return "ASK_TO_ACCEPT_TERMS"
    if is_second_factor_required(one) and not factors_of(look, user_id):
        return "ENROL_SECOND_FACTOR"
    return None


def current_terms(look: Look) -> Row | None:
    """The version in force today (R-CGU-01)."""
    begun = [one for one in look["terms"].values() if one["published_on"] <= clock.today().isoformat()]
    return max(begun, key=lambda one: (one["published_on"], one["id"]), default=None)


def terms_waiting(look: Look, establishment_id: int) -> Row | None:
    """The version in force, where nobody has accepted it for an establishment that must."""
    version = current_terms(look)
    if version is None or look["establishments"][establishment_id]["is_platform"]:
        return None
    return None if has_accepted(look, establishment_id, version["id"]) else version


def has_accepted(look: Look, establishment_id: int, terms_id: int) -> bool:
    """Whether a version was accepted for an establishment."""
    return any(
        (one["establishment_id"], one["terms_id"]) == (establishment_id, terms_id)
        for one in look["terms_acceptances"].values()
    )


def is_second_factor_required(user: Row) -> bool:
    """What the setting says (R-ACC-16)."""
    return {
        "optional": False,
        "administrators": bool(user["is_administrator"] or user["is_operator"]),
        "everybody": True,
    }[settings.current().second_factor]


def factors_of(look: Look, user_id: int) -> list[int]:
    """The second factors of an account."""
    return [
        number
        for number, one in look["second_factors"].items()
        if one["user_id"] == user_id and one["confirmed_at"] is not None
    ]


# ---------------------------------------------------------------- services, rights, letters


def is_online(service: Row) -> bool:
    """R-RGT-05."""
    today = clock.today().isoformat()
    return service["online_since"] <= today and (service["closed_on"] is None or service["closed_on"] > today)


def has_to_review(look: Look, establishment_id: int, service_id: int) -> bool:
    """R-RGT-04."""
    service = look["services"][service_id]
    return (
        is_online(service)
        and service["online_since"] > look["establishments"][establishment_id]["registered_on"]
        and not any(
            (one["establishment_id"], one["service_id"]) == (establishment_id, service_id)
            for one in look["service_reviews"].values()
        )
    )


def reached(look: Look, user_id: int) -> dict[tuple[int, int], int]:
    """What somebody reaches, at home and through delegations: the highest level on each service of an establishment
    (R-RGT-01, R-RGT-05, R-DEL-05, R-DEL-06).
    """
    home = look["users"][user_id]["establishment_id"]
    own = {
        one["service_id"]: one["level"]
        for one in look["rights"].values()
        if one["user_id"] == user_id and is_online(look["services"][one["service_id"]])
    }
    levels = {(home, service): level for service, level in own.items()}
    for agreement in agreements_of(look, user_id):
        for one in look["delegation_services"].values():
            if one["delegation_id"] == agreement["id"] and one["level_granted"] and one["service_id"] in own:
                place = agreement["delegataire_id"], one["service_id"]
                level = min(one["level_granted"], own[one["service_id"]])
                levels[place] = max(levels.get(place, 0), level)
    return levels


def agreements_of(look: Look, user_id: int) -> list[Row]:
    """The delegations in force through which somebody acts (R-DEL-04, R-DEL-05)."""
    home, today = look["users"][user_id]["establishment_id"], clock.today().isoformat()
    theirs = {one["delegation_id"] for one in look["delegation_members"].values() if one["user_id"] == user_id}
    return [
        one
        for one in look["delegations"].values()
        if one["id"] in theirs
        and one["centralisateur_id"] == home
        and one["status"] == "ACCEPTED"
        and (one["starts_on"] is None or one["starts_on"] <= today)
        and (one["ends_on"] is None or one["ends_on"] >= today)
    ]


def letters_of(look: Look, user_id: int) -> set[int]:
    """The letters whose document somebody reads (R-COU-05)."""
    reach = reached(look, user_id)
    return {
        number
        for number, one in look["courriers"].items()
        if one["available_at"] is not None
        and (one["establishment_id"], look["courrier_types"][one["type_id"]]["service_id"]) in reach
    }


def people_of(look: Look, user_id: int) -> set[int]:
    """The accounts that somebody who is not held back looks up (R-ACC-02, R-ACC-17)."""
    me = look["users"][user_id]
    return {
        number
        for number, one in look["users"].items()
        if one["deleted_at"] is None
        and (
            me["is_operator"]
            or number == user_id
            or (
                one["establishment_id"] == me["establishment_id"]
                and (me["is_administrator"] or one["is_administrator"])
            )
        )
    }
