"""Names in sentences: « de » and « à » before them, with the article an establishment takes where one is known.

de la Commune de Royan, du Centre de gestion, d’Agglomération royannaise, de Farid Lopez.
"""

_VOWELS = "AEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜŒ"
_LE, _LA, _L = "le ", "la ", "l’"
_ARTICLES = {
    _LE: "centre ccas cdg cias conseil département groupe groupement ministère musée parc pôle port sdis "
    "service sivom sivu smictom syndicat",
    _LA: "caisse chambre collectivité communauté commune crèche mairie maison métropole préfecture régie région "
    "résidence ville",
    _L: "académie agence agglomération association atelier école ehpad établissement eurométropole hôpital "
    "institut institution office union université",
}
_ARTICLE_OF = {word: article for article, words in _ARTICLES.items() for word in words.split()}


def _article(name: str) -> str:
    """« le », « la », « l’ », or nothing where the first word does not tell: Dijon Métropole, Farid Lopez."""
    return _ARTICLE_OF.get(name.partition(" ")[0].lower(), "")


def the(name: str) -> str:
    """A name within a sentence."""
    return f"{_article(name)}{name}"


def of(name: str) -> str:
    """A name after « de ». Before an H nobody can tell: it is left whole."""
    article = _article(name)
    if not article:
        return f"d’{name}" if name[:1] in _VOWELS and name else f"de {name}"
    return f"du {name}" if article == _LE else f"de {article}{name}"


def to(name: str) -> str:
    """A name after « à »."""
    article = _article(name)
    return f"au {name}" if article == _LE else f"à {article}{name}"
