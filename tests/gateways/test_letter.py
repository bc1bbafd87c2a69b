"""Letters as PDF: the words survive, the document is accessible, the same letter gives the same bytes."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from pypdf import PdfReader

from backend.clock import french_date
from backend.gateways.letter import DEMONSTRATION_NOTE, TEMPLATE, Letter, Table, render, shown
from backend.gateways.press import Press

LETTER = Letter(
    fund="CNRACL",
    fund_name="Caisse nationale de retraites des agents des collectivités locales",
    fund_address=("Service des employeurs (adresse fictive)", "1 allée des Exemples", "33000 Bordeaux"),
    recipient="Commune de Chênehutte",
    recipient_address=("3 place de l'Église", "49350 Gennes"),
    siret="21490094500017",
    contract_number="49-000123-A",
    reference="CNRACL-2023-000123",
    subject="Appel de cotisations, exercice 2023",
    place="Bordeaux",
    dated=date(2023, 5, 1),
    paragraphs=("Vous trouverez ci-dessous le détail des cotisations dues à cœur ouvert.",),
    table=Table(
        "Cotisations",
        ("Nature", "Montant"),
        (("Retenue", "1\u202f000,00\u00a0€"), ("Contribution", "234,56\u00a0€")),
        ("Total", "1\u202f234,56\u00a0€"),
    ),
    remarks=("Merci de régler cette somme avant le 31 mai 2023.",),
    closing="Nous vous prions d’agréer, Madame, Monsieur, nos salutations.",
    signatory=("La responsable",),
)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def words(pdf: bytes) -> str:
    """The text of all pages, with any run of spaces and line ends as one space."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def test_the_words_can_be_read_back_with_their_accents() -> None:
    text = words(render(LETTER))
    for expected in (
        "Caisse nationale de retraites",
        "Commune de Chênehutte",
        "3 place de l'Église",
        "214 900 945 00017",
        "49-000123-A",
        "Bordeaux, le 1er mai 2023",
        "Objet : Appel de cotisations, exercice 2023",
        "le détail des cotisations dues à cœur ouvert",
        "Total 1 234,56 €",
        "La responsable",
        DEMONSTRATION_NOTE,
        "Page 1 sur 1",
    ):
        assert expected in text


def test_the_document_is_tagged_titled_and_in_french() -> None:
    document = read(render(LETTER))
    root = document.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("fr")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert document.metadata is not None
    assert document.metadata.title == LETTER.subject
    kinds = {str(node["/S"]) for node in tags(root["/StructTreeRoot"])}
    assert {"/H1", "/P", "/Table", "/THead", "/TH", "/TD", "/Caption"} <= kinds


def tags(node):  # type: ignore[no-untyped-def]
    """Every tag under a node of the structure tree."""
    children = node.get("/K", [])
    for entry in children if isinstance(children, list) else [children]:
        child = entry.get_object() if hasattr(entry, "get_object") else entry
        if hasattr(child, "get") and "/S" in child:
            yield child
            yield from tags(child)


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render(LETTER) == Press(TEMPLATE).print("letter", shown(LETTER), LETTER.dated)


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "from hashlib import sha256; from tests.gateways.test_letter import LETTER, render;"
        "print(sha256(render(LETTER)).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == sha256(render(LETTER)).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        "*gras* _italique_ `code` $x^2$ = titre",
        '"guillemets" \\ \\u{41} <etiquette> @reference',
        "[crochets] {accolades} // commentaire /* bloc */",
        "#sys.inputs ~ -- --- ... 'apostrophe'",
    ],
)
def test_data_is_never_markup(text: str) -> None:
    assert LETTER.table
    table = replace(LETTER.table, caption=text, rows=((text, "1"),))
    pdf = render(replace(LETTER, subject=text, recipient=text, paragraphs=(text,), table=table))
    assert words(pdf).count(text) == 5
    metadata = read(pdf).metadata
    assert metadata is not None
    assert metadata.title == text


def test_a_long_table_repeats_its_header_and_numbers_its_pages() -> None:
    rows = tuple((f"Agent {n}", f"{n},00\u00a0€") for n in range(90))
    document = read(render(replace(LETTER, table=Table("Agents", ("Agent", "Somme à verser"), rows))))
    pages = [page.extract_text() for page in document.pages]
    assert len(pages) == 3
    assert all("Somme à verser" in page for page in pages)
    assert "Page 2 sur 3" in pages[1]
    assert LETTER.reference in pages[1]
    assert "Agent 89" in pages[2]


def test_the_signature_is_never_alone_on_a_page() -> None:
    for count in range(18, 34):
        rows = tuple((f"Agent {n}", "1,00\u00a0€") for n in range(count))
        pages = read(render(replace(LETTER, table=Table("Agents", ("Agent", "Somme"), rows)))).pages
        assert "Merci de régler" in pages[-1].extract_text()


def test_a_letter_may_have_no_table_and_no_remark() -> None:
    assert "La responsable" in words(render(replace(LETTER, table=None, remarks=())))


def test_characters_no_font_draws_do_not_stop_a_letter() -> None:
    text = words(render(replace(LETTER, subject="École 日本 😀", recipient="Com\x07mune\ud800")))
    assert "École \ufffd\ufffd \ufffd" in text
    assert "Com mune" in text


def test_threads_share_the_press() -> None:
    letters = [replace(LETTER, reference=f"CNRACL-2023-{n:06d}") for n in range(24)]
    with ThreadPoolExecutor(4) as threads:
        pdfs = list(threads.map(render, letters))
    assert all(letter.reference in words(pdf) for letter, pdf in zip(letters, pdfs, strict=True))


def test_a_letter_of_one_page_is_small() -> None:
    assert len(render(LETTER)) < 25_000


@pytest.mark.parametrize(
    ("day", "written"),
    [(date(2024, 3, 1), "1er\u00a0mars\u00a02024"), (date(2023, 8, 12), "12\u00a0août\u00a02023")],
)
def test_dates_are_written_in_french(day: date, written: str) -> None:
    assert french_date(day) == written
