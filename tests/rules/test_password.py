"""Passwords and the links that set them (R-ACC-03, R-ACC-15, R-NOT-03)."""

import asyncio
import re
from collections.abc import Callable

import pytest

from backend import clock
from backend import database as db
from backend.models import User
from backend.rules import notification, password, session
from backend.rules.viewer import Origin
from tests import builders

Move = Callable[[str], None]

ORIGIN = Origin("192.0.2.7", "Un navigateur")
GOOD = "nouvelle suite de mots tranquilles"
OTHER = "autre phrase que personne ne devine"


async def a_link(agent: User, purpose: str = "PASSWORD_RESET") -> str:
    async with db.transaction():
        return await password.issue_link(agent.id, purpose)


async def set_codes(secret: str, given: str = GOOD) -> list[str]:
    return [one.code.value for one in (await password.set_password(secret, given, ORIGIN)).errors]


async def mails(kind: str) -> list[db.Row]:
    return await db.rows("SELECT * FROM notifications WHERE kind = $1 ORDER BY id", [kind])


async def signs_in(agent: User, given: str) -> bool:
    return (await session.log_in(agent.identifier, given, session.TOKEN, ORIGIN)).secret is not None


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("purpose", "last", "too_late"),
    [
        ("INVITATION", "2026-06-16T09:59:59+02:00", "2026-06-16T10:00:00+02:00"),
        ("PASSWORD_RESET", "2026-06-01T11:59:59+02:00", "2026-06-01T12:00:00+02:00"),
    ],
)
async def test_a_link_lives_fifteen_days_for_an_invitation_and_two_hours_for_a_reset(  # R-ACC-03, R-ACC-15
    database: str, moved_clock: Move, purpose: str, last: str, too_late: str
) -> None:
    moved_clock("2026-06-01T10:00:00+02:00")
    secret = await a_link(await builders.user(password_hash=None), purpose)
    moved_clock(too_late)
    after = (await password.link(secret), await set_codes(secret))
    moved_clock(last)
    before = (await password.link(secret) is not None, await set_codes(secret))
    assert (before, after) == ((True, []), (None, ["LINK_INVALID"]))


async def test_a_link_works_once(database: str) -> None:  # R-ACC-03
    secret = await a_link(await builders.user(password_hash=None), "INVITATION")
    assert [await set_codes(secret), await set_codes(secret, OTHER)] == [[], ["LINK_INVALID"]]


async def test_a_new_link_kills_the_earlier_one(database: str) -> None:  # R-ACC-03
    agent = await builders.user(password_hash=None)
    first, second = await a_link(agent, "INVITATION"), await a_link(agent, "INVITATION")
    assert [await set_codes(first), await set_codes(second)] == [["LINK_INVALID"], []]


async def test_a_password_set_kills_every_other_link_of_the_account(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    invitation, reset = await a_link(agent, "INVITATION"), await a_link(agent)
    assert [await set_codes(reset), await set_codes(invitation, OTHER)] == [[], ["LINK_INVALID"]]


async def test_a_refused_password_leaves_the_link_good(database: str) -> None:  # R-ACC-03
    secret = await a_link(await builders.user())
    assert [await set_codes(secret, "court"), await set_codes(secret)] == [["PASSWORD_TOO_SHORT"], []]


async def test_a_link_of_a_deleted_account_or_a_made_up_one_is_dead(database: str) -> None:  # R-ACC-12
    agent = await builders.user()
    secret = await a_link(agent)
    await User.filter(id=agent.id).update(deleted_at=clock.now())
    assert [await set_codes(secret), await set_codes("inventé"), await password.link(secret)] == [
        ["LINK_INVALID"],
        ["LINK_INVALID"],
        None,
    ]


async def test_a_link_shows_for_whom_it_is(database: str) -> None:  # R-ACC-03
    agent = await builders.user(await builders.establishment("Commune de Royan"), identifier="agent")
    shown = await password.link(await a_link(agent, "INVITATION"))
    assert shown is not None
    assert (shown.identifier, shown.establishment_name, shown.purpose) == ("agent", "Commune de Royan", "INVITATION")


async def test_of_two_uses_of_a_link_at_once_one_wins(database: str) -> None:  # R-ACC-03
    agent = await builders.user()
    secret = await a_link(agent)
    outcomes = await asyncio.gather(set_codes(secret, GOOD), set_codes(secret, OTHER))
    winner = [given for given, codes in zip((GOOD, OTHER), outcomes, strict=True) if not codes]
    assert sorted(outcomes) == [[], ["LINK_INVALID"]]
    assert [given for given in (GOOD, OTHER) if await signs_in(agent, given)] == winner


# ---------------------------------------------------------------- what a password is


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "PASSWORD_TOO_SHORT"),
        ("Xk9!vQ2$pLz", "PASSWORD_TOO_SHORT"),
        ("a" * 257, "INVALID_VALUE"),
        ("aaaaaaaaaaaaaaaaaaaa", "PASSWORD_TOO_WEAK"),
        ("password1234", "PASSWORD_TOO_WEAK"),
        ("P@ssw0rd1234", "PASSWORD_TOO_WEAK"),
        ("motdepasse123", "PASSWORD_TOO_WEAK"),
        ("motdepasse2026", "PASSWORD_TOO_WEAK"),
        ("azertyuiop123", "PASSWORD_TOO_WEAK"),
        ("qwertyuiop123", "PASSWORD_TOO_WEAK"),
        ("123456789012", "PASSWORD_TOO_WEAK"),
        ("iloveyou1234", "PASSWORD_TOO_WEAK"),
        ("administrateur", "PASSWORD_TOO_WEAK"),
        ("Bienvenue2026!", "PASSWORD_TOO_WEAK"),
        ("Bonaventure26!", "PASSWORD_PERSONAL"),
        ("BÔNAVENTURE26!", "PASSWORD_PERSONAL"),
        ("hgbonaventure1", "PASSWORD_PERSONAL"),
        ("Angoulême2026!", "PASSWORD_PERSONAL"),
    ],
)
def test_a_password_is_judged_by_its_strength_and_its_owner(given: str, code: str) -> None:  # R-ACC-15
    own = ["hgbonaventure", "Hugo", "Bonaventure", "hugo.bonaventure@ville.example", "Commune d’Angoulême"]
    found = password.weakness(given, own)
    assert (found.code.value, found.path) == (code, ("password",)) if found else pytest.fail("taken for a good one")


@pytest.mark.parametrize("given", [GOOD, OTHER, "correct horse battery staple", "Xk9!vQ2$pLzW", "é" * 3 + "Jk2ù%wQzà"])
def test_a_strong_password_is_taken_whatever_its_recipe(given: str) -> None:  # R-ACC-15
    assert password.weakness(given, ["agent", "Camille", "Martin"]) is None


async def test_a_password_is_hashed_with_argon2id(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    await set_codes(await a_link(agent))
    stored = (await User.get(id=agent.id)).password_hash
    assert stored is not None
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_hash_of_weaker_parameters_is_made_again_at_sign_in(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    await signs_in(agent, "un mauvais mot de passe")
    before = (await User.get(id=agent.id)).password_hash
    await signs_in(agent, builders.PASSWORD)
    after = (await User.get(id=agent.id)).password_hash
    assert after is not None
    assert (before, password.needs_rehash(after)) == (agent.password_hash, False)
    assert await signs_in(agent, builders.PASSWORD)


# ---------------------------------------------------------------- what follows


async def test_a_password_set_ends_every_session(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    outcome = await session.log_in(agent.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    await set_codes(await a_link(agent))
    assert await session.authenticate(outcome.secret or "", ORIGIN) is None


async def test_the_owner_is_told_of_a_changed_password_but_not_of_a_first_one(database: str) -> None:  # R-ACC-15
    agent, newcomer = await builders.user(), await builders.user(password_hash=None)
    await set_codes(await a_link(agent))
    await set_codes(await a_link(newcomer, "INVITATION"))
    assert [one["recipient"] for one in await mails("SECURITY_ALERT")] == [agent.email]


# ---------------------------------------------------------------- forgotten


async def test_the_answer_is_the_same_whoever_asks(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    deleted = await builders.user(deleted_at=clock.now())
    asked = [agent.identifier, f" {agent.identifier.upper()} ", deleted.identifier, "personne", ""]
    told = {await password.request_reset(one, ORIGIN) for one in asked}
    recipients = {one["recipient"] for one in await mails("PASSWORD_RESET")}
    assert (told, recipients) == ({password.SAME_ANSWER}, {agent.email})


async def test_the_link_in_the_message_sets_the_password(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    await password.request_reset(agent.identifier, ORIGIN)
    [mail] = await mails("PASSWORD_RESET")
    secrets = {re.search(r"jeton=([\w-]+)", mail[part])[1] for part in ("body_text", "body_html")}  # type: ignore[index]
    assert (await set_codes(secrets.pop()), secrets) == ([], set())


async def test_at_most_five_messages_an_hour(database: str, moved_clock: Move) -> None:  # R-ACC-15
    moved_clock("2026-06-01T10:00+02:00")
    agent = await builders.user()
    for _ in range(7):
        await password.request_reset(agent.identifier, ORIGIN)
    within = len(await mails("PASSWORD_RESET"))
    moved_clock("2026-06-01T11:01+02:00")
    await password.request_reset(agent.identifier, ORIGIN)
    assert (within, len(await mails("PASSWORD_RESET"))) == (5, 6)


async def test_asking_all_at_once_sends_no_more_and_leaves_one_live_link(database: str) -> None:  # R-ACC-15
    agent = await builders.user()
    await asyncio.gather(*(password.request_reset(agent.identifier, ORIGIN) for _ in range(12)))
    live = await db.rows("SELECT id FROM links WHERE revoked_at IS NULL AND used_at IS NULL")
    assert (len(await mails("PASSWORD_RESET")), len(live)) == (5, 1)


# ---------------------------------------------------------------- the messages

LINK = "https://peps.example/mot-de-passe?jeton=abc_DEF-123&x=1"
MESSAGES = {
    "invitation": {"link": LINK, "until": "16 juin 2026", "invited_by": "Alix <i>", "establishment": "Commune <b>"},
    "password_reset": {"link": LINK, "establishment": "Commune <b>"},
    "password_changed": {},
    "new_courrier": {
        "link": LINK,
        "establishment": "Commune <b>",
        "fund": "CNRACL",
        "type": "Appel",
        "by_post": True,
        "why": "Vous recevez ce message parce que vous pouvez lire ce courrier.",
        "change": None,
    },
}


def message(template: str) -> notification.Rendered:
    names = {} if template == "new_courrier" else {"first_name": "<b>Camille</b>", "last_name": "O’Brien & Fils"}
    return notification.render(template, {**names, **MESSAGES[template]})


@pytest.mark.parametrize("template", MESSAGES)
def test_both_parts_say_everything(template: str) -> None:  # R-NOT-03
    mail = message(template)
    text = re.sub(r"\s+", " ", mail.text)
    html = re.sub(r"\s+", " ", mail.html.replace("&amp;", "&"))
    said = ["PEP’s", "assistance@peps.example", "Vous recevez ce message", MESSAGES[template].get("link", "PEP’s")]
    assert [(one in text, one in html) for one in said] == [(True, True)] * 4


@pytest.mark.parametrize("template", MESSAGES)
def test_what_people_typed_is_escaped_in_html(template: str) -> None:  # R-NOT-03
    html = message(template).html
    assert not re.search(r"<b>|<i>|Brien & Fils", html)


@pytest.mark.parametrize("template", MESSAGES)
def test_subjects_are_one_short_line_in_french(template: str) -> None:  # R-NOT-03
    mail = message(template)
    assert re.fullmatch(r"[^\n{}]{10,100}", mail.subject)
    assert 'lang="fr"' in mail.html
    assert mail.subject.replace("’", "'") in mail.html.replace("’", "'").replace("&lt;", "<").replace("&gt;", ">")
    assert "{{" not in mail.text + mail.html


@pytest.mark.parametrize("template", MESSAGES)
def test_plain_text_is_not_escaped(template: str) -> None:  # R-NOT-03
    assert not re.search(r"&(amp|lt|gt|#)", message(template).text)
