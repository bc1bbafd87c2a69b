"""The demonstration's establishments: the real communes and EPCI, completed by illustrative ones (data/SOURCE.md)."""

import csv
import io
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal
from zlib import crc32

from backend.demo.people import slug
from backend.demo.places import DATA, REGIONS, departements, epci_name, of

Scale = Literal["small", "medium", "full"]

FULL_SIZE = 48_000
INVENTED_SIREN_PREFIX = "99"
SMALL_EPCI = "241700640"
SMALL_DEPARTEMENT = "17"
MEDIUM_DEPARTEMENTS = frozenset({"16", "17", "33"})
HOSPITALS = 1_300
STATE_WORKSHOPS = 30

_CATEGORY_ORDER = (
    "CENTRE_DE_GESTION",
    "REGION",
    "DEPARTEMENT",
    "EPCI",
    "COMMUNE",
    "SOCIAL_CARE",
    "HOSPITAL",
    "STATE",
    "OTHER",
)
_WITHOUT_OWN_COUNCIL = frozenset({"75", "2A", "2B", "67", "68", "972", "973"})
_WITHOUT_FIRE_SERVICE = frozenset({"75", "92", "93", "94"})
_STREETS = (
    "place de la Mairie",
    "place de l'Église",
    "rue de la République",
    "rue des Écoles",
    "place de la Liberté",
    "rue du Général-de-Gaulle",
    "avenue Jean-Jaurès",
    "rue Victor-Hugo",
    "place du Marché",
    "rue Pasteur",
    "rue Simone-Veil",
    "rue des Tilleuls",
)
_DOUBLED = str.maketrans("0123456789", "0246813579")


@dataclass(frozen=True, slots=True)
class Employer:
    """A public employer. `population` is that of the territory it serves; `epci_siren` is empty where none is known."""

    siret: str
    name: str
    category: str
    line1: str
    postal_code: str
    city: str
    insee_code: str
    departement: str
    region: str
    population: int
    epci_siren: str
    is_centralisateur: bool

    @property
    def siren(self) -> str:
        """The nine first digits."""
        return self.siret[:9]

    @property
    def is_illustrative(self) -> bool:
        """True where the establishment itself is invented, not only its SIRET and street."""
        return self.siret.startswith(INVENTED_SIREN_PREFIX)


def employers(scale: Scale) -> tuple[Employer, ...]:
    """The establishments of a world, by département, then category, then SIRET; small ⊂ medium ⊂ full.

    small: a communauté d'agglomération whole, with its centre de gestion; medium: three départements; full: 48,000.
    """
    everyone = _everyone()
    if scale == "full":
        return everyone
    if scale == "medium":
        return tuple(employer for employer in everyone if employer.departement in MEDIUM_DEPARTEMENTS)
    return tuple(employer for employer in everyone if _is_in_small_world(employer))


def headcount(category: str, population: int) -> int:
    """A plausible number of agents, at least one, for an employer of that kind and size."""
    per_thousand = {
        "COMMUNE": 16,
        "EPCI": 5,
        "DEPARTEMENT": 5,
        "REGION": 1,
        "HOSPITAL": 22,
        "SOCIAL_CARE": 3,
        "OTHER": 1,
        "STATE": 2,
    }.get(category, 0)
    floor = {"CENTRE_DE_GESTION": 80, "HOSPITAL": 150, "OTHER": 120, "STATE": 200, "EPCI": 12}.get(category, 1)
    return max(1, floor + population * per_thousand // 1000)


def fund_codes(employer: Employer) -> tuple[str, ...]:
    """The funds an employer of that kind has a contract with."""
    staff = headcount(employer.category, employer.population)
    if employer.category == "STATE":
        return ("IRCANTEC", "FIPHFP", "FSPOEIE")
    funds = ["IRCANTEC"]
    if staff > 1:
        funds += ["CNRACL", "RAFP", "ATIACL"]
        if employer.category != "HOSPITAL":
            funds.append("FNC")
    if staff >= 20:
        funds.append("FIPHFP")
    if employer.category in {"COMMUNE", "EPCI", "DEPARTEMENT", "REGION"}:
        funds.append("FAEFM")
    return tuple(funds)


def contract_number(employer: Employer, fund_code: str) -> str:
    """An invented contract number, the same each time, such as 17-048213-K."""
    value = crc32(f"{employer.siret}{fund_code}".encode())
    return f"{employer.departement}-{value % 1_000_000:06d}-{'ABCDEFGHJKLMNPRSTVWXYZ'[value // 1_000_000 % 22]}"


def email_domain(employer: Employer) -> str:
    """A domain under .example for the employer's addresses: mairie-royan-17.example."""
    stem = {
        "COMMUNE": f"mairie-{slug(employer.city)}",
        "HOSPITAL": f"ch-{slug(employer.city)}",
        "CENTRE_DE_GESTION": "cdg",
        "DEPARTEMENT": "departement",
        "SOCIAL_CARE": f"ccas-{slug(employer.city)}",
        "OTHER": "sdis",
    }.get(employer.category, "")
    if not stem:
        stem = slug(employer.name)
        for long, short in (("communaute-de-communes", "cc"), ("communaute-d-agglomeration", "agglo")):
            stem = stem.replace(long, short)
    return f"{stem[:50].strip('-')}-{employer.departement.lower()}.example"


@cache
def _everyone() -> tuple[Employer, ...]:
    real = tuple(_real())
    communes = {employer.insee_code: employer for employer in real if employer.category == "COMMUNE"}
    by_size = sorted(communes.values(), key=lambda commune: (-commune.population, commune.insee_code))
    invented = [
        *_of_departements(communes),
        *_of_regions(communes),
        *_hospitals(by_size),
        *_workshops(by_size),
    ]
    missing = FULL_SIZE - len(real) - len(invented)
    rank = {category: place for place, category in enumerate(_CATEGORY_ORDER)}
    found = [*real, *invented, *_social_care(by_size[:missing])]
    return tuple(sorted(found, key=lambda one: (one.departement, rank[one.category], one.siret)))


def _is_in_small_world(employer: Employer) -> bool:
    if employer.departement != SMALL_DEPARTEMENT:
        return False
    match employer.category:
        case "CENTRE_DE_GESTION" | "DEPARTEMENT":
            return True
        case "EPCI":
            return employer.siren == SMALL_EPCI
        case "COMMUNE":
            return employer.epci_siren == SMALL_EPCI
        case "SOCIAL_CARE":
            return employer.epci_siren == SMALL_EPCI and employer.population >= 5_000
        case "HOSPITAL":
            return employer.city == "Royan"
    return False


def _real() -> Iterator[Employer]:
    text = lzma.decompress((DATA / "public-employers.csv.xz").read_bytes()).decode()
    rows = csv.reader(io.StringIO(text))
    next(rows)
    for siren, name, category, insee, postal_code, city, departement, region, population, epci in rows:
        yield Employer(
            siret=_siret(siren),
            name=f"Commune {of(name, departement)}" if category == "COMMUNE" else epci_name(name),
            category=category,
            line1=_street(siren),
            postal_code=postal_code,
            city=city,
            insee_code=insee,
            departement=departement,
            region=region,
            population=int(population),
            epci_siren=epci,
            is_centralisateur=False,
        )


def _of_departements(communes: dict[str, Employer]) -> Iterator[Employer]:
    inhabitants: dict[str, int] = {}
    for commune in communes.values():
        inhabitants[commune.departement] = inhabitants.get(commune.departement, 0) + commune.population
    for place, departement in enumerate(departements()):
        seat, size = communes[departement.seat_insee_code], inhabitants[departement.code]
        centre = f"Centre de gestion de la fonction publique territoriale {departement.of_name}"
        yield _invented(0, place, centre, "CENTRE_DE_GESTION", seat, size)
        if departement.code not in _WITHOUT_OWN_COUNCIL:
            yield _invented(1, place, f"Département {departement.of_name}", "DEPARTEMENT", seat, size)
        if departement.code not in _WITHOUT_FIRE_SERVICE:
            service = f"Service départemental d'incendie et de secours {departement.of_name}"
            yield _invented(2, place, service, "OTHER", seat, size)
    seat = communes["67482"]
    yield _invented(
        1, 900, "Collectivité européenne d'Alsace", "DEPARTEMENT", seat, inhabitants["67"] + inhabitants["68"]
    )


def _of_regions(communes: dict[str, Employer]) -> Iterator[Employer]:
    inhabitants: dict[str, int] = {}
    for commune in communes.values():
        inhabitants[commune.region] = inhabitants.get(commune.region, 0) + commune.population
    for place, (region, (name, seat)) in enumerate(REGIONS.items()):
        yield _invented(3, place, name, "REGION", communes[seat], inhabitants[region])


def _hospitals(by_size: list[Employer]) -> Iterator[Employer]:
    for place, seat in enumerate(by_size[:HOSPITALS]):
        name = f"Centre hospitalier {of(seat.city, seat.departement)}"
        yield _invented(4, place, name, "HOSPITAL", seat, seat.population)


def _workshops(by_size: list[Employer]) -> Iterator[Employer]:
    for place, seat in enumerate(by_size[:STATE_WORKSHOPS]):
        name = f"Atelier industriel de l'État {of(seat.city, seat.departement)}"
        yield _invented(5, place, name, "STATE", seat, seat.population)


def _social_care(seats: Iterable[Employer]) -> Iterator[Employer]:
    for place, seat in enumerate(seats):
        name = f"Centre communal d'action sociale {of(seat.city, seat.departement)}"
        yield _invented(6, place, name, "SOCIAL_CARE", seat, seat.population)


def _invented(kind: int, place: int, name: str, category: str, seat: Employer, population: int) -> Employer:
    head = f"{INVENTED_SIREN_PREFIX}{kind}{place:05d}"
    siren = head + _check_digit(head)
    return Employer(
        siret=_siret(siren),
        name=name,
        category=category,
        line1=_street(siren),
        postal_code=seat.postal_code,
        city=seat.city,
        insee_code=seat.insee_code,
        departement=seat.departement,
        region=seat.region,
        population=population,
        epci_siren=seat.epci_siren if category in {"SOCIAL_CARE", "HOSPITAL"} else "",
        is_centralisateur=category == "CENTRE_DE_GESTION",
    )


def _street(siren: str) -> str:
    value = crc32(siren.encode())
    return f"{value % 60 + 1} {_STREETS[value // 60 % len(_STREETS)]}"


def _siret(siren: str) -> str:
    head = f"{siren}0001"
    return head + _check_digit(head)


def _check_digit(head: str) -> str:
    """The digit to write after `head` so that the whole passes Luhn."""
    total = sum(map(int, head[-1::-2].translate(_DOUBLED))) + sum(map(int, head[-2::-2]))
    return str(-total % 10)
