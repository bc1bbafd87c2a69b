"""Delegations that a test needs, made through the graph by the people of the demonstration, and undone after it."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.rules import globalid
from tests.browser.conftest import PASSWORD, Platform, Window
from tests.browser.test_many_accounts import write

MEMBER = "agent-cdg17"
"""Acts through its delegations."""

LETTERS = [
    {"service": "COURRIERS_CNRACL_FINANCIERS", "level": "MODIFY"},
    {"service": "COURRIERS_IRCANTEC", "level": "READ"},
]
"""What is asked where a test does not say."""


@dataclass(frozen=True)
class Person:
    """Somebody's own way to the graph."""

    address: str
    token: str = ""

    def ask(self, text: str, **variables: Any) -> Any:
        """What the graph answers; a refusal of a mutation is an assertion that fails."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"query": text, "variables": variables}
        answer = httpx.post(f"{self.address}/graphql", json=sent, headers=headers, timeout=30).json()
        assert "errors" not in answer, answer
        data = answer["data"]
        for payload in data.values():
            assert not (isinstance(payload, dict) and payload.get("errors")), payload
        return data


def signed_in(platform: Platform, identifier: str) -> Person:
    """A person of the demonstration, in another session."""
    sign_in = "mutation($input: LogInInput!) { logIn(input: $input) { token errors { message } } }"
    given = {"identifier": identifier, "password": PASSWORD, "transport": "TOKEN"}
    answer = Person(platform.address).ask(sign_in, input=given)
    return Person(platform.address, answer["logIn"]["token"])


@dataclass
class Asked:
    """An establishment of the demonstration, and its administrators who can sign in."""

    id: int
    name: str
    siret: str
    administrators: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its id in the graph."""
        return globalid.encode("Establishment", self.id)


def establishment(window: Window, name: str) -> Asked:
    """One of the demonstration, by its name."""
    [(number, siret)] = write(window, "SELECT id, siret FROM establishments WHERE name = ?", name)
    people = write(
        window,
        "SELECT identifier FROM users WHERE establishment_id = ? AND is_administrator AND deleted_at IS NULL "
        "AND password_hash IS NOT NULL AND locked_at IS NULL AND expires_on > date('now') ORDER BY id",
        number,
    )
    return Asked(number, name, siret, [one for (one,) in people])


def ask_for_acknowledgement(window: Window, place: Asked) -> None:
    """Of its dozen newest letters: for which of them the demonstration does depends on the day."""
    write(
        window,
        "UPDATE courriers SET acknowledgement_required = 1 WHERE id IN (SELECT id FROM courriers "
        "WHERE establishment_id = ? AND available_at IS NOT NULL AND withdrawn_at IS NULL "
        "AND acknowledged_at IS NULL ORDER BY available_at DESC, id DESC LIMIT 12)",
        place.id,
    )


REQUEST = """mutation($input: RequestDelegationsInput!) { requestDelegations(input: $input) {
  results { delegation { id } errors { message } } errors { message } } }"""
ACCEPT = "mutation($input: AcceptDelegationInput!) { acceptDelegation(input: $input) { errors { message } } }"
REFUSE = "mutation($input: RefuseDelegationInput!) { refuseDelegation(input: $input) { errors { message } } }"
WITHDRAW = "mutation($input: DelegationsInput!) { withdrawDelegations(input: $input) { errors { message } } }"
END = "mutation($input: EndDelegationInput!) { endDelegation(input: $input) { errors { message } } }"
MEMBERS = """mutation($input: SetDelegationMembersInput!) { setDelegationMembers(input: $input) {
  results { errors { message } } errors { message } } }"""


def centre(window: Window) -> Person:
    """An administrator of the centralisateur: not `admin-cdg17`, whose password another test changes."""
    home = "SELECT establishment_id FROM users WHERE identifier = 'admin-cdg17'"
    name = write(window, f"SELECT name FROM establishments WHERE id = ({home})")[0][0]
    return signed_in(
        window.platform, next(one for one in establishment(window, name).administrators if "-cdg17" not in one)
    )


def request(window: Window, of: Asked, services: list[dict[str, str]] | None = None, **more: Any) -> str:
    """A request of the centre, waiting for its answer: its id."""
    given = {"sirets": [of.siret], "services": services or LETTERS, **more}
    [result] = centre(window).ask(REQUEST, input=given)["requestDelegations"]["results"]
    assert not result["errors"], result
    identifier: str = result["delegation"]["id"]
    return identifier


def accept(platform: Platform, of: Asked, identifier: str, **more: Any) -> None:
    """An administrator of the délégataire accepts."""
    signed_in(platform, of.administrators[0]).ask(ACCEPT, input={"id": identifier, **more})


def choose(window: Window, identifier: str, who: str = MEMBER, *, add: bool = True) -> None:
    """The centre chooses somebody to act through it, or not any more."""
    [(number,)] = write(window, "SELECT id FROM users WHERE identifier = ?", who)
    given = {"delegationIds": [identifier], "add" if add else "remove": [globalid.encode("User", number)]}
    centre(window).ask(MEMBERS, input=given)


def in_force(window: Window, of: Asked, services: list[dict[str, str]] | None = None, **more: Any) -> str:
    """A delegation in force, through which the member acts: its id."""
    identifier = request(window, of, services, **more)
    accept(window.platform, of, identifier)
    choose(window, identifier)
    return identifier


def end(platform: Platform, of: Asked, identifier: str, reason: str = "La commune reprend ses courriers.") -> None:
    """An administrator of the délégataire ends it."""
    signed_in(platform, of.administrators[0]).ask(END, input={"id": identifier, "reason": reason})


def undo(window: Window, of: Asked) -> None:
    """Nothing asked of an establishment stands any more, so that it can be asked again."""
    write(
        window,
        "UPDATE delegations SET status = 'WITHDRAWN', ended_by_id = requested_by_id, ended_at = requested_at "
        "WHERE delegataire_id = ? AND status = 'PENDING'",
        of.id,
    )
    for (number,) in write(
        window, "SELECT id FROM delegations WHERE delegataire_id = ? AND status = 'ACCEPTED'", of.id
    ):
        end(window.platform, of, globalid.encode("Delegation", number), "Fin de l’essai.")


def words(text: str) -> re.Pattern[str]:
    """A text, whatever the spaces French typography puts in it."""
    return re.compile(r"\s+".join(re.escape(part) for part in text.split()))
