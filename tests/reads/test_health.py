"""The health of an establishment: each check, what it says and what mends it (R-ACC-05, R-COU-12)."""

from datetime import date, timedelta
from typing import Any

from backend import clock
from backend import database as db
from backend.models import Establishment, Notification, ServiceReview, Terms, TermsAcceptance, User
from backend.reads import health
from tests import builders

CODES = (
    "TWO_ADMINISTRATORS ADDRESSES_REACHED LETTERS_HAVE_READERS TERMS_ACCEPTED SERVICES_REVIEWED ACCOUNTS_LAST "
    "FUNCTIONAL_ADDRESS"
).split()


async def broken(town: Establishment) -> dict[str, str]:
    """What does not hold, with its message."""
    [checks] = await health.checks([town.id])
    assert [one.code for one in checks] == CODES
    return {one.code: one.message for one in checks if not one.holds}


async def healthy(**values: Any) -> tuple[Establishment, User]:
    """A town where everything holds."""
    town = await builders.establishment(functional_email="mairie@royan.example", **values)
    chief = await builders.user(town, administrator=True, rights={"COURRIERS": builders.READ})
    await builders.user(town, administrator=True)
    kind = await builders.courrier_type()
    await ServiceReview.create(
        establishment_id=town.id, service_id=kind.service_id, reviewed_by_id=chief.id, reviewed_at=clock.now()
    )
    return town, chief


async def sent(to: User, status: str, **values: Any) -> None:
    now = clock.now()
    await Notification.create(
        kind="INVITATION",
        rule="R-ACC-03",
        user_id=to.id,
        establishment_id=to.establishment_id,
        subject="s",
        body_text="t",
        body_html="h",
        status=status,
        queued_at=now,
        next_attempt_at=now,
        sent_at=now if status == "SENT" else None,
        **{"recipient": to.email, **values},
    )


async def test_where_everything_holds_each_line_says_so(database: str) -> None:
    town, _ = await healthy()
    assert await broken(town) == {}


async def test_under_two_administrators_it_says_how_many(database: str) -> None:  # R-ACC-05
    town, chief = await healthy()
    await User.filter(establishment_id=town.id).exclude(id=chief.id).update(password_hash=None)
    assert "Un seul administrateur" in (await broken(town))["TWO_ADMINISTRATORS"]
    await User.filter(id=chief.id).update(expires_on=clock.today() - timedelta(days=1))
    found = await broken(town)
    assert "la plateforme doit en nommer un" in found["TWO_ADMINISTRATORS"]
    assert "LETTERS_HAVE_READERS" in found


async def test_an_address_that_bounces_is_named_until_it_is_reached_again_or_changed(database: str) -> None:  # R-NOT-02
    town, chief = await healthy()
    await sent(chief, "SENT")
    await sent(chief, "GIVEN_UP")
    await sent(chief, "QUEUED")
    name = f"{chief.first_name} {chief.last_name}"
    assert f"parvenu à {name} : vérifiez son adresse" in (await broken(town))["ADDRESSES_REACHED"]
    await sent(chief, "GIVEN_UP", recipient="ancienne@royan.example")
    for number in range(4):
        one = await builders.user(town, last_name=f"Zola {number}")
        await sent(one, "GIVEN_UP")
    message = (await broken(town))["ADDRESSES_REACHED"]
    assert "et 2 autres : vérifiez leurs adresses" in message
    for one in await User.filter(establishment_id=town.id):
        await sent(one, "SENT")
    assert await broken(town) == {}


async def test_a_service_whose_letters_nobody_reads_is_named(database: str) -> None:  # R-COU-12
    town, chief = await healthy()
    other = await builders.courrier_type("AUTRE", "AUTRE")
    await builders.courrier_type("AILLEURS", "AILLEURS", fund="RAFP")  # no contract with that fund
    await ServiceReview.create(
        establishment_id=town.id, service_id=other.service_id, reviewed_by_id=chief.id, reviewed_at=clock.now()
    )
    assert "« Service AUTRE »" in (await broken(town))["LETTERS_HAVE_READERS"]
    centre = await builders.establishment()
    member = await builders.user(centre, rights={"AUTRE": builders.READ})
    await builders.delegation(centre, town, services={"AUTRE": builders.READ}, members=[member])
    assert "LETTERS_HAVE_READERS" not in await broken(town)
    lent = "Seules des personnes qui agissent par délégation peuvent lire ceux de « Service AUTRE »."
    [checks] = await health.checks([town.id])
    [readers] = [one.message for one in checks if one.code == "LETTERS_HAVE_READERS"]
    assert readers == f"Chaque courrier attendu a quelqu’un pour le lire. {lent}"  # R-DEL-07
    at_home = "SELECT id FROM users WHERE establishment_id = $1"
    await db.execute(f"DELETE FROM rights WHERE user_id IN ({at_home})", [town.id])
    message = (await broken(town))["LETTERS_HAVE_READERS"]
    nobody = "Personne ne peut lire les courriers de « Service COURRIERS » : donnez-en le droit à quelqu’un."
    assert message == f"{nobody} {lent}"


async def test_terms_services_expiry_and_functional_address(database: str) -> None:  # R-CGU-02, R-RGT-04, R-ACC-08
    town, chief = await healthy()
    for version, day in (("1", date(2024, 1, 1)), ("2", date(2025, 1, 1)), ("3", date(2099, 1, 1))):
        terms = await Terms.create(version=version, published_on=day, body="Texte", body_sha256="0" * 64)
        if version == "1":
            await TermsAcceptance.create(
                terms_id=terms.id,
                establishment_id=town.id,
                user_id=chief.id,
                accepted_at=clock.now(),
                body_sha256="0" * 64,
            )
    assert set(await broken(town)) == {"TERMS_ACCEPTED"}
    current = await Terms.get(version="2")
    await TermsAcceptance.create(
        terms_id=current.id, establishment_id=town.id, user_id=chief.id, accepted_at=clock.now(), body_sha256="0" * 64
    )
    await builders.service("ANCIEN", online_since=town.registered_on)
    assert await broken(town) == {}
    await builders.service("NOUVEAU", online_since=town.registered_on + timedelta(days=1))
    await User.filter(id=chief.id).update(expires_on=clock.today() + timedelta(days=60))
    await Establishment.filter(id=town.id).update(functional_email=None)
    found = await broken(town)
    assert set(found) == {"SERVICES_REVIEWED", "ACCOUNTS_LAST", "FUNCTIONAL_ADDRESS"}
    assert found["SERVICES_REVIEWED"].startswith("Un service attend")
    assert found["ACCOUNTS_LAST"].startswith("Un compte expire dans les 60 jours")
    assert "assistance@peps.example" in found["FUNCTIONAL_ADDRESS"]
