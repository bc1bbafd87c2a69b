"""« de » before a name, elided before a vowel: de Commune de Royan, d’Agglomération royannaise."""

_VOWELS = "AEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜŒ"


def of(name: str) -> str:
    """A name after « de ». Before an H nobody can tell: it is left whole."""
    return f"d’{name}" if name[:1] in _VOWELS and name else f"de {name}"
