"""Tables of what an employer owes and pays: invented amounts that add up."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from backend.clock import MONTHS
from backend.demo.figures import Figures, Scope, money, number, percent, rates, short_date
from backend.gateways.letter import Table

DAY = timedelta(days=1)
QUARTERS = ("1er trimestre", "2e trimestre", "3e trimestre", "4e trimestre")


def contributions(scope: Scope) -> Figures:
    """Calls: each quarter, each contribution, its basis and rate."""
    levied = rates(scope.fund, scope.year)
    rows, total = [], 0
    for quarter in QUARTERS:
        swing = scope.random.randint(235, 265)
        for nature, rate, share in levied:
            basis = scope.payroll * share * swing // 100_000
            due = (basis * rate + 5_000) // 10_000
            total += due
            rows.append((quarter, nature, money(basis), percent(rate), money(due)))
    table = Table(
        f"Cotisations de l’exercice {scope.year}",
        ("Période", "Nature", "Assiette", "Taux", "Montant"),
        tuple(rows),
        ("Total", "", "", "", money(total)),
        text_columns=2,
        wide_column=1,
    )
    return Figures(table, {"amount": money(total)})


def account(scope: Scope) -> Figures:
    """Yearly statements: opening balance, twelve calls, the payments received."""
    monthly = _yearly(scope) // 12
    opening = monthly * scope.random.choice((0, 0, 98, 100)) // 100
    rows = [("01/01/" + str(scope.year), f"Solde au 1er janvier {scope.year}", money(opening), "")]
    debit, credit, unpaid = opening, 0, opening
    for index, month in enumerate(MONTHS, start=1):
        if unpaid:
            received = date(scope.year, index, scope.random.randint(3, 9))
            rows.append((short_date(received), "Versement reçu", "", money(unpaid)))
            credit, unpaid = credit + unpaid, 0
        called = monthly * scope.random.randint(960, 1040) // 1000
        label = f"Cotisations d{'’' if month[0] in 'ao' else 'e '}{month}"
        rows.append((short_date(_month_end(scope.year, index)), label, money(called), ""))
        debit, unpaid = debit + called, called
    if scope.random.random() < 0.4:
        advance = unpaid + monthly * scope.random.randint(2, 30) // 100
        rows.append((f"31/12/{scope.year}", "Versement reçu par avance", "", money(advance)))
        credit += advance
    balance = debit - credit
    table = Table(
        f"Mouvements du compte du 1er janvier au 31 décembre {scope.year}",
        ("Date", "Opération", "Débit", "Crédit"),
        tuple(rows),
        ("Total", "", money(debit), money(credit)),
        text_columns=2,
        wide_column=1,
    )
    owed = balance > 0
    facts = {
        "balance": money(abs(balance)),
        "balance_side": "débiteur" if owed else "créditeur",
        "balance_action": "Il correspond aux cotisations de décembre, dont l’échéance est en janvier."
        if owed
        else "Cette somme viendra en déduction de votre prochain versement.",
        "amount": money(abs(balance)),
    }
    return Figures(table, facts)


def debts(scope: Scope) -> Figures:
    """Reminders: what was due, what was paid, what is left, by due date."""
    lines = []
    for index in _months(scope, 1, 5):
        due = _amount(scope, 1, 12)
        paid = due * scope.random.choice((0, 0, 25, 50, 80)) // 100
        lines.append((f"Échéance du {short_date(_month_end(scope.year, index))}", (due, paid, due - paid)))
    return _sums("Sommes restant dues", ("Échéance", "Somme due", "Somme versée", "Reste à verser"), lines)


def penalties(scope: Scope) -> Figures:
    """Late payments: half a percent for each month begun, by due date."""
    rows, total = [], 0
    for index in _months(scope, 1, 6):
        due, late = _amount(scope, 1, 12), scope.random.randint(4, 75)
        rate = 50 * (1 + late // 30)
        penalty = (due * rate + 5_000) // 10_000
        total += penalty
        ended = short_date(_month_end(scope.year, index))
        rows.append((ended, money(due), number(late), percent(rate), money(penalty)))
    table = Table(
        f"Majorations de l’exercice {scope.year}",
        ("Échéance", "Somme versée en retard", "Jours de retard", "Taux", "Majoration"),
        tuple(rows),
        ("Total", "", "", "", money(total)),
    )
    return Figures(table, {"amount": money(total)})


def regularisation(scope: Scope) -> Figures:
    """Differences between what was declared and what was paid, month by month."""
    lines = []
    for month in MONTHS:
        declared = _amount(scope, 1, 12)
        paid = declared - declared * scope.random.choice((0, 0, 0, 1, 3, 8)) // 100
        lines.append((month.capitalize(), (declared, paid, declared - paid)))
    name, (declared, _, _) = lines[-1]
    lines[-1] = (name, (declared, declared - declared // 20 - 100, declared // 20 + 100))
    header = ("Mois", "Cotisations déclarées", "Cotisations versées", "Écart")
    return _sums(f"Cotisations de l’exercice {scope.year}", header, lines)


def refund(scope: Scope) -> Figures:
    """Sums the fund asks back."""
    lines = []
    for index in _months(scope, 2, 5):
        paid = _amount(scope, 1, 40)
        owed = paid * scope.random.choice((0, 40, 60, 75)) // 100
        lines.append((f"{MONTHS[index - 1].capitalize()} {scope.year}", (paid, owed, paid - owed)))
    return _sums("Sommes à rembourser", ("Période", "Somme reçue", "Somme justifiée", "À rembourser"), lines)


def overpaid(scope: Scope) -> Figures:
    """Sums the fund gives back."""
    lines = []
    for index in _months(scope, 1, 4):
        due = _amount(scope, 1, 12)
        extra = due * scope.random.randint(2, 20) // 100 + 100
        lines.append((f"{MONTHS[index - 1].capitalize()} {scope.year}", (due + extra, due, extra)))
    header = ("Période", "Somme versée", "Somme due", "Trop-versé")
    return _sums("Cotisations versées en trop", header, lines)


def rate_notice(scope: Scope) -> Figures:
    """Rates of this year beside those of the next."""
    pairs = zip(rates(scope.fund, scope.year), rates(scope.fund, scope.year + 1), strict=True)
    rows = tuple((nature, percent(now), percent(then)) for (nature, now, _), (_, then, _) in pairs)
    header = ("Nature", f"Taux en {scope.year}", f"Taux en {scope.year + 1}")
    return Figures(Table("Taux applicables", header, rows), {})


def schedule(scope: Scope) -> Figures:
    """Instalments: equal monthly payments, the last one takes the cents."""
    owed, count = _amount(scope, 2, 12), scope.random.choice((4, 6, 10))
    fees = owed * 2 // 100
    lines, day = [], scope.dated
    for rank in range(count):
        day = _month_end(day.year, day.month) + 15 * DAY
        last = rank == count - 1
        main, extra = owed // count + last * (owed % count), fees // count + last * (fees % count)
        lines.append((f"{short_date(day)}", (main, extra, main + extra)))
    return _sums("Versements à effectuer", ("Échéance", "Cotisations", "Majorations", "À verser"), lines)


def invoice(scope: Scope) -> Figures:
    """The contribution for missing beneficiaries: units x amount, less what was spent."""
    staff = max(scope.agents, 20)
    target = staff * 6 // 100
    missing = max(1, target - scope.random.randint(target // 3, max(target // 3, target - 1)))
    unit = (500 if staff < 750 else 600) * 1_115
    gross = missing * unit
    spent = gross * scope.random.choice((0, 5, 10)) // 100
    rows = [("Bénéficiaires manquants", number(missing), money(unit), money(gross))]
    if spent:
        rows.append(("Dépenses déductibles", "", "", money(-spent)))
    table = Table(
        f"Contribution de l’exercice {scope.year}, effectif rémunéré de {number(staff)} agents",
        ("Libellé", "Unités", "Montant unitaire", "Montant"),
        tuple(rows),
        ("Contribution à verser", "", "", money(gross - spent)),
    )
    return Figures(table, {"amount": money(gross - spent)})


def grants(scope: Scope) -> Figures:
    """Actions the fund pays for, wholly or in part."""
    kinds = (
        "Aménagement du poste de travail",
        "Prothèses auditives",
        "Formation du tuteur",
        "Transport adapté",
    )
    lines = []
    for kind in scope.random.sample(kinds, scope.random.randint(2, 4)):
        cost = scope.random.randint(40_000, 620_000)
        granted = cost * scope.random.choice((50, 80, 100)) // 100
        lines.append((kind, (cost, cost - granted, granted)))
    return _sums("Actions financées", ("Action", "Dépense prévue", "Reste à charge", "Aide accordée"), lines)


def compensation_due(scope: Scope) -> Figures:
    """The share owed is above the supplements paid."""
    return _compensation(scope, pays=True)


def compensation_paid(scope: Scope) -> Figures:
    """The supplements paid are above the share owed."""
    return _compensation(scope, pays=False)


def elected(scope: Scope) -> Figures:
    """A yearly contribution on the highest allowances of elected people."""
    deputies = max(1, min(scope.agents // 12, 15))
    offices = (("Maire ou président", 1, 2_450_000), ("Adjoints ou vice-présidents", deputies, 1_020_000))
    rows, total = [], 0
    for office, count, allowance in offices:
        basis = count * allowance
        due = basis * 20 // 10_000
        total += due
        rows.append((office, number(count), money(basis), percent(20), money(due)))
    table = Table(
        f"Cotisation de l’exercice {scope.year}",
        ("Fonction", "Élus", "Indemnités maximales", "Taux", "Cotisation"),
        tuple(rows),
        ("Total", "", "", "", money(total)),
    )
    return Figures(table, {"amount": money(total)})


def _yearly(scope: Scope) -> int:
    return sum(scope.payroll * share * rate // 1_000_000 for _, rate, share in rates(scope.fund, scope.year))


def _amount(scope: Scope, parts: int, whole: int) -> int:
    """Some `parts` out of `whole` of a year's contributions, give or take a tenth; never under 50 euros."""
    return max(5_000, _yearly(scope) * parts * scope.random.randint(900, 1100) // (whole * 1000))


def _months(scope: Scope, fewest: int, most: int) -> Sequence[int]:
    return sorted(scope.random.sample(range(1, 13), scope.random.randint(fewest, most)))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - DAY


def _sums(
    caption: str, header: tuple[str, str, str, str], lines: Iterable[tuple[str, tuple[int, int, int]]]
) -> Figures:
    """A table of three columns of amounts, each added up; the last one is the amount of the letter."""
    kept = tuple(lines)
    first, second, third = (sum(amounts[column] for _, amounts in kept) for column in range(3))
    rows = tuple((label, *map(money, amounts)) for label, amounts in kept)
    total = ("Total", money(first), money(second), money(third))
    return Figures(Table(caption, header, rows, total), {"amount": money(third)})


def _compensation(scope: Scope, *, pays: bool) -> Figures:
    rows, total = [], 0
    for staff, rate, percentage in rates("FNC", scope.year):
        basis = scope.payroll * percentage // 100
        share = basis * rate // 10_000
        factor = scope.random.randint(30, 85) if pays else scope.random.randint(112, 170)
        supplements = share * factor // 100
        gap = share - supplements if pays else supplements - share
        total += gap
        rows.append((staff, money(basis), percent(rate), money(share), money(supplements), money(gap)))
    table = Table(
        f"Compensation de l’exercice {scope.year}",
        (
            "Agents",
            "Traitements",
            "Taux",
            "Part due",
            "Versé aux agents",
            "À verser" if pays else "À recevoir",
        ),
        tuple(rows),
        ("Total", "", "", "", "", money(total)),
    )
    return Figures(table, {"amount": money(total)})
