"""What people are given: the services of the platform, and the rights that go with what somebody does."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from backend.demo.catalogue import COURRIER_TYPES, FUNDS, SERVICES, Service

READ, MODIFY = 1, 2

Grants = tuple[tuple[int, int], ...]
"""(id of a service, level), in the order of the services."""

_CAREER = {
    "DECLARATIONS_INDIVIDUELLES",
    "AFFILIATIONS",
    "COMPTES_INDIVIDUELS",
    "DEMANDES_RETRAITE",
    "VALIDATION_SERVICES",
    "COURRIERS_CNRACL_CARRIERES",
}
_PREVENTION = {"INVALIDITE", "PREVENTION", "AIDES_FIPHFP", "DECLARATION_FIPHFP"}
_READING = {service.code for service in SERVICES if service.code.startswith("COURRIERS_")}
_FINANCE = {"COMPTES_FINANCIERS", "VERSEMENTS", "DECLARATION_SFT"} | _READING - {"COURRIERS_CNRACL_CARRIERES"}
_EVERYTHING = {service.code for service in SERVICES}
# Services, share of them given, share of those with MODIFY.
_ROLES: dict[str, tuple[set[str], float, float]] = {
    "ALL": (_EVERYTHING, 1.0, 0.75),
    "GENERALIST": (_EVERYTHING, 0.8, 0.7),
    "FINANCE": (_FINANCE, 0.9, 0.5),
    "READER": (_READING, 1.0, 0.1),
    "CAREER": (_CAREER, 0.9, 0.8),
    "PREVENTION": (_PREVENTION, 0.9, 0.8),
    "NONE": (set(), 0.0, 0.0),
}
_VARIANTS = 12
LETTER_READERS = frozenset({"ALL", "GENERALIST", "FINANCE", "READER"})
"""The roles that read letters about money, which are most of them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A service and its id; `is_recent` where nobody could yet be expected to have reviewed it (R-RGT-04)."""

    id: int
    service: Service
    is_recent: bool


SERVICE_IDS = {service.code: number for number, service in enumerate(SERVICES, start=1)}
SERVICE_OF_TYPE = tuple(SERVICE_IDS[kind.service] for kind in COURRIER_TYPES)
COURRIER_SERVICES = tuple(sorted(set(SERVICE_OF_TYPE)))


def openings(today: date) -> tuple[Opening, ...]:
    """The services of the catalogue, then two that opened lately, whenever the demonstration is seen."""
    old = [Opening(SERVICE_IDS[service.code], service, is_recent=False) for service in SERVICES]
    every_fund = tuple(fund.code for fund in FUNDS)
    simulation = Service(
        "SIMULATION_COTISATIONS",
        "Simulation des cotisations",
        "Prévoir les cotisations de l’année à partir de vos effectifs et des taux annoncés.",
        "Financier",
        ("CNRACL", "IRCANTEC"),
        today - timedelta(days=45),
        is_delegable=True,
    )
    certificates = Service(
        "ATTESTATIONS",
        "Attestations de l’employeur",
        "Obtenir en ligne les attestations de situation de votre établissement auprès de chaque fonds.",
        "Gestion",
        every_fund,
        today - timedelta(days=9),
        is_delegable=False,
    )
    count = len(SERVICES)
    return (*old, Opening(count + 1, simulation, is_recent=False), Opening(count + 2, certificates, is_recent=True))


def grants(role: str, random: Random) -> Grants:
    """The rights of somebody in that role, among a few variants."""
    return _variants(role)[int(random.random() * _VARIANTS)]


@cache
def _variants(role: str) -> tuple[Grants, ...]:
    codes, share, modified = _ROLES[role]
    random = Random(f"rights/{role}")
    ids = sorted(SERVICE_IDS[code] for code in codes)
    return tuple(
        tuple(
            (number, MODIFY if random.random() < modified else READ)
            for number in ids
            if share == 1.0 or random.random() < share
        )
        for _ in range(_VARIANTS)
    )


@cache
def services_given(given: Grants) -> frozenset[int]:
    """The services of some rights."""
    return frozenset(number for number, _ in given)
