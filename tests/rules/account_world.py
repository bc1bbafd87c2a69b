"""A small world of accounts for the machine of test_machine: who is in it, and what they carry."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend.rules import session, user
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules.ground import Ground, Look

BEGINNING = "2026-01-15T09:00+01:00"
ORIGIN = Origin("192.0.2.7", "Un navigateur")
SERVICES = ("COURRIERS", "COTISATIONS", "FERME", "BIENTOT", "JAMAIS")
"""Two that are open, one closed, one that opens while the machine runs, and one that does not exist."""


@dataclass(frozen=True)
class Person:
    """Somebody, as a new account names them."""

    first_name: str
    last_name: str
    email: str

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(self.first_name)


PEOPLE = (
    Person("Zoé", "Lefèvre", "zoe@exemple.example"),
    Person("Zoë", "LEFEVRE", "ZOE@exemple.example"),
    Person("Yann", "Le Goff", "yann@exemple.example"),
    Person("Alix", "Bernard", "alix@exemple.example"),
)
"""One twice, written differently; and one who has accounts already."""


@dataclass(eq=False)
class Account:
    """An account, and what its person knows: the password, the links they were mailed."""

    name: str
    id: int
    identifier: str
    password: str | None = None
    links: "list[Link]" = field(default_factory=list)
    application: str | None = None
    """The secret that their telephone keeps, of a second factor."""

    def __repr__(self) -> str:
        return self.name

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # how Hypothesis prints it
        printer.text(self.name)


@dataclass(eq=False)
class Link:
    """A secret that was mailed, and how often it worked."""

    secret: str
    purpose: str
    mailed_at: int
    lives: int
    worked: int = 0
    revoked: bool = False
    """Something has happened since that ends it."""


@dataclass(eq=False)
class Actor:
    """Somebody who asks: with the secret of a session or of a program, judged when they ask; or as they were when a
    request of theirs began, however long ago."""

    name: str
    account: Account | None = None
    secret: str | None = None
    kept: Viewer | None = None

    def __repr__(self) -> str:
        return self.name

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # how Hypothesis prints it
        printer.text(self.name)

    async def viewer(self) -> Viewer:
        """As the rules see them."""
        if self.kept is not None:
            return self.kept
        return (await session.authenticate(self.secret, ORIGIN) if self.secret else None) or Viewer(origin=ORIGIN)


@dataclass
class World:
    """Everybody at the beginning, in a database that remembers it."""

    ground: Ground
    places: dict[str, int]
    accounts: list[Account]
    actors: list[Actor]

    @classmethod
    def build(cls, ground: Ground) -> "World":
        made = ground.run(_build(ground))
        for number, link in links_mailed(ground.look(), {"notifications": {}}):
            next(one for one in made.accounts if one.id == number).links.append(link)
        ground.remember()
        return made


async def _build(ground: Ground) -> World:
    for code, values in (
        ("COURRIERS", {}),
        ("COTISATIONS", {}),
        ("FERME", {"closed_on": date(2021, 1, 1)}),
        ("BIENTOT", {"online_since": date(2026, 6, 1)}),
    ):
        await builders.service(code, **values)
    royan, saintes, pons = [await builders.establishment(f"Commune de {one}") for one in ("Royan", "Saintes", "Pons")]
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    platform = await builders.establishment("Gestion de la plateforme", is_platform=True)
    accounts: list[Account] = []
    actors = [Actor("nobody", kept=Viewer())]
    users = {}
    alix: dict[str, Any] = {"first_name": "Alix", "last_name": "Bernard", "email": "alix@exemple.example"}
    for name, at, values in (
        ("Alix at Royan", royan, {"administrator": True, **alix}),
        ("Basile at Royan", royan, {"administrator": True, "first_name": "Basile"}),
        ("Chloé at Royan", royan, {"rights": {"COURRIERS": 1}, "first_name": "Chloé"}),
        ("Émile at Royan", royan, {"expires_on": date(2025, 11, 30), "first_name": "Émile"}),
        ("Irène at Royan", royan, {"locked_at": clock.now() - timedelta(minutes=5), "first_name": "Irène"}),
        ("Alix at Saintes", saintes, {"administrator": True, **alix}),
        ("Elsa of the centre", centre, {"administrator": True, "first_name": "Elsa"}),
        ("Farid of the centre", centre, {"rights": {"COURRIERS": 2, "COTISATIONS": 1}, "first_name": "Farid"}),
        ("an operator", platform, {"is_operator": True}),
        ("an operators' administrator", platform, {"administrator": True}),
    ):
        made = users[name] = await builders.user(at, **values)
        theirs = Account(name, made.id, made.identifier, builders.PASSWORD)
        accounts.append(theirs)
        opened = await session.log_in(made.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
        if opened.secret is None:
            continue
        actors += [Actor(name, theirs, opened.secret), Actor(f"{name} as then", theirs, kept=opened.viewer)]
    created = await user.create(
        builders.viewer(users["Alix at Royan"]),
        user.NewUser(royan.id, "Denis", "Dupont", "denis@exemple.example", is_administrator=False),
    )
    accounts.append(Account("Denis at Royan", created.user_id or 0, created.identifier or ""))
    await builders.delegation(
        centre,
        royan,
        services={"COURRIERS": 1, "COTISATIONS": 2},
        members=[users["Farid of the centre"]],
        asker=users["Elsa of the centre"],
    )
    chloe = users["Chloé at Royan"]
    account = {str(one): one for one in accounts}
    actors.append(
        Actor(
            "Chloé who says she administers",
            account["Chloé at Royan"],
            kept=builders.viewer(chloe, is_administrator=True),
        )
    )
    acting = builders.viewer(users["Farid of the centre"], is_administrator=True, acting_for_id=royan.id)
    actors.append(Actor("Farid who acts for Royan", account["Farid of the centre"], kept=acting))
    actors.append(Actor("a program", secret=(await builders.api_client())[1]))
    places = {"Royan": royan, "Saintes": saintes, "Pons": pons, "centre": centre, "platform": platform}
    return World(ground, {name: one.id for name, one in places.items()}, accounts, actors)


def status(user: dict[str, Any]) -> str:
    """R-ACC-03, 08, 12, 14, read plainly."""
    if user["deleted_at"] is not None:
        return "DELETED"
    if user["expires_on"] < clock.today().isoformat():
        return "EXPIRED"
    if user["password_hash"] is None:
        return "INVITED"
    locked = user["locked_at"]
    lapsed = clock.now() - settings.current().durations.lock
    return "LOCKED" if locked is not None and clock.from_microseconds(locked) > lapsed else "ACTIVE"


def administers(look: Look, user_id: int | None, establishment_id: int | None) -> bool:
    """Whether somebody is an administrator of an establishment who can sign in."""
    one = look["users"].get(user_id)
    return (
        one is not None
        and one["establishment_id"] == establishment_id
        and bool(one["is_administrator"])
        and status(one) == "ACTIVE"
    )


def administers_elsewhere(look: Look, user_id: int | None, establishment_id: int | None) -> bool:
    """Whether somebody who can sign in has, as the same person, another account that administers an establishment."""
    me = look["users"].get(user_id)
    return (
        me is not None
        and status(me) == "ACTIVE"
        and any(
            administers(look, one["id"], establishment_id)
            and (one["email_key"], one["sort_name"]) == (me["email_key"], me["sort_name"])
            for one in look["users"].values()
        )
    )


def accounts_of(look: Look, establishment_id: int) -> list[dict[str, Any]]:
    """The accounts of an establishment that are not deleted."""
    return [
        one
        for one in look["users"].values()
        if one["establishment_id"] == establishment_id and one["deleted_at"] is None
    ]


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
    return {number for number, one in look["establishments"].items() if not one["is_platform"]} & opened - served


def links_mailed(look: Look, after: Look) -> list[tuple[int, Link]]:
    """The links in the e-mails queued since an earlier look, and whose they are."""
    lives = {
        "INVITATION": settings.current().durations.invitation_link,
        "PASSWORD_RESET": settings.current().durations.reset_link,
        "EMAIL_CONFIRMATION": settings.current().durations.email_link,
    }
    return [
        (one["user_id"], Link(found[1], one["kind"], one["queued_at"], int(lives[one["kind"]].total_seconds() * 1e6)))
        for number, one in sorted(look["notifications"].items())
        if number not in after["notifications"] and (found := re.search(r"jeton=([\w-]+)", one["body_text"]))
    ]
