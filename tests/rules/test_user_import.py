"""Accounts from a file: a rehearsal, then for real, twice without harm (R-ACC-18)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from backend import database as db
from backend.models import Establishment, User
from backend.rules import user_import
from backend.rules.user_import import Imported
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_right import refused_viewers

HEADING = "Civilité;Prénom;Nom;Adresse de messagerie;Téléphone;Profil;COURRIERS;Service COTISATIONS\n"
TWO = (
    HEADING + "Madame;Zoé;Lefèvre;zoe@royan.example;05 46 00 00 00;Utilisateur;Modification;Aucun\n"
    "M.;Noël;d’Aubigné;noel@royan.example;;administrateur;lecture seule;Modification\n"
)


async def a_town() -> tuple[Establishment, Viewer]:
    town = await builders.establishment("Commune de Royan")
    for code in ("COURRIERS", "COTISATIONS"):
        await builders.service(code)
    chief = await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard", email="alix@royan.fr")
    return town, builders.viewer(chief)


async def load(viewer: Viewer, content: str, *, dry_run: bool = False, key: str | None = None) -> Imported:
    return await user_import.load(viewer, viewer.establishment_id or 0, content, dry_run=dry_run, key=key)


def told(outcome: Imported) -> list[tuple[int, str]]:
    return [(one.number, one.outcome) for one in outcome.lines]


def why(outcome: Imported) -> dict[int, list[tuple[str, str]]]:
    """The code and the first word of the path of each line's refusals."""
    return {one.number: [(e.code.value, e.path[0] if e.path else "") for e in one.errors] for one in outcome.lines}


async def test_a_rehearsal_tells_everything_and_changes_nothing(database: str) -> None:  # R-ACC-18
    _, viewer = await a_town()
    before = await tables.digest()
    outcome = await load(viewer, TWO, dry_run=True, key="k")
    assert told(outcome) == [(2, "WOULD_CREATE"), (3, "WOULD_CREATE")]
    assert [(one.first_name, one.is_administrator, one.rights) for one in outcome.lines] == [
        ("Zoé", False, 1),
        ("Noël", True, 2),
    ]
    assert await tables.digest() == before


async def test_for_real_each_line_becomes_an_invited_account_with_its_rights(database: str) -> None:  # R-ACC-03, 18
    town, viewer = await a_town()
    outcome = await load(viewer, TWO)
    assert told(outcome) == [(2, "CREATED"), (3, "CREATED")]
    zoe, noel = [await User.get(id=one.user_id or 0) for one in outcome.lines]
    assert (zoe.identifier, noel.identifier) == tuple(one.identifier for one in outcome.lines)
    assert (zoe.establishment_id, zoe.civility, zoe.phone, zoe.password_hash) == (
        town.id,
        "MADAME",
        "05 46 00 00 00",
        None,
    )
    assert (noel.last_name, noel.civility, noel.is_administrator) == ("d’Aubigné", "MONSIEUR", True)
    held = await db.rows(
        "SELECT u.first_name, s.code, r.level FROM rights r JOIN users u ON u.id = r.user_id "
        "JOIN services s ON s.id = r.service_id ORDER BY u.id, s.code"
    )
    assert [tuple(one.values()) for one in held] == [
        ("Zoé", "COURRIERS", 2),
        ("Noël", "COTISATIONS", 2),
        ("Noël", "COURRIERS", 1),
    ]
    mails = await db.rows("SELECT recipient, body_text FROM notifications ORDER BY id")
    assert [one["recipient"] for one in mails] == ["zoe@royan.example", "noel@royan.example"]
    assert [zoe.identifier in one["body_text"] for one in mails] == [False, False]
    assert len(await tables.journal("user.created")) == len(await tables.journal("right.changed")) == 2
    [event] = await tables.journal("user.imported")
    assert event["body"]["facts"] == {"lines": {"CREATED": 2, "UNCHANGED": 0, "REJECTED": 0}}


async def test_the_same_file_twice_opens_nothing_twice(database: str) -> None:  # R-ACC-01, R-ACC-18
    _, viewer = await a_town()
    first = await load(viewer, TWO)
    second = await load(viewer, TWO + "Madame;Lou;Morel;lou@royan.example;;;;\n")
    assert told(second) == [(2, "UNCHANGED"), (3, "UNCHANGED"), (4, "CREATED")]
    assert [one.identifier for one in second.lines[:2]] == [one.identifier for one in first.lines]
    assert len(await tables.journal("user.created")) == 3


@pytest.mark.parametrize("key", [None, "une clé"])
async def test_the_same_file_twice_at_once_opens_nothing_twice(database: str, key: str | None) -> None:  # R-ACC-18
    town, viewer = await a_town()
    other = builders.viewer(await builders.user(town, administrator=True))
    for attempt in range(3):
        content = TWO.replace("@royan", f"@royan-{attempt}")
        outcomes = await asyncio.gather(
            *(load(one, content, key=key and f"{key} {attempt}") for one in (viewer, other, viewer))
        )
        counts = Counter(line.outcome for one in outcomes for line in one.lines)
        # Under one key the same person is answered alike: twice « created », of the same two accounts.
        assert counts["CREATED"] + counts["UNCHANGED"] == 6
        assert len({line.user_id for one in outcomes for line in one.lines}) == 2
    assert await User.filter(establishment_id=town.id).count() == 2 + 6


async def test_a_key_answers_as_the_first_time(database: str) -> None:  # R-ACC-18
    _, viewer = await a_town()
    wrong = "Madame;Lou;Morel;lou;;;;\n"
    first = await load(viewer, TWO + wrong, key="a")
    before = await tables.digest()
    again = await load(viewer, TWO + wrong, key="a")
    other = await load(viewer, TWO, key="a")
    assert (again, [one.code.value for one in other.errors]) == (first, ["KEY_REUSED"])
    assert await tables.digest() == before


async def test_a_line_that_is_refused_does_not_stop_the_others(database: str) -> None:  # R-ACC-01, 03, 18
    _, viewer = await a_town()
    content = (
        f"{HEADING}Madame;Zoé;Lefèvre;zoe@royan.example;;;;\n"
        "Docteur;Lou;Morel;lou@royan.example;;;;\n"
        "Madame;;Morel;pas une adresse;x;;;\n"
        "Madame;Léa;Petit;lea@royan.example;;Chef;Tout;\n"
        "\n"
        "Madame;Zoé;Lefèvre;ZOE@royan.example;;;;\n"
        "Monsieur;Éric;Roux;alix@royan.fr;;;;\n"
        "Madame;Inès;Noir;ines@royan.example;;;;;de trop\n"
        "Monsieur;Paul;Vidal;paul@royan.example"
    )
    for dry_run in (True, False):
        outcome = await load(viewer, content, dry_run=dry_run)
        done = "WOULD_CREATE" if dry_run else "CREATED"
        refused = [(number, "REJECTED") for number in (3, 4, 5, 7, 8, 9)]
        assert told(outcome) == [(2, done), *refused, (10, done)]
        assert why(outcome) == {
            2: [],
            3: [("INVALID_VALUE", "civility")],
            4: [("INVALID_VALUE", "firstName"), ("INVALID_EMAIL", "email"), ("INVALID_VALUE", "phone")],
            5: [("INVALID_VALUE", "profile"), ("INVALID_VALUE", "rights")],
            7: [("EMAIL_TAKEN", "email")],
            8: [("EMAIL_TAKEN", "email")],
            9: [("INVALID_VALUE", "")],
            10: [],
        }
        messages = {one.number: one.errors[0].message for one in outcome.lines if one.errors}
        assert "ligne 2" in messages[7]
        assert "Alix Bernard" in messages[8]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_files_of_every_spreadsheet_are_read(database: str, separator: str, end: str) -> None:  # R-ACC-18
    _, viewer = await a_town()
    rows = [
        ["E-MAIL", "nom", "PRENOM", "service courriers"],
        ["zoe@royan.example", '"Le ""Goff', "dit; l'aîné, ou\tpas\"", "Zoé", "LECTURE SEULE"],
    ]
    content = f"\ufeff{end}{separator.join(rows[0])}{end}"
    content += separator.join([rows[1][0], rows[1][1] + rows[1][2], *rows[1][3:]]) + end
    [line] = (await load(viewer, content)).lines
    assert (line.number, line.outcome, line.errors) == (3, "CREATED", ())
    assert (line.last_name, line.rights) == ("Le \"Goffdit; l'aîné, ou pas", 1)


MANY = HEADING + "".join(f";P;N;p{number}@royan.example;;;;\n" for number in range(1001))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "vide"),
        ("\n;;\n", "vide"),
        (HEADING, "ne contient que ses titres"),
        ("Prénom;Nom\nZoé;Lefèvre\n", "adresse de messagerie"),
        ("Prénom;Nom;Courriel;Pointure\nZoé;Lefèvre;z@r.example;38\n", "« Pointure »"),
        ("Prénom;Nom;Courriel;E-mail\nZoé;Lefèvre;z@r.example;z@r.example\n", "deux fois"),
        ("Prénom;Nom;Courriel;COURRIERS;Service COURRIERS\nZ;L;z@r.example;;\n", "deux fois"),
        ("Pr\ufffdnom;Nom;Courriel\nZoé;Lefèvre;z@r.example\n", "UTF-8"),
        ("Prénom;Nom;Courriel\nZoé\0;Lefèvre;z@r.example\n", "UTF-8"),
        ('Prénom;Nom;Courriel\nZoé;"Lefèvre;z@r.example\n', "après la ligne 1"),
        (MANY, "1001 lignes"),
        ("x" * 500_001, "500 000 caractères"),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_file_that_cannot_be_read_says_what_to_do(database: str, content: str, said: str) -> None:  # R-ACC-18
    _, viewer = await a_town()
    before = await tables.digest()
    outcome = await load(viewer, content, key="k")
    [error] = outcome.errors
    assert (error.code.value, error.path, outcome.lines) == ("FILE_UNREADABLE", ("csv",), ())
    assert said in error.message
    assert await tables.digest() == before


async def test_a_closed_service_is_no_column(database: str) -> None:  # R-RGT-05
    _, viewer = await a_town()
    await builders.service("FERMÉ", closed_on="2021-01-01")
    outcome = await load(viewer, "Prénom;Nom;Courriel;FERMÉ\nZoé;Lefèvre;z@r.example;Aucun\n", dry_run=True)
    assert [one.code.value for one in outcome.errors] == ["FILE_UNREADABLE"]


async def test_nobody_but_an_administrator_of_the_establishment_imports(database: str) -> None:  # R-ACC-02
    town, _ = await a_town()
    viewers = await refused_viewers(town, await builders.user(town))
    before = await tables.digest()
    outcomes = [
        await user_import.load(one, town.id, TWO, dry_run=dry_run) for one in viewers for dry_run in (True, False)
    ]
    assert {one.errors[0].code.value for one in outcomes} == {"NOT_FOUND"}
    assert await tables.digest() == before


async def test_a_thousand_lines_take_as_many_statements_as_one(database: str) -> None:  # R-ACC-18
    _, viewer = await a_town()
    counts: list[Any] = []
    for number in (1, 1000):
        content = HEADING + "".join(
            f"Madame;Prénom;Nom{'é' * (line % 7)};p{line}@n{number}.example;;;Modification;Aucun\n"
            for line in range(number)
        )
        db.statements.seen = []
        outcome = await load(viewer, content)
        counts.append(len(db.statements.seen))
        db.statements.seen = None
        assert {one.outcome for one in outcome.lines} == {"CREATED"}
    # A name drawn twice is drawn again, by one statement for all of them.
    assert counts[1] <= counts[0] + 4 < 30
