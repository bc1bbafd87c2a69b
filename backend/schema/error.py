"""Refusals, as data."""

from collections.abc import Iterable

import strawberry

from backend.rules import error as rules

ERRORS = "Ce qui n’allait pas ; vide si c’est fait."
"""How a payload's errors are described."""

KEY = (
    "Une clé de votre choix, pour envoyer de nouveau la même demande sans risque : elle répond alors comme la première "
    "fois, pendant 7 jours."
)
"""How an idempotency key is described."""

_WHY = {
    "BAD_CREDENTIALS": "Identifiant ou mot de passe incorrect.",
    "ACCOUNT_LOCKED": "Trop d’essais : connexion bloquée pour un temps.",
    "ACCOUNT_EXPIRED": "Le compte a expiré.",
    "LINK_INVALID": "Le lien a déjà servi, est trop ancien ou n’existe pas.",
    "PASSWORD_TOO_SHORT": "Mot de passe trop court.",
    "PASSWORD_TOO_WEAK": "Mot de passe trop facile à deviner.",
    "PASSWORD_PERSONAL": "Mot de passe tiré de ses propres données.",
    "NOT_FOUND": "L’objet n’existe pas, ou pas pour vous.",
    "NOT_ALLOWED": "Vous n’avez pas le droit de le faire.",
    "INVALID_VALUE": "Valeur impossible.",
    "UNKNOWN_SIRET": "SIRET mal formé ou inconnu.",
    "UNKNOWN_TYPE": "Modèle de courrier inconnu.",
    "UNKNOWN_UPLOAD": "Fichier envoyé inconnu, périmé ou d’un autre.",
    "REFERENCE_TAKEN": "Référence déjà prise par un autre courrier du fonds.",
    "TRANSPORT_UNSUPPORTED": "Impossible sur cette connexion.",
    "FILE_MISSING": "Le fichier nommé ne peut pas être lu, ou n’est pas dans le dossier (ligne de commande).",
    "FILE_EMPTY": "Fichier vide.",
    "FILE_TOO_LARGE": "Fichier trop gros.",
    "FILE_NOT_PDF": "Ce n’est pas un PDF.",
    "FILE_TRUNCATED": "PDF dont la fin manque.",
    "FILE_DAMAGED": "PDF illisible.",
    "FILE_ENCRYPTED": "PDF chiffré.",
    "FILE_ACTIVE_CONTENT": "PDF à contenu actif : script, formulaire.",
    "FILE_EMBEDDED_FILES": "PDF qui contient des fichiers joints.",
    "FILE_TOO_COMPLEX": "PDF qui demande trop de temps ou de mémoire pour être examiné.",
    "EMAIL_TAKEN": "Adresse de messagerie déjà prise par un autre compte de l’établissement.",
    "INVALID_EMAIL": "Adresse de messagerie mal formée.",
    "LAST_ADMINISTRATOR": "Il ne resterait aucun administrateur qui puisse se connecter.",
    "SOLE_USER_MUST_ADMINISTER": "Le seul compte d’un établissement est administrateur.",
    "ALREADY_EXPIRED": "Le compte a déjà expiré : il ne se renouvelle plus.",
    "NOT_INVITED": "Le compte n’attend pas que sa personne choisisse un mot de passe.",
    "NOT_LOCKED": "Le compte n’est pas bloqué.",
    "UNKNOWN_SERVICE": "Service inconnu, fermé ou pas encore ouvert.",
    "TAKEOVER": "Changer à la fois le nom et l’adresse reviendrait à donner le compte à quelqu’un d’autre.",
    "NAME_CHANGE_TO_CONFIRM": "Un changement de nom se confirme, avec son motif.",
    "REASON_NEEDED": "Un motif est nécessaire.",
    "NOT_EXPIRED": "Le compte n’a pas expiré.",
    "REOPENING_TOO_LATE": "Le compte a expiré depuis trop longtemps pour être rouvert.",
    "KEY_REUSED": "Cette clé d’idempotence a déjà servi pour une autre demande.",
    "FILE_UNREADABLE": "Le fichier ne se lit pas : format, encodage ou en-têtes.",
    "SERVICE_CODE_TAKEN": "Ce code de service est déjà pris.",
    "VERSION_TAKEN": "Cette version des CGU existe déjà.",
    "TERMS_CHANGED": "Les CGU à accepter ne sont pas celles-là.",
    "ALREADY_ACCEPTED": "Ces CGU ont déjà été acceptées pour cet établissement.",
    "SIRET_TAKEN": "Un établissement a déjà ce SIRET.",
    "CAN_STILL_SIGN_IN": "Un administrateur de l’établissement peut encore se connecter.",
    "SECOND_FACTOR_NEEDED": "L’action demande de confirmer avec le second facteur.",
    "SECOND_FACTOR_WRONG": "Le code, ou la clé, n’est pas le bon.",
    "CHALLENGE_INVALID": "La demande de second facteur n’est plus valable : reprenez du début.",
    "SECOND_FACTOR_REQUIRED": "Un second facteur est obligatoire pour ce profil.",
    "WRONG_PASSWORD": "Le mot de passe actuel n’est pas le bon.",
    "PASSWORD_NEEDED": "Le mot de passe est demandé à nouveau, pour confirmer que c’est bien vous.",
    "TRY_LATER": "Trop de demandes en peu de temps.",
    "NOT_CENTRALISATEUR": "Votre établissement n’est pas centralisateur : il ne peut pas demander de délégation.",
    "OWN_ESTABLISHMENT": "Un établissement ne se demande pas de délégation à lui-même.",
    "NOT_DELEGABLE": "Ce service ne se délègue pas.",
    "ALREADY_DELEGATED": "Une délégation est déjà demandée ou en vigueur pour les mêmes services.",
    "ALREADY_DECIDED": "C’est déjà décidé : le message dit quoi, par qui et quand.",
    "NOT_DECIDED": "La demande n’a pas encore été acceptée.",
    "BEYOND_REQUEST": "L’acceptation va au-delà de ce qui est demandé.",
    "REMINDED_RECENTLY": "L’établissement a déjà été relancé il y a peu.",
    "ACKNOWLEDGEMENT_NOT_ASKED": "Le fonds n’a pas demandé d’accusé de réception pour ce courrier.",
    "ALREADY_ACKNOWLEDGED": "L’accusé de réception est déjà donné : le message dit par qui et quand.",
    "ALREADY_WITHDRAWN": "Le courrier est déjà retiré : le message dit depuis quand.",
    "BATCH_CLOSED": "Le lot n’est pas dans l’état où cela se fait.",
    "BATCH_CHANGED": "Le lot a changé pendant la répétition.",
    "BATCH_HAS_REJECTIONS": "Le lot compte des lignes rejetées.",
}

ErrorCode = strawberry.enum(
    rules.ErrorCode,
    name="ErrorCode",
    description="Pourquoi une règle n’est pas respectée : stable, pour les programmes.",
)
for _value in ErrorCode.__strawberry_definition__.values:  # type: ignore[attr-defined]
    _value.description = _WHY[_value.name]


@strawberry.type(description="Une règle qui n’est pas respectée : rien n’a été changé.")
class UserError:
    """A refusal."""

    code: rules.ErrorCode = strawberry.field(description="Pour les programmes.")
    message: str = strawberry.field(description="Pour les personnes, en français : ce qui ne va pas et que faire.")
    path: list[str] = strawberry.field(description="Chemin du champ en cause dans l’entrée.")


def errors(found: Iterable[rules.UserError]) -> list[UserError]:
    """Refusals of a rule, as the graph tells them."""
    return [UserError(code=one.code, message=one.message, path=list(one.path)) for one in found]


@strawberry.type(description="Le résultat pour un élément d’une action groupée : un refus n’arrête pas les autres.")
class ItemResult:
    """One item's outcome."""

    id: strawberry.ID = strawberry.field(description="L’élément.")
    errors: list[UserError] = strawberry.field(description="Pourquoi il a été refusé ; vide s’il a réussi.")
