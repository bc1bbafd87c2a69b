"""Tables with a line for each agent, or for each paper asked for: invented people and figures that add up."""

from collections.abc import Sequence
from datetime import date

from backend.demo.figures import Figures, Scope, money, number, percent, short_date
from backend.demo.people import people, slug
from backend.gateways.letter import Table


def retroactive(scope: Scope) -> Figures:
    """Contributions for services validated, by agent."""
    rows, total = [], 0
    for name in _names(scope, 3, 12):
        begin = scope.random.randint(scope.year - 25, scope.year - 6)
        months = scope.random.randint(4, 40)
        due = months * scope.random.randint(9_000, 26_000)
        total += due
        rows.append((name, f"{begin} à {begin + 1 + months // 12}", number(months), money(due)))
    table = Table(
        "Contributions par agent",
        ("Agent", "Services validés", "Mois", "Contribution"),
        tuple(rows),
        ("Total", "", "", money(total)),
        text_columns=2,
    )
    return Figures(table, {"amount": money(total)})


def anomalies(scope: Scope) -> Figures:
    """Declarations to mend, by agent."""
    faults = (
        "Période absente",
        "Dates qui se chevauchent",
        "Grade inconnu",
        "Assiette nulle",
        "Numéro de sécurité sociale incomplet",
        "Position statutaire incohérente",
    )
    rows = []
    for name in _names(scope, 2, 45):
        since = date(scope.year, scope.random.randint(1, 11), 1)
        rows.append((name, scope.random.choice(faults), short_date(since)))
    header = ("Agent", "Anomalie relevée", "À compter du")
    table = Table("Anomalies à corriger", header, tuple(rows), text_columns=2, wide_column=1)
    return Figures(table, {"count": str(len(rows))})


def departures(scope: Scope) -> Figures:
    """Agents who come near the age of retirement."""
    rows = []
    for name in _names(scope, 2, 30):
        age = scope.random.randint(60, 63)
        opening = date(scope.year + scope.random.randint(1, 2), scope.random.randint(1, 12), 1)
        quarters = scope.random.randint(120, 172)
        rows.append((name, f"{age} ans", short_date(opening), number(quarters)))
    header = ("Agent", "Âge", "Ouverture des droits", "Trimestres connus")
    return Figures(Table("Agents concernés", header, tuple(rows)), {"count": str(len(rows))})


def points(scope: Scope) -> Figures:
    """Points entered in the accounts of agents, with the contributions they come from."""
    rows, basis, earned = [], 0, 0
    for name in _names(scope, 2, 50):
        bonus = scope.random.randint(60_000, 580_000)
        gained = bonus // 1_250
        basis, earned = basis + bonus // 10, earned + gained
        rows.append((name, money(bonus), money(bonus // 10), number(gained)))
    table = Table(
        f"Points inscrits au titre de {scope.year}",
        ("Agent", "Assiette", "Cotisations", "Points"),
        tuple(rows),
        ("Total", "", money(basis), number(earned)),
    )
    return Figures(table, {"amount": money(basis)})


def allowances(scope: Scope) -> Figures:
    """Allowances served, by agent."""
    rows, total = [], 0
    for name in _names(scope, 2, 18):
        rate, months = scope.random.randrange(10, 40, 5), scope.random.choice((12, 12, 12, 7))
        served = rate * months * 1_135
        total += served
        rows.append((name, percent(rate * 100), number(months), money(served)))
    table = Table(
        f"Allocations de l’année {scope.year}",
        ("Bénéficiaire", "Taux d’invalidité", "Mois", "Montant servi"),
        tuple(rows),
        ("Total", "", "", money(total)),
    )
    return Figures(table, {"amount": money(total)})


def documents(scope: Scope) -> Figures:
    """Papers asked for, and how many."""
    rows = [(piece, str(scope.year), number(scope.random.randint(1, 3))) for piece in scope.pieces]
    return Figures(Table("Pièces à transmettre", ("Pièce", "Exercice", "Nombre"), tuple(rows)), {})


def _names(scope: Scope, fewest: int, most: int) -> Sequence[str]:
    count = max(fewest, min(most, scope.agents // 4))
    persons = people(scope.random.randrange(2**32), scope.random.randint(max(fewest, count // 2), count))
    return sorted((f"{person.last_name} {person.first_name}" for person in persons), key=slug)
