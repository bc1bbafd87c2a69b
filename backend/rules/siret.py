"""SIRET numbers: 14 digits whose Luhn sum is a multiple of ten (Insee)."""

LA_POSTE = "356000000"


def normalised(siret: str) -> str:
    """The digits, without the spaces people put between them."""
    return "".join(siret.split())


def is_valid(siret: str) -> bool:
    """Whether a SIRET is well formed. La Poste's establishments follow another rule: digits sum to a multiple of 5."""
    if len(siret) != 14 or not siret.isascii() or not siret.isdigit():
        return False
    if siret.startswith(LA_POSTE):
        return sum(map(int, siret)) % 5 == 0 or _luhn(siret)
    return _luhn(siret)


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
