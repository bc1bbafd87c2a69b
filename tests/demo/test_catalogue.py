"""The demonstration's data: a coherent catalogue, figures that add up, real employers, plausible people."""

import csv
import io
import re
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

from backend.demo import example
from backend.demo.catalogue import (
    COURRIER_TYPES,
    FUNDS,
    FUNDS_BY_CODE,
    SERVICES,
    TYPES_BY_CODE,
    compose,
    due_date,
)
from backend.demo.employers import (
    FULL_SIZE,
    Employer,
    contract_number,
    email_domain,
    employers,
    fund_codes,
)
from backend.demo.figures import money
from backend.demo.people import emails, people, slug
from backend.demo.places import departements, of
from backend.gateways.letter import Letter, render

DAY = date(2023, 5, 12)


def employer(name: str) -> Employer:
    return next(one for one in employers("small") if one.name == name)


def letter(type_code: str, addressee: Employer, seed: int = 1) -> Letter:
    return compose(
        type_code,
        establishment=addressee,
        contract_number="17-000123-A",
        reference="ESSAI-1",
        letter_date=DAY,
        fiscal_year=2022,
        seed=seed,
    )


def cents(cell: str) -> int:
    """1 234,56 € gives 123456; an empty cell gives 0."""
    digits = re.sub(r"\D", "", cell)
    return int(digits or 0) * (-1 if "−" in cell else 1)


def passes_luhn(number: str) -> bool:
    digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in digits) % 10 == 0


# ---------------------------------------------------------------- the catalogue


def test_the_eight_funds_are_there() -> None:
    codes = ["CNRACL", "IRCANTEC", "RAFP", "FIPHFP", "FNC", "FAEFM", "ATIACL", "FSPOEIE"]
    assert [fund.code for fund in FUNDS] == codes


def test_services_and_types_refer_to_what_exists() -> None:
    services = {service.code: service for service in SERVICES}
    assert len(services) == len(SERVICES) == 20
    assert len(TYPES_BY_CODE) == len(COURRIER_TYPES) >= 44
    assert {fund for service in SERVICES for fund in service.funds} == set(FUNDS_BY_CODE)
    for courrier in COURRIER_TYPES:
        assert courrier.fund in services[courrier.service].funds
        assert services[courrier.service].theme == "Courriers"
        assert services[courrier.service].online_since <= courrier.available_since
        assert date(2021, 11, 1) <= courrier.available_since < date(2025, 1, 1)
        assert courrier.weight > 0
    assert {courrier.fund for courrier in COURRIER_TYPES} == set(FUNDS_BY_CODE)


def test_relances_reimbursements_fnc_and_faefm_are_also_posted() -> None:
    """R-COU-09"""
    for courrier in COURRIER_TYPES:
        posted = courrier.fund in {"FNC", "FAEFM"} or any(
            word in courrier.label for word in ("Relance sur créance", "Mise en demeure", "Appel à remboursement")
        )
        assert courrier.channel == ("DIGITAL_AND_POST" if posted else "DIGITAL"), courrier.code


def test_the_campaign_weighs_about_half() -> None:
    campaign = sum(courrier.weight for courrier in COURRIER_TYPES if courrier.is_campaign)
    assert 0.35 < campaign / sum(courrier.weight for courrier in COURRIER_TYPES) < 0.6


@pytest.mark.parametrize("type_code", TYPES_BY_CODE)
@pytest.mark.parametrize("name", ["Commune de Talmont-sur-Gironde", "Commune de Royan", "Centre hospitalier de Royan"])
def test_figures_add_up(type_code: str, name: str) -> None:
    for seed in range(5):
        written = letter(type_code, employer(name), seed)
        table = written.table
        assert table is not None
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}
        if not table.total:
            continue
        assert len(table.total) == len(table.header)
        for column, total in enumerate(table.total):
            if column >= table.text_columns and total:
                assert cents(total) == sum(cents(row[column]) for row in table.rows), table.header[column]


@pytest.mark.parametrize("type_code", TYPES_BY_CODE)
def test_a_letter_says_what_its_table_says(type_code: str) -> None:
    written = letter(type_code, employer("Commune de Royan"))
    prose = " ".join((*written.paragraphs, *written.remarks))
    assert "{" not in prose
    assert "'" not in prose
    assert not re.search(r" [:;?!%€]", prose), "a breaking space before a sign"
    assert re.search(r"[.]$", prose)
    amounts = re.findall(r"[\d\u202f]+,\d\d\u00a0€", prose)
    table = written.table
    assert table is not None
    for amount in amounts:
        differs = [cents(table.total[-2]) - cents(table.total[-1])] if table.header[-1] == "Crédit" else []
        assert amount in table.total or cents(amount) in map(abs, differs)
    due = due_date(type_code, DAY)
    assert (due is not None) == (str(due and due.year) in prose and "au plus tard le" in prose)


def test_account_statements_end_with_their_balance() -> None:
    for seed in range(20):
        written = letter("CNRACL_RELEVE_COMPTE", employer("Commune de Saujon"), seed)
        table = written.table
        assert table is not None
        debit, credit = (cents(cell) for cell in table.total[2:])
        side = "débiteur" if debit > credit else "créditeur"
        assert f"un solde {side} de {money(abs(debit - credit))}" in written.remarks[0]
        days = [row[0][6:] + row[0][3:5] + row[0][:2] for row in table.rows]
        assert all(before <= after for before, after in pairwise(days))


def test_call_rows_are_basis_times_rate() -> None:
    table = letter("IRCANTEC_APPEL_COTISATIONS", employer("Commune de Royan")).table
    assert table is not None
    for _, _, basis, rate, due in table.rows:
        assert abs(cents(basis) * cents(rate) / 10_000 - cents(due)) <= 0.5


def test_the_same_arguments_compose_the_same_letter() -> None:
    royan = employer("Commune de Royan")
    assert letter("RAFP_POINTS", royan) == letter("RAFP_POINTS", royan)
    assert letter("RAFP_POINTS", royan) != letter("RAFP_POINTS", royan, seed=2)


def test_every_type_can_be_printed() -> None:
    for type_code in TYPES_BY_CODE:
        written = letter(type_code, employer("Commune des Mathes"))
        text = PdfReader(io.BytesIO(render(written))).pages[0].extract_text()
        assert "Commune des Mathes" in text
        assert "Document de démonstration" in text


# ---------------------------------------------------------------- employers


def test_the_full_world_has_48_000_establishments_quickly() -> None:
    began = time.perf_counter()
    everyone = employers("full")
    assert time.perf_counter() - began < 5, "under 2 s on an idle machine"
    assert len(everyone) == FULL_SIZE == 48_000
    assert len({one.siret for one in everyone}) == len({one.siren for one in everyone}) == FULL_SIZE
    assert sum(not one.is_illustrative for one in everyone) == 36_130


def test_every_siret_and_siren_passes_luhn() -> None:
    for one in employers("full")[::7]:
        assert len(one.siret) == 14
        assert passes_luhn(one.siret)
        assert passes_luhn(one.siren)
        assert one.siret[9:13] == "0001"


def test_worlds_are_nested_and_in_the_same_order() -> None:
    full, medium, small = (employers(scale) for scale in ("full", "medium", "small"))
    assert len(small) == 40
    assert 1_800 <= len(medium) <= 2_200
    assert set(small) <= set(medium) <= set(full)
    place = {one.siret: rank for rank, one in enumerate(full)}
    for world in (small, medium):
        assert sorted(world, key=lambda one: place[one.siret]) == list(world)


def test_the_small_world_is_one_agglomeration() -> None:
    small = employers("small")
    kinds = Counter(one.category for one in small)
    assert kinds == {
        "COMMUNE": 33,
        "SOCIAL_CARE": 3,
        "EPCI": 1,
        "CENTRE_DE_GESTION": 1,
        "DEPARTEMENT": 1,
        "HOSPITAL": 1,
    }
    assert {one.departement for one in small} == {"17"}
    sizes = sorted(one.population for one in small if one.category == "COMMUNE")
    assert sizes[0] < 100
    assert sizes[-1] > 15_000


def test_every_departement_has_its_centre_de_gestion() -> None:
    centres = [one for one in employers("full") if one.category == "CENTRE_DE_GESTION"]
    assert {one.departement for one in centres} == {one.departement for one in employers("full")}
    assert len(centres) == len(departements()) == 101
    assert all(one.is_centralisateur for one in centres)
    assert not any(one.is_centralisateur for one in employers("full") if one.category != "CENTRE_DE_GESTION")
    names = {one.departement: one.name.rpartition("territoriale ")[2] for one in centres}
    assert names["01"] == "de l'Ain"
    assert names["35"] == "d'Ille-et-Vilaine"
    assert names["40"] == "des Landes"
    assert names["54"] == "de Meurthe-et-Moselle"
    assert names["83"] == "du Var"
    assert names["974"] == "de La Réunion"


@pytest.mark.parametrize(
    ("name", "departement", "written"),
    [
        ("Le Mans", "72", "du Mans"),
        ("Les Ulis", "91", "des Ulis"),
        ("La Rochelle", "17", "de La Rochelle"),
        ("L'Isle-Adam", "95", "de L'Isle-Adam"),
        ("Évreux", "27", "d'Évreux"),
        ("Œuilly", "02", "d'Œuilly"),
        ("Hyères", "83", "d'Hyères"),
        ("Haguenau", "67", "de Haguenau"),
        ("Hautmont", "59", "de Hautmont"),
        ("Yvetot", "76", "d'Yvetot"),
        ("Yenne", "73", "de Yenne"),
        ("Los Masos", "66", "de Los Masos"),
        ("Aux Marais", "60", "d'Aux Marais"),
        ("Lyon", "69", "de Lyon"),
    ],
)
def test_names_are_contracted_as_french_does(name: str, departement: str, written: str) -> None:
    assert of(name, departement) == written


def test_employers_have_funds_contracts_and_a_reserved_domain() -> None:
    domains = set()
    for one in employers("medium"):
        funds = fund_codes(one)
        assert funds
        assert set(funds) <= set(FUNDS_BY_CODE)
        assert contract_number(one, funds[0]) == contract_number(one, funds[0])
        domains.add(email_domain(one))
    assert len(domains) == len(employers("medium"))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}\.example", domain) for domain in domains)


# ---------------------------------------------------------------- people


def test_150_000_people_quickly_and_the_same_each_time() -> None:
    began = time.perf_counter()
    crowd = people(7, 150_000)
    assert time.perf_counter() - began < 3, "under 1 s on an idle machine"
    assert crowd[:100] == people(7, 150_000)[:100] != people(8, 100)
    share = Counter(person.civility for person in crowd)
    assert 0.48 < share["MADAME"] / len(crowd) < 0.52
    assert len({(person.first_name, person.last_name) for person in crowd}) > 60_000


def test_addresses_are_plain_reserved_and_distinct() -> None:
    crowd = people(7, 20_000)
    addresses = emails(crowd, "mairie-royan-17.example")
    assert len(set(addresses)) == len(addresses)
    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+\d*@mairie-royan-17\.example", address) for address in addresses)


def test_telephones_are_those_of_fiction() -> None:
    fiction = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
    assert all(person.phone.startswith(fiction) and len(person.phone) == 14 for person in people(3, 500))


def test_slugs_keep_only_plain_letters() -> None:
    assert slug("L'Haÿ-les-Roses") == "l-hay-les-roses"
    assert slug("Œuf-en-Ternois") == "oeuf-en-ternois"


# ---------------------------------------------------------------- the example deposit


def test_the_example_deposit_is_up_to_date(tmp_path: Path) -> None:
    written = example.write(tmp_path)
    kept = Path(__file__).parents[2] / "examples" / "depot"
    assert {path.name for path in kept.iterdir()} == {path.name for path in written}
    assert (kept / example.MANIFEST).read_bytes() == (tmp_path / example.MANIFEST).read_bytes()
    assert all((kept / path.name).read_bytes() == path.read_bytes() for path in written)
    assert sum(path.stat().st_size for path in written) < 500_000


def test_the_example_manifest_is_coherent() -> None:
    folder = Path(__file__).parents[2] / "examples" / "depot"
    with (folder / example.MANIFEST).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert tuple(rows[0]) == example.COLUMNS
    assert len(rows) == 20
    assert len({row["reference"] for row in rows}) == 20
    by_siret = {one.siret: one for one in employers("small")}
    earlier: dict[str, str] = {}
    for row in rows:
        assert (folder / row["fichier"]).is_file()
        assert all((folder / piece).is_file() for piece in row["pieces"].split("|") if piece)
        assert TYPES_BY_CODE[row["type"]].fund in fund_codes(by_siret[row["siret"]])
        assert TYPES_BY_CODE[row["type"]].available_since <= date.fromisoformat(row["date"])
        assert not row["remplace"] or earlier[row["remplace"]] == row["siret"]
        earlier[row["reference"]] = row["siret"]
    assert Counter(by_siret[row["siret"]].name for row in rows)["Commune de Royan"] >= 5
