"""Searching letters: the same query finds the same letters on both engines, and never one that may not be read."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from backend import clock
from backend import database as db
from backend.models import Courrier, Establishment
from backend.reads import courrier, search
from backend.reads.page import Slice
from backend.reads.search import Part, Term
from backend.rules import document, retention
from backend.rules.courrier import Deposit, deposit
from backend.rules.viewer import Viewer
from backend.rules.withdrawal import withdraw
from tests import builders

READ = {"COURRIERS": builders.READ}

LETTERS = {
    "appel": ("Appel de cotisations CNRACL, exercice 2025", "CNRACL-2025-000123", "Montant : 1 234,56 euros."),
    "relance": ("Relance pour cotisation restant due", "CNRACL-2025-000777", "Votre échéance de paiement est passée."),
    "cœur": ("Œuvres sociales : L’ÉCHÉANCIER", "RAFP-2024-ŒÉ", "Le cœur de métier, l’arrêté de l’été."),
    "bordereau": ("Bordereaux généraux annuels", "IRC-1", "cotisations cotisations cotisations; paiement d'échéance"),
    "plain": ("Courrier d’information générale", "IRC-2", ""),
    "none": ("Décompte définitif", "IRC-3", None),
}

FOUND: dict[str, set[str]] = {
    "cotisation": {"appel", "relance", "bordereau"},
    "cotisations": {"appel", "relance", "bordereau"},
    "COTISATIONS": {"appel", "relance", "bordereau"},
    '"cotisations"': {"appel", "bordereau"},
    '"cotisation"': {"relance"},
    "cotis": set(),
    "cotis*": {"appel", "relance", "bordereau"},
    "cotisations*": {"appel", "bordereau"},
    "coti* -relance": {"appel", "bordereau"},
    "cotisations -relance -bordereau": {"appel"},
    "-cotisations": {"cœur", "plain", "none"},
    "-coti* -décompte": {"cœur", "plain"},
    '-"restant due" cotisation': {"appel", "bordereau"},
    "échéance": {"relance", "bordereau"},
    "echeances": {"relance", "bordereau"},
    "ECHEANCE paiement": {"relance", "bordereau"},
    '"échéance de paiement"': {"relance"},
    "« échéance de paiement »": {"relance"},
    "“ÉCHÉANCE DE PAIE": set(),
    "echeanc*": {"relance", "cœur", "bordereau"},
    "l'échéance": {"relance", "bordereau"},
    "l’échéance": {"relance", "bordereau"},
    "coeur": {"cœur"},
    "Cœur": {"cœur"},
    "oeuvre": {"cœur"},
    "arrete": {"cœur"},
    "ete": {"cœur"},
    "CNRACL-2025-000123": {"appel"},
    "cnracl-2025": {"appel", "relance"},
    "2025-0007*": {"relance"},
    "000123": {"appel"},
    "rafp oeuvres": {"cœur"},
    "1234": set(),
    "1 234,56": {"appel"},
    '"cotisations CNRACL"': {"appel"},
    '"cotisation CNRACL"': set(),
    '"exercice 2025 CNRACL"': set(),
    "bordereau": {"bordereau"},
    "général": {"bordereau", "plain"},
    "générale": {"bordereau", "plain"},
    "generaux": {"bordereau", "plain"},
    "annuelle": {"bordereau"},
    "définitives": {"none"},
    "définitif": {"none"},
    "appel du courrier": set(),
    "de la relance": {"relance"},
    "de": {"appel", "relance", "cœur"},
    "zzz": set(),
    "cotisation zzz": set(),
    "cotisation -zzz": {"appel", "relance", "bordereau"},
    "": set(LETTERS),
    "  ": set(LETTERS),
    '"': set(LETTERS),
    "-": set(LETTERS),
    "%": set(LETTERS),
    "*": set(LETTERS),
    "a*": set(),
    "ap*": {"appel"},
    "all": set(),
    "place : all": set(),
    "NOT cotisations": set(),
    "cotisations OR zzz": set(),
    "title:appel": set(),
    "'; DROP TABLE courriers --": set(),
}


async def a_document(text: str | None) -> int:
    return (await builders.document(text)).id


async def the_letters(town: Establishment) -> dict[int, str]:
    """The letters above, and their names."""
    made = {}
    for name, (subject, reference, text) in LETTERS.items():
        letter = await builders.courrier(town, subject=subject, reference=reference, document_id=await a_document(text))
        made[letter.id] = name
    return made


async def found(
    viewer: Viewer, query: str, names: dict[int, str], within: int | None = None, **given: Any
) -> Sequence[str]:
    """The names of what a query finds, its count being the same."""
    order = given.pop("order", courrier.AVAILABLE_NEWEST)
    listing = courrier.listing(viewer, courrier.Filter(search=query, **given), order, within)
    rows = (await listing.page(Slice(first=100))).rows
    assert await listing.total() == len(rows)
    return [names.get(row["id"], "another") for row in rows]


async def test_the_same_queries_find_the_same_letters(database: str) -> None:  # R-COU-07
    town, other = await builders.establishment(), await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    names = await the_letters(town)
    await the_letters_of_another(other)
    for query, expected in FOUND.items():
        for within in (None, town.id):
            assert sorted(await found(reader, query, names, within)) == sorted(expected), (query, within)
        assert sorted(await found(reader, query, names, establishments=(town.id, other.id))) == sorted(expected), query


async def the_letters_of_another(town: Establishment) -> None:
    for number, (subject, _, text) in enumerate(LETTERS.values()):
        await builders.courrier(town, subject=subject, reference=f"X{number}", document_id=await a_document(text))


async def test_nobody_finds_a_word_of_a_letter_they_do_not_read(database: str) -> None:  # R-COU-05, R-COU-07
    town, other = await builders.establishment(), await builders.establishment()
    secret = await builders.courrier(town, subject="Objet", document_id=await a_document("canari confidentiel"))
    client, _ = await builders.api_client()
    program = Viewer(api_client_id=client.id, scopes=frozenset({"DEPOSIT_COURRIERS"}))
    await Courrier.filter(id=secret.id).update(deposited_by_client_id=client.id)
    reader = await builders.user(town, rights=READ)
    names = {secret.id: "secret"}
    assert await found(builders.viewer(reader), "canari", names) == ["secret"]

    colleague = await builders.user(town, administrator=True)
    stranger = await builders.user(other, rights=READ, administrator=True)
    for viewer in (builders.viewer(colleague), builders.viewer(stranger)):
        for query in ("canari", "cana*", '"canari confidentiel"', "objet", "-zzz", "canari -zzz"):
            for within in (None, town.id, other.id):
                for order in (courrier.AVAILABLE_NEWEST, courrier.RELEVANCE):
                    assert await found(viewer, query, names, within, order=order) == [], query
        assert await search.extracts(viewer, [(secret.id, "canari")]) == [None]

    for viewer in (builders.viewer(await builders.operator()), program):  # they see that it is there, not what it says
        for query in ("canari", "cana*", '"canari confidentiel"', "objet canari"):
            assert await found(viewer, query, names) == [], query
        assert await found(viewer, "objet -canari", names) == ["secret"]  # which tells nothing either
        assert await found(viewer, "objet", names, order=courrier.RELEVANCE) == ["secret"]
        assert await search.extracts(viewer, [(secret.id, "canari")]) == [None]
        assert await search.extracts(viewer, [(secret.id, "objet")]) == [(Part("Objet", is_marked=True),)]


async def test_a_letter_deposited_is_found_and_one_withdrawn_is_not(database: str) -> None:  # R-COU-01, R-COU-13
    town = await builders.establishment()
    kind = await builders.courrier_type()
    reader = builders.viewer(await builders.user(town, rights=READ))
    operator = builders.viewer(await builders.operator())
    stored = await document.store(builders.pdf("Votre échéancier de canaris"))
    given = Deposit(stored.document_id, town.siret, kind.code, "REF-1", "Appel annuel", clock.today())
    made = (await deposit(operator, given)).courrier_id
    assert made is not None
    names = {made: "it"}
    for query in ("canari", "echeancier annuel", "ref-1"):
        assert await found(reader, query, names) == ["it"]
    assert await words_of(made) == 1
    await withdraw(operator, made, "Une erreur.")
    for query in ("canari", "echeancier annuel", "ref-1"):
        assert await found(reader, query, names) == []
    assert await found(reader, "canari", names, withdrawn=True) == []
    assert await found(reader, "annuel ref-1", names, withdrawn=True) == ["it"]
    assert await words_of(made) == 0


async def test_a_letter_removed_leaves_no_word(database: str) -> None:  # R-COU-14
    town = await builders.establishment()
    kind = await builders.courrier_type("COURT", retention_months=12)
    reader = builders.viewer(await builders.user(town, rights=READ))
    old = await builders.courrier(town, kind=kind, document_id=await a_document("canari"))
    kept = await builders.courrier(town, document_id=await a_document("canari"))
    with clock.moved_to(clock.now() + timedelta(days=400)):
        await retention.remove_due()
        assert await found(reader, "canari", {old.id: "old", kept.id: "kept"}) == ["kept"]
    assert (await words_of(old.id), await words_of(kept.id)) == (0, 1)


async def words_of(courrier_id: int) -> int:
    """How many letters of that number have words kept."""
    key = "courrier_id" if db.dialect() == "postgres" else "rowid"
    return len(await db.rows(f"SELECT {key} FROM courrier_words WHERE {key} = $1", [courrier_id]))


async def test_a_letter_to_come_is_not_found_before(database: str) -> None:
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    await builders.courrier(town, subject="Canari", available_at=None)
    assert await found(reader, "canari", {}) == []


async def test_a_demonstration_letter_is_found_by_its_text_once_printed(database: str) -> None:
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    letter = await builders.courrier(town)
    await db.execute("UPDATE documents SET sha256 = NULL, size = NULL, stored_at = NULL")

    async def printed(_: int) -> bytes:
        return builders.pdf("Un canari")

    document.use_renderer(printed)
    try:
        assert await found(reader, "canari", {}) == []
        await document.ensure_stored(letter.document_id)
        assert await found(reader, "canari", {letter.id: "it"}) == ["it"]
    finally:
        document.use_renderer(None)


# ---------------------------------------------------------------- relevance


async def test_relevance_puts_titles_first_then_the_newest(database: str) -> None:  # R-COU-07
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    names = {}
    for name, subject, text in (
        ("phrase, old", "Relance de cotisations", ""),
        ("words", "Cotisations, de nouveau : une relance", ""),
        ("phrase", "Relance de cotisations", "cotisations"),
        ("text, old", "Courrier", "relance de cotisations, relance de cotisations"),
        ("half", "Relance", "cotisations"),
        ("text", "Courrier", "cotisations : relance"),
        ("no", "Relance", ""),
    ):
        letter = await builders.courrier(town, subject=subject, document_id=await a_document(text))
        names[letter.id] = name
    for within in (None, town.id):
        assert await found(reader, '"relance de cotisations"', names, within, order=courrier.RELEVANCE) == [
            "phrase",
            "phrase, old",
            "text, old",
        ]
        assert await found(reader, "Relance de cotisations", names, within, order=courrier.RELEVANCE) == [
            "phrase",
            "phrase, old",
            "words",
            "text",
            "half",
            "text, old",
        ]
        assert await found(reader, "relance* cotisations -zzz", names, within, order=courrier.RELEVANCE) == [
            "phrase",
            "words",
            "phrase, old",
            "text",
            "half",
            "text, old",
        ]
    newest = await found(reader, "", names, order=courrier.AVAILABLE_NEWEST)
    assert await found(reader, "", names, order=courrier.RELEVANCE) == newest
    assert await found(reader, "*", names, order=courrier.RELEVANCE) == newest


async def test_pages_by_relevance_follow_each_other_both_ways(database: str) -> None:
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    for number in range(12):
        subject = ("Relance", "Relances", "Courrier")[number % 3]
        await builders.courrier(town, subject=subject, document_id=await a_document("relance"))
    listing = courrier.listing(reader, courrier.Filter(search="relance"), courrier.RELEVANCE, town.id)
    whole = [row["id"] for row in (await listing.page(Slice(first=100))).rows]
    assert len(whole) == 12
    onward, after = [], None
    for _ in range(3):
        page = await listing.page(Slice(first=4, after=after))
        onward += [row["id"] for row in page.rows]
        after = page.cursors[-1]
    assert (onward, page.has_next) == (whole, False)
    backward: list[int] = []
    before = None
    for _ in range(3):
        page = await listing.page(Slice(last=4, before=before))
        backward = [row["id"] for row in page.rows] + backward
        before = page.cursors[0]
    assert (backward, page.has_previous) == (whole, False)


# ---------------------------------------------------------------- whatever is typed

_TYPED = st.text(alphabet=st.sampled_from("aeé œ\"'-*«»()^:+&|!<>~\\%_$1\0\n\u0301½ßﬁΣ") | st.characters(), max_size=60)


@given(_TYPED)
@example("-" * 60)
@example('"' * 59)
@example("NEAR(a b, 2)")
@example("a" * 300)
@example("mot " * 300)
@example("x\u00ad\u200by")
def test_there_is_no_wrong_query(typed: str) -> None:
    terms = search.parse(typed)
    assert len(terms) <= search.MOST_TERMS
    for term in terms:
        assert term.words
        assert all(word.isalnum() and len(word) <= 64 for word in term.words)
    search.extract(terms, [typed, "", f"un {typed} deux"])


async def test_whatever_is_typed_is_answered(database: str) -> None:
    """By the engines too, which write it their own way; and finds the letter whose subject it is."""
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    letter = await builders.courrier(town, subject="x")
    typed: list[str] = []

    @given(_TYPED)
    def gather(one: str) -> None:
        typed.append(one)

    gather()
    for one in [*typed, "a'b", "a''b", "a\\b", "':*", "((", "NEAR(a", "^a", "$1", "a AND", '"a" *', "=a", "@e1"]:
        for within in (None, town.id):
            for order in (courrier.AVAILABLE_NEWEST, courrier.RELEVANCE):
                await found(reader, one, {}, within, order=order)
    assert letter.id


@given(st.lists(st.text(alphabet="aeéxsrlu", min_size=1, max_size=9), min_size=1, max_size=6))
def test_an_extract_is_the_text_with_the_words_of_the_query(given_words: list[str]) -> None:
    text = " ".join(given_words)
    for query in (given_words[-1], f'"{" ".join(given_words[:3])}"', f"{given_words[0][:2]}*"):
        terms = search.parse(query)
        if terms and not (query.endswith("*") and not terms[0].prefix):
            parts = search.extract(terms, [text])
            assert parts is not None
            assert "".join(part.text for part in parts) == text
            assert any(part.is_marked for part in parts)


# ---------------------------------------------------------------- what is looked for, and where


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("Échéance", [Term(("echeance",))]),
        ("-Échéance", [Term(("echeance",), excluded=True)]),
        ("éch*", [Term(("ech",), prefix=True)]),
        ("é*", [Term(("e",))]),
        ('"de la"', [Term(("de", "la"), exact=True)]),
        ("de la", [Term(("de",)), Term(("la",))]),
        ("de la loi", [Term(("loi",))]),
        ("l’an", [Term(("an",))]),
        ("a-b", [Term(("b",))]),
        ("R-1", [Term(("r", "1"), exact=True)]),
        ('-"a b', [Term(("a", "b"), exact=True, excluded=True)]),
        ("deux deux", [Term(("deux",))]),
    ],
)
def test_a_query_is_read(query: str, terms: list[Term]) -> None:
    assert list(search.parse(query)) == terms


def shown(query: str, *texts: str) -> str:
    parts = search.extract(search.parse(query), texts)
    return "".join(f"[{part.text}]" if part.is_marked else part.text for part in parts or ())


def test_extracts() -> None:  # R-COU-07
    assert shown("cotisation", "Appel de cotisations") == "Appel de [cotisations]"
    assert shown("appel cotisation", "Appel", "R-1", "un appel\n de  cotisations, un appel") == (
        "un [appel] de [cotisations], un [appel]"
    )
    assert shown('"appel de cotisations"', "L’APPEL DE COTISATIONS annuel") == "L’[APPEL DE COTISATIONS] annuel"
    assert shown("coeur", "le c\u0153ur <b>&", "") == "le [cœur] <b>&"
    assert shown("ete", "l'e\u0301te\u0301") == "l'[été]"
    assert shown("coti*", "co\u00adtisations") == "[cotisations]"
    assert shown("zzz", "rien") == ""
    assert shown("-zzz", "rien") == ""
    long = "mot " * 200 + "canari " + "mot " * 200
    assert shown("canari", long) == "…" + "mot " * 15 + "[canari] " + ("mot " * 38).rstrip() + "…"
    assert shown("canari", "canari" + "x" * 500) == ""
    assert shown("xx*", "x" * 500) == f"[{'x' * 500}]"
    far = "canari " + "mot " * 500 + "serin puis canari"
    assert shown("canari serin", far).endswith("[serin] puis [canari]")


async def test_an_extract_is_of_what_was_found_first_in_the_subject(database: str) -> None:
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights=READ))
    one = await builders.courrier(town, subject="Appel", reference="REF-7", document_id=await a_document("un appel dû"))
    asked = [(one.id, query) for query in ("appel", "du", "ref-7", "zzz")]
    assert await search.extracts(reader, [*asked, (one.id + 1, "appel")]) == [
        (Part("Appel", is_marked=True),),
        (Part("un appel "), Part("dû", is_marked=True)),
        (Part("REF-7", is_marked=True),),
        None,
        None,
    ]
