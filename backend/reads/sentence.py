"""One plain French sentence for each action of the journal, and its changes as people read them.

An action recorded anywhere has its line in `SENTENCES`, and a field that may change its line in `FIELDS`
(tests/reads/test_sentence.py looks for those forgotten).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend import clock

ACCOUNTS = "ACCOUNTS"
RIGHTS = "RIGHTS"
SESSIONS = "SESSIONS"
SECURITY = "SECURITY"
TERMS = "TERMS"
SERVICES = "SERVICES"
ESTABLISHMENTS = "ESTABLISHMENTS"
DELEGATIONS = "DELEGATIONS"
COURRIERS = "COURRIERS"
PLATFORM = "PLATFORM"

PLATFORM_ITSELF = "La plateforme"
SOMEBODY = "Une personne non connectée"
ERASED = "données effacées"

_RHYTHMS = {
    "IMMEDIATE": "À chaque courrier",
    "DAILY_DIGEST": "Chaque matin",
    "WEEKLY_DIGEST": "Chaque lundi",
    "NONE": "Aucune annonce",
}
LEVELS = {"NONE": "Aucun", "READ": "Lecture seule", "MODIFY": "Modification", 0: "Aucun", 1: "Lecture seule"}
LEVELS |= {2: "Modification", None: "Aucun"}


@dataclass(frozen=True)
class Change:
    """A field that changed, named in French, its values as people read them."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Named:
    """An event with everything it names put into words."""

    action: str
    actor: str
    subject: str | None = None
    establishment: str | None = None
    on_behalf_of: str | None = None
    is_own: bool = False
    """Done by somebody to their own account."""
    changes: tuple[Change, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    colleague: str | None = None
    """Whose rights were copied."""
    is_delegated: bool = False
    """Done for `on_behalf_of` through a delegation (R-DEL-07)."""


@dataclass(frozen=True)
class Sentence:
    """How an action is told: `{actor}`, `{subject}`, `{establishment}`, or a function; `own`, to one's own account."""

    category: str
    text: str | Callable[[Named], str]
    own: str = ""


def _rights(event: Named) -> str:
    to = "s’est donné" if event.is_own else "a donné à {subject}"
    if event.colleague is not None:
        return f"{{actor}} {to} les droits de {{colleague}}"
    if len(event.changes) != 1:
        whose = "ses propres droits" if event.is_own else "les droits de {subject}"
        return f"{{actor}} a modifié {whose}" + (f" sur {len(event.changes)} services" if event.changes else "")
    [change] = event.changes
    service = change.field.replace("{", "").replace("}", "")
    if change.after == LEVELS["NONE"]:
        return f"{{actor}} {'s’est retiré' if event.is_own else 'a retiré à {subject}'} le droit sur {service}"
    return f"{{actor}} {to} le niveau {change.after} sur {service}"


_WHY = {
    "password": "mot de passe erroné",
    "locked": "compte bloqué après trop d’essais",
    "expired": "compte expiré",
    "second_factor": "code du second facteur erroné",
}


def _refused(event: Named) -> str:
    if event.subject is None:
        return "Connexion refusée : identifiant inconnu"
    why = _WHY.get(str(event.facts.get("why")))
    return "Connexion refusée à {subject}" + (f" : {why}" if why else "")


def _password(event: Named) -> str:
    if event.facts.get("purpose") == "INVITATION":
        return "{subject} a choisi son premier mot de passe"
    return "{subject} a changé de mot de passe"


def _password_refused(event: Named) -> str:
    if event.facts.get("for") == "enrol":
        return "{actor} n’a pas pu ajouter un second facteur : le mot de passe n’était pas le bon"
    return "{actor} n’a pas pu changer son mot de passe : l’actuel n’était pas le bon"


def _marked(event: Named) -> str:
    done = []
    for fact, (yes, no) in {"read": ("lu", "non lu"), "archived": ("archivé", "non archivé")}.items():
        value = event.facts.get(fact)
        if value is not None:
            done.append(yes if value else no)
    count = len(event.facts.get("courriers") or ())
    as_what = " et ".join(done) or "autrement"
    if count > 1:
        return f"{{actor}} a marqué {count} courriers comme {' et '.join(f'{one}s' for one in as_what.split(' et '))}"
    return f"{{actor}} a marqué {{subject}} comme {as_what}"


def _retried(event: Named) -> str:
    count = int(event.facts.get("count", 0))
    return f"{{actor}} a envoyé de nouveau {count} message{'s' if count > 1 else ''}"


def _profile(event: Named) -> str:
    administrator = any(change.after == PROFILES["ADMINISTRATOR"] for change in event.changes)
    if event.is_own:
        return "{actor} " + ("a pris" if administrator else "a quitté") + " le profil administrateur"
    if administrator:
        return "{actor} a donné à {subject} le profil administrateur"
    return "{actor} a retiré à {subject} le profil administrateur"


def _said(event: Named, fact: str) -> str:
    """A fact as part of a sentence's template."""
    return str(event.facts.get(fact) or "").replace("{", "{{").replace("}", "}}")


def _deleted(event: Named) -> str:
    if event.facts.get("why") == "expired":
        return "Le compte de {subject}, expiré depuis plus de six mois, a été supprimé"
    if event.facts.get("why") == "invitation never followed":
        return "Le compte de {subject} a été supprimé : l’invitation n’a pas été suivie à temps"
    return "{actor} a supprimé " + ("son propre compte" if event.is_own else "le compte de {subject}")


def _imported(event: Named) -> str:
    lines = event.facts.get("lines")
    created = lines.get("CREATED") if isinstance(lines, dict) else None
    if not isinstance(created, int):
        return "{actor} a importé un fichier de comptes"
    return f"{{actor}} a importé un fichier de comptes : {created} créé" + ("s" if created > 1 else "")


def _terms(verb: str) -> Callable[[Named], str]:
    def told(event: Named) -> str:
        version = _said(event, "version")
        return f"{{actor}} a {verb} les conditions générales d’utilisation" + (
            f", version {version}" if version else ""
        )

    return told


_FACTORS = {"TOTP": "une application d’authentification", "PASSKEY": "une clé d’accès"}


def _factor(verb: str) -> Callable[[Named], str]:
    return lambda event: f"{{actor}} a {verb} {_FACTORS.get(str(event.facts.get('kind')), 'un second facteur')}"


def _acts_for(event: Named) -> str:
    if event.on_behalf_of:
        return "{actor} s’est mis à agir pour {on_behalf_of}"
    return "{actor} a cessé d’agir pour un autre établissement"


def _delegation(text: str) -> Callable[[Named], str]:
    """`[asker]` and `[asked]` are the two parties as they were called then."""

    def told(event: Named) -> str:
        parties = {"[asker]": _said(event, "centralisateur"), "[asked]": _said(event, "delegataire")}
        found = text
        for place, name in parties.items():
            found = found.replace(place, name or "un établissement")
        return found

    return told


def _accepted(event: Named) -> str:
    partly = "en partie " if event.facts.get("narrowed") else ""
    return _delegation(f"{{actor}} a accepté {partly}que [asker] agisse pour [asked]")(event)


def _members(event: Named) -> str:
    done = []
    for fact, verb in (("added", "ajouté"), ("removed", "retiré")):
        people = event.facts.get(fact)
        count = len(people) if isinstance(people, list) else 0
        if count:
            done.append(f"{verb} {count} personne{'s' if count > 1 else ''}")
    what = " et ".join(done) or "changé les personnes"
    return _delegation(f"{{actor}} a {what} pour agir pour [asked]")(event)


def _defined(event: Named) -> str:
    verb = "ajouté au catalogue" if event.facts.get("is_new") else "modifié au catalogue"
    return f"{{actor}} a {verb} le modèle de courrier « {_said(event, 'label')} »"


def _posted(event: Named) -> str:
    count = event.facts.get("copies")
    many = isinstance(count, int) and count > 1
    return (
        f"{_said(event, 'copies') or 'Des'} courrier{'s' if many else ''} {'ont' if many else 'a'} été remis à la poste"
    )


def _removed(event: Named) -> str:
    months = event.facts.get("retention_months")
    after = f" après {months} mois" if isinstance(months, int) else ""
    return f"{{subject}} a été supprimé au terme de sa conservation{after}"


SENTENCES: dict[str, Sentence] = {
    "session.opened": Sentence(SESSIONS, "{actor} a ouvert une session"),
    "session.closed": Sentence(SESSIONS, "{actor} a fermé une session"),
    "session.refused": Sentence(SESSIONS, _refused),
    "session.acts_for": Sentence(DELEGATIONS, _acts_for),
    "password.set": Sentence(SECURITY, _password),
    "password.changed": Sentence(SECURITY, "{actor} a changé son mot de passe"),
    "password.refused": Sentence(SECURITY, _password_refused),
    "password.reset_requested": Sentence(SECURITY, "Un nouveau mot de passe a été demandé pour {subject}"),
    "user.created": Sentence(ACCOUNTS, "{actor} a créé le compte de {subject}"),
    "user.invited": Sentence(ACCOUNTS, "{actor} a envoyé à nouveau son invitation à {subject}"),
    "user.profile_changed": Sentence(RIGHTS, _profile),
    "user.renewed": Sentence(
        ACCOUNTS, "{actor} a renouvelé le compte de {subject}", "{actor} a renouvelé son propre compte"
    ),
    "user.unlocked": Sentence(ACCOUNTS, "{actor} a débloqué le compte de {subject}"),
    "user.deleted": Sentence(ACCOUNTS, _deleted),
    "user.imported": Sentence(ACCOUNTS, _imported),
    "user.reopened": Sentence(ACCOUNTS, "{actor} a rouvert le compte de {subject}"),
    "user.expired": Sentence(ACCOUNTS, "Le compte de {subject} a expiré"),
    "user.erased": Sentence(ACCOUNTS, "Les données de {subject} ont été effacées, 24 mois après son départ"),
    "user.details_changed": Sentence(
        ACCOUNTS, "{actor} a modifié les coordonnées de {subject}", "{actor} a modifié ses coordonnées"
    ),
    "user.preferences_changed": Sentence(
        ACCOUNTS,
        "Les préférences de messagerie de {subject} ont changé",
        "{actor} a changé ses préférences de messagerie",
    ),
    "notifications.retried": Sentence(PLATFORM, _retried),
    "user.email_requested": Sentence(
        ACCOUNTS,
        "{actor} a demandé une nouvelle adresse électronique pour {subject}",
        "{actor} a demandé à changer d’adresse électronique",
    ),
    "user.email_cancelled": Sentence(
        ACCOUNTS,
        "{actor} a abandonné la nouvelle adresse électronique de {subject}",
        "{actor} a renoncé à changer d’adresse électronique",
    ),
    "user.email_changed": Sentence(ACCOUNTS, "L’adresse électronique de {subject} a changé"),
    "identifier.recovery_requested": Sentence(SECURITY, "Un identifiant oublié a été demandé par messagerie"),
    "second_factor.added": Sentence(SECURITY, _factor("ajouté")),
    "second_factor.removed": Sentence(SECURITY, _factor("retiré")),
    "second_factor.copied": Sentence(
        SECURITY, "Une clé d’accès de {subject} semble avoir été copiée : elle a été refusée"
    ),
    "second_factor.reset": Sentence(SECURITY, "{actor} a retiré les seconds facteurs de {subject}"),
    "recovery_codes.renewed": Sentence(SECURITY, "{actor} a renouvelé ses codes de secours"),
    "session.confirmed": Sentence(SECURITY, "{actor} a confirmé son identité par un second facteur"),
    "device.forgotten": Sentence(SECURITY, "{actor} a retiré sa confiance à ses appareils"),
    "right.changed": Sentence(RIGHTS, _rights),
    "right.reviewed": Sentence(
        RIGHTS,
        "{actor} a revu les droits de {subject}, dont le compte avait été rouvert",
        "{actor} a revu ses propres droits, son compte ayant été rouvert",
    ),
    "right.exported": Sentence(RIGHTS, "{actor} a exporté le tableau des droits"),
    "terms.published": Sentence(TERMS, _terms("publié")),
    "terms.accepted": Sentence(TERMS, _terms("accepté")),
    "service.published": Sentence(SERVICES, "{actor} a publié un service"),
    "service.closed": Sentence(SERVICES, "{actor} a fermé un service"),
    "service.reviewed": Sentence(SERVICES, "{actor} a revu les droits sur un nouveau service"),
    "establishment.registered": Sentence(ESTABLISHMENTS, "{actor} a inscrit l’établissement {establishment}"),
    "establishment.changed": Sentence(ESTABLISHMENTS, "{actor} a modifié l’établissement {establishment}"),
    "establishment.administrator_nominated": Sentence(
        ESTABLISHMENTS, "{actor} a nommé {subject} administrateur de {establishment}"
    ),
    "delegation.requested": Sentence(DELEGATIONS, _delegation("{actor} a demandé que [asker] agisse pour [asked]")),
    "delegation.reminded": Sentence(DELEGATIONS, _delegation("{actor} a relancé [asked], qui n’a pas encore répondu")),
    "delegation.accepted": Sentence(DELEGATIONS, _accepted),
    "delegation.refused": Sentence(DELEGATIONS, _delegation("{actor} a refusé que [asker] agisse pour [asked]")),
    "delegation.withdrawn": Sentence(DELEGATIONS, _delegation("{actor} a retiré la demande faite à [asked]")),
    "delegation.extended": Sentence(DELEGATIONS, _delegation("{actor} a prolongé la délégation de [asked] à [asker]")),
    "delegation.ended": Sentence(DELEGATIONS, _delegation("{actor} a mis fin à la délégation de [asked] à [asker]")),
    "delegation.members_changed": Sentence(DELEGATIONS, _members),
    "delegation.lapsed": Sentence(
        DELEGATIONS, _delegation("La demande de [asker] à [asked] n’a pas reçu de réponse : elle ne vaut plus rien")
    ),
    "delegation.expired": Sentence(
        DELEGATIONS, _delegation("La délégation de [asked] à [asker] est arrivée à son terme")
    ),
    "courrier_type.defined": Sentence(COURRIERS, _defined),
    "courrier.posted": Sentence(COURRIERS, _posted),
    "courrier.deposited": Sentence(COURRIERS, "{actor} a déposé {subject}"),
    "deposit_batch.opened": Sentence(COURRIERS, "{actor} a ouvert un lot de courriers"),
    "deposit_batch.loaded": Sentence(COURRIERS, "{actor} a chargé des lignes dans un lot de courriers"),
    "deposit_batch.rehearsed": Sentence(COURRIERS, "{actor} a fait la répétition d’un lot de courriers"),
    "deposit_batch.publishing": Sentence(COURRIERS, "{actor} a demandé la publication d’un lot de courriers"),
    "deposit_batch.published": Sentence(COURRIERS, "Le lot de courriers déposé par {actor} a été publié en entier"),
    "deposit_batch.cancelled": Sentence(COURRIERS, "{actor} a annulé un lot de courriers"),
    "reading.reminded": Sentence(
        COURRIERS, "{actor} a décidé de relancer des établissements qui n’ont ouvert aucun courrier"
    ),
    "reading.told": Sentence(COURRIERS, "La plateforme a relancé {establishment}, qui n’a ouvert aucun courrier"),
    "api_client.created": Sentence(PLATFORM, "{actor} a créé un client technique et lui a donné un jeton"),
    "api_client.revoked": Sentence(PLATFORM, "{actor} a retiré son jeton à un client technique"),
    "courrier.marked": Sentence(COURRIERS, _marked),
    "courrier.exported": Sentence(COURRIERS, "{actor} a exporté une liste de courriers"),
    "calendar.opened": Sentence(COURRIERS, "{actor} suit dans son agenda les échéances de ses courriers"),
    "calendar.closed": Sentence(COURRIERS, "{actor} ne suit plus dans son agenda les échéances de ses courriers"),
    "courrier.opened": Sentence(COURRIERS, "{actor} a ouvert {subject}"),
    "courrier.downloaded": Sentence(COURRIERS, "{actor} a téléchargé {subject}"),
    "courrier.acknowledged": Sentence(COURRIERS, "{actor} a donné l’accusé de réception pour {subject}"),
    "courrier.withdrawn": Sentence(COURRIERS, "{actor} a retiré {subject}"),
    "courrier.certified": Sentence(COURRIERS, "{actor} a demandé un certificat pour {subject}"),
    "courrier.removed": Sentence(COURRIERS, _removed),
    "document.removed": Sentence(COURRIERS, "Le fichier d’un courrier arrivé au terme de sa conservation a été effacé"),
    "journal.exported": Sentence(PLATFORM, "{actor} a exporté un journal d’activité"),
    "world.loaded": Sentence(PLATFORM, "Les données de démonstration ont été chargées"),
}
"""Each action recorded, its category and its sentence."""

PROFILES = {"ADMINISTRATOR": "Administrateur", "USER": "Utilisateur"}
_STATUSES = {"INVITED": "Invité", "ACTIVE": "Actif", "LOCKED": "Verrouillé", "EXPIRED": "Expiré", "DELETED": "Supprimé"}
_CATEGORIES = {
    "COMMUNE": "Commune",
    "EPCI": "Intercommunalité",
    "DEPARTEMENT": "Département",
    "REGION": "Région",
    "HOSPITAL": "Établissement public de santé",
    "CENTRE_DE_GESTION": "Centre de gestion",
    "SOCIAL_CARE": "Action sociale",
    "STATE": "État",
    "OTHER": "Autre",
}
_CIVILITIES = {"MADAME": "Madame", "MONSIEUR": "Monsieur"}


def _as_given(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


def _as_date(value: Any) -> str:
    try:
        return clock.french_date(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return _as_given(value)


def _as_instant(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(str(value)).astimezone(clock.PARIS)
    except ValueError:
        return _as_given(value)
    return f"{clock.french_date(moment.date())} à {moment:%H h %M}"


def _among(words: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words.get(value, _as_given(value))


FIELDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "civility": ("Civilité", _among(_CIVILITIES)),
    "first_name": ("Prénom", _as_given),
    "last_name": ("Nom", _as_given),
    "email": ("Adresse électronique", _as_given),
    "phone": ("Téléphone", _as_given),
    "profile": ("Profil", _among(PROFILES)),
    "status": ("État", _among(_STATUSES)),
    "expires_on": ("Expire le", _as_date),
    "closed_on": ("Ferme le", _as_date),
    "locked_at": ("Bloqué depuis", _as_instant),
    "deleted_at": ("Supprimé", _as_instant),
    "acting_for": ("Agit pour", _as_given),
    "name": ("Nom", _as_given),
    "category": ("Catégorie", _among(_CATEGORIES)),
    "line1": ("Adresse", _as_given),
    "line2": ("Complément d’adresse", _as_given),
    "postal_code": ("Code postal", _as_given),
    "city": ("Commune", _as_given),
    "insee_code": ("Code Insee", _as_given),
    "departement": ("Département", _as_given),
    "is_centralisateur": ("Centralisateur", _as_given),
    "functional_email": ("Adresse fonctionnelle", _as_given),
    "contracts": ("Contrats", _as_given),
    "label": ("Nom", _as_given),
    "fund_id": ("Fonds", _as_given),
    "service_id": ("Service", _as_given),
    "channel": ("Envoi", _among({"DIGITAL": "Plateforme seulement", "DIGITAL_AND_POST": "Plateforme et poste"})),
    "notifies_by_email": ("Annoncé par messagerie", _as_given),
    "retention_months": ("Conservation (mois)", _as_given),
    "available_since": ("Accessible depuis le", _as_date),
    "remind_after": ("Rappel aux lecteurs (jours)", _as_given),
    "escalate_after": ("Signalement aux administrateurs (jours)", _as_given),
    "follow_up_after": ("Suivi par les gestionnaires (jours)", _as_given),
    "new_courriers": ("Rythme des annonces", _among(_RHYTHMS)),
    "muted_funds": ("Fonds dont on n’est pas prévenu", _as_given),
    "account_expiry": ("Prévenu de l’expiration du compte", _as_given),
    "starts_on": ("Début", _as_date),
    "ends_on": ("Fin", _as_date),
    "message": ("Message", _as_given),
}
"""Each field that may change, its name on screen and how its values are read. Codes of services are not here."""

_ESTABLISHMENTS = {"acting_for"}
"""Fields whose values are establishments."""

_NEVER = {"password", "password_hash", "secret", "token", "token_hash", "code", "codes"}
"""Fields that would be secrets: not one is recorded, and none would be told."""


def establishments_in(changes: Mapping[str, Any]) -> set[int]:
    """The numbers of establishments that changes name."""
    pairs = [pair for name, pair in changes.items() if name in _ESTABLISHMENTS and isinstance(pair, list)]
    return {value for pair in pairs for value in pair if type(value) is int}


def changes_of(
    changes: Mapping[str, Any], services: Mapping[str, str], establishments: Mapping[int, str]
) -> tuple[Change, ...]:
    """The changes of an event as people read them. `services`: the label of each code."""
    told = []
    for name, pair in changes.items():
        if name in _NEVER or not isinstance(pair, list) or len(pair) != 2 or pair[0] == pair[1]:
            continue
        if name in FIELDS:
            label, read = FIELDS[name]
            names = establishments if name in _ESTABLISHMENTS else {}
            before, after = (None if one is None else names.get(one) or read(one) for one in pair)
        else:
            label = services.get(name, name)
            is_level = all(one in LEVELS for one in pair if not isinstance(one, list | dict | bool))
            before, after = (
                LEVELS[one] if is_level and not isinstance(one, list | dict | bool) else None if one is None
                else _as_given(one)
                for one in pair
            )  # fmt: skip
        told.append(Change(label, before, after))
    return tuple(told)


_ELIDED = re.compile(r"\b([Dd])e (?=[AEIOUÀÂÄÉÈÊËÎÏÔÖÙÛÜŒ]|Y(?![aeiouAEIOU]))")
"""« de » before a name that begins with a vowel: d’Odile, d’Yves, but de Yann. Before an H nobody can tell."""


def summary_of(event: Named) -> str:
    """The sentence."""
    found = SENTENCES.get(event.action)
    if found is None:
        return f"{event.actor} : {event.action}"
    text = found.text if isinstance(found.text, str) else found.text(event)
    told = (found.own if event.is_own and found.own else text).format(
        actor=_with_home(event),
        colleague=event.colleague or "un collègue",
        subject=event.subject or "un compte inconnu",
        establishment=event.establishment or "la plateforme",
        on_behalf_of=event.on_behalf_of or "un établissement",
    )
    told = _ELIDED.sub(r"\1’", told)
    told = told[0].upper() + told[1:]
    if event.on_behalf_of and event.on_behalf_of not in told:
        told += f", pour {event.on_behalf_of}"
    return told + (", par délégation" if event.is_delegated else "")


def _with_home(event: Named) -> str:
    """Who acted; with where they are from where they acted for another establishment (R-DEL-07)."""
    if not event.on_behalf_of or not event.establishment:
        return event.actor
    if event.actor.endswith(")"):
        return f"{event.actor[:-1]}, {event.establishment})"
    return f"{event.actor} ({event.establishment})"


def category_of(action: str) -> str:
    """The category of an action."""
    found = SENTENCES.get(action)
    return found.category if found else PLATFORM


def actions_of(categories: "tuple[str, ...] | list[str]") -> tuple[str, ...]:
    """The actions of categories."""
    return tuple(action for action, one in SENTENCES.items() if one.category in categories)
