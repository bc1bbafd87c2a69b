"""A small world of accounts for the machine of test_machine: who is in it, and what they carry."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend.rules import session, user
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.authenticator import Authenticator
from tests.rules.ground import Ground, Look

BEGINNING = "2026-01-15T09:00+01:00"
ORIGIN = Origin("192.0.2.7", "Un navigateur")
SERVICES = ("COURRIERS", "COTISATIONS", "FERME", "BIENTOT", "NOUVEAU", "AUTRE", "JAMAIS")
"""Two that are open, one closed, one that opens while the machine runs, two that may be published meanwhile, and one
that never exists.
"""
NEW_SERVICES = ("NOUVEAU", "AUTRE")


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
class Device:
    """The secret of a device trusted for seven days, and whether something has ended that since."""

    secret: str
    until: int
    is_forgotten: bool = False


@dataclass(eq=False)
class Carried:
    """What somebody carries to give a second factor, whether or not it still is one of theirs."""

    applications: dict[int, str] = field(default_factory=dict)
    """The secrets that their telephone keeps, by the factor's id."""
    passkeys: dict[int, Authenticator] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    """The recovery codes shown last, those that served crossed out."""
    dead_codes: list[str] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    last_code: str = "000000"


@dataclass(eq=False)
class Account:
    """An account, and what its person knows: the password, the links they were mailed."""

    name: str
    id: int
    identifier: str
    password: str | None = None
    links: "list[Link]" = field(default_factory=list)
    factors: Carried = field(default_factory=Carried)

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
    marennes = await builders.establishment("Commune de Marennes")
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    platform = await builders.establishment("Gestion de la plateforme", is_platform=True)
    await builders.courrier_type()
    await builders.courrier_type("ETAT", "COTISATIONS")
    for to, kind in ((royan, "APPEL"), (royan, "ETAT"), (saintes, "APPEL"), (centre, "APPEL")):
        await builders.courrier(to, kind=await builders.courrier_type(kind))
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
        ("Gaëlle at Marennes", marennes, {"administrator": True, "rights": {"COURRIERS": 1}, "first_name": "Gaëlle"}),
        ("Hugo at Marennes", marennes, {"rights": {"COURRIERS": 1}, "first_name": "Hugo"}),
        ("Inès at Marennes", marennes, {"first_name": "Inès"}),
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
    places = {
        "Royan": royan,
        "Saintes": saintes,
        "Pons": pons,
        "Marennes": marennes,
        "centre": centre,
        "platform": platform,
    }
    return World(ground, {name: one.id for name, one in places.items()}, accounts, actors)


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
