"""Realistic values for every e-mail, long ones too. A new template takes one line here: what COMMON does not say.

Used by `tests/rules/test_mails.py`, which reads the parts, and `tests/browser/test_mails.py`, which shows them.
"""

from pathlib import Path
from typing import Any

from backend.rules import notification

FOLDER = Path(notification.__file__).parent / "mails"
ADDRESS = "https://peps.example"
LINK = f"{ADDRESS}/mot-de-passe?jeton=3q2-7wVt0Yk1mJcR9bXnLhT5sKdPzQeA8uGfWvOiMxN"
ACCOUNTS = f"{ADDRESS}/etablissement/comptes"

COMMON: dict[str, Any] = {
    "address": ADDRESS,
    "first_name": "Marie-Antoinette",
    "last_name": "Quatrebarbes-Lefèvre",
    "establishment": "Centre de gestion de la fonction publique territoriale de la Charente-Maritime",
    "link": LINK,
    "until": "1er\u00a0décembre\u00a02026",
}

_ADDRESSES = {
    "old_email": "marie-antoinette.quatrebarbes@cdg17.example",
    "new_email": "marie-antoinette.quatrebarbes-lefevre@centre-de-gestion-de-la-charente-maritime.example",
}
_PEOPLE = ["Hélène Fofana", "Malik Renaud"]
_WHY = "Vous recevez ce message parce que vous pouvez lire ce courrier."
_CHANGE = f"{ADDRESS}/preferences/17.3q2-7wVt0Yk1mJcR9bXnLh"
_LETTERS: dict[str, Any] = {
    "places": [
        {"name": COMMON["establishment"], "lines": [{"fund": "CNRACL", "type": "Appel de cotisations", "letters": 3}]},
        {"name": "Commune de Royan", "lines": [{"fund": "Ircantec", "type": "Relance sur créance", "letters": 1}]},
    ],
    "total": 16,
    "more": 12,
    "change": _CHANGE,
}
_ALONE: dict[str, Any] = {
    "places": [
        {"name": "Commune de Royan", "lines": [{"fund": "Ircantec", "type": "Relance sur créance", "letters": 1}]}
    ],
    "total": 1,
    "more": 0,
}
_REASON = "L’administratrice est partie en retraite sans nommer de successeur."
_SOME: dict[str, Any] = {
    "accounts": [
        {"name": "Zoé Lefèvre", "on": "3\u00a0décembre\u00a02026"},
        {"name": "Jean-Christophe de La Rochefoucauld-Montbazon", "on": "28\u00a0décembre\u00a02026"},
    ],
    "count": 14,
    "more": 12,
    "months": 18,
    "link": f"{ACCOUNTS}?depuis=2026-12-01&jusque=2026-12-31&tri=EXPIRES_ASC",
}

_TERMS = {
    "version": "2026-12",
    "since": "1er\u00a0décembre\u00a02026",
    "until": "31\u00a0décembre\u00a02026",
    "last_day": "30\u00a0décembre\u00a02026",
    "changes": ["Les délégations peuvent finir à une date.", "Chacun peut obtenir une copie de ses données."],
}

_DELEGATION: dict[str, Any] = {
    "centralisateur": COMMON["establishment"],
    "delegataire": "Commune de Saint-Georges-de-Didonne",
    "asked_by": "Étienne Lacombe",
    "by": "Hélène Fofana (Commune de Saint-Georges-de-Didonne)",
    "message": "Comme convenu avec Madame le maire, nous suivrions vos courriers de la CNRACL.",
    "services": [
        {"label": "Courriers CNRACL : cotisations", "level": "lecture seule"},
        {"label": "Déclarations individuelles", "level": "modification"},
    ],
    "sentence": "Si vous acceptez, jusqu’à 12 personnes du Centre de gestion de la fonction publique territoriale de "
    "la Charente-Maritime verront 34 de vos courriers et utiliseront 2 services en votre nom.",
    "is_reminder": False,
    "asked_on": "25\u00a0novembre\u00a02026",
    "answer_until": "24\u00a0janvier\u00a02027",
    "starts_on": "1er\u00a0janvier\u00a02027",
    "ends_on": "31\u00a0décembre\u00a02028",
    "refusal_reason": None,
    "end_reason": None,
    "link": f"{ADDRESS}/etablissement/delegations/RGVsZWdhdGlvbjo0Mg",
}

_SOME_DELEGATIONS: dict[str, Any] = {
    "delegations": [
        {"name": "Commune de Saint-Georges-de-Didonne", "on": "31\u00a0décembre\u00a02028"},
        {"name": "Communauté d’agglomération Royan Atlantique", "on": "1er\u00a0janvier\u00a02029"},
    ],
    "count": 42,
    "more": 40,
    "lapse_days": 60,
    "link": f"{ADDRESS}/etablissement/delegations?fin=60",
}
_ONE_DELEGATION = {"delegations": _SOME_DELEGATIONS["delegations"][:1], "count": 1, "more": 0}

SAMPLES: dict[str, dict[str, Any]] = {
    "account_expired": {"on": "1er\u00a0juin\u00a02026", "months": 18, "administrators": _PEOPLE},
    "account_expiring": {"days": 14, "months": 18, "administrators": _PEOPLE, "is_last": False},
    "account_unlocked": {"unlocked_by": "Étienne Lacombe"},
    "accounts_expired": _SOME,
    "accounts_expiring": {**_SOME, "month": "décembre 2026"},
    "accounts_expiring_soon": _SOME,
    "courrier_withdrawn": {
        "fund": "CNRACL", "type": "Appel de cotisations", "available_on": "3\u00a0novembre\u00a02026",
        "withdrawn_on": "25\u00a0novembre\u00a02026", "link": f"{ADDRESS}/courriers/Q291cnJpZXI6NDI",
    },
    "email_changed": {**_ADDRESSES, "is_new": False},
    "email_confirmation": {
        **_ADDRESSES, "asked_by": "Étienne Lacombe", "link": f"{ADDRESS}/adresse?jeton=3q2-7wVt0Yk1mJ",
    },
    "delegation_accepted": {**_DELEGATION, "narrowed": True, "is_asker": True},
    "delegation_ended": {**_DELEGATION, "is_asker": True, "end_reason": "La convention n’a pas été renouvelée."},
    "delegation_ending": {
        **_DELEGATION, "days": 60, "from_then": "1er\u00a0janvier\u00a02029",
        "sentence": "Aujourd’hui, 12 personnes du Centre de gestion de la fonction publique territoriale de la "
        "Charente-Maritime voient 34 de vos courriers et utilisent 2 services en votre nom.",
    },
    "delegation_expired": _DELEGATION,
    "delegation_extended": {**_DELEGATION, "is_asker": True},
    "delegation_lapsed": _DELEGATION,
    "delegation_member": {
        "by": "Étienne Lacombe", "is_added": True, "is_to_come": False, "count": 33, "more": 31,
        "places": [
            {"name": "Commune de Saint-Georges-de-Didonne", "starts_on": None},
            {"name": "Communauté d’agglomération Royan Atlantique", "starts_on": "1er\u00a0janvier\u00a02027"},
        ],
        "link": f"{ADDRESS}/agir-pour",
    },
    "delegation_refused": {
        **_DELEGATION, "is_asker": True, "refusal_reason": "Le conseil municipal n’a pas encore délibéré.",
    },
    "delegation_requested": _DELEGATION,
    "delegation_withdrawn": _DELEGATION,
    "delegations_ending": _SOME_DELEGATIONS,
    "delegations_expired": {**_SOME_DELEGATIONS, "link": f"{ADDRESS}/etablissement/delegations?vue=finies"},
    "delegations_lapsed": {**_SOME_DELEGATIONS, "link": f"{ADDRESS}/etablissement/delegations?vue=finies"},
    "email_requested": {**_ADDRESSES, "asked_by": "Étienne Lacombe"},
    "identifier_reminder": {"accounts": [
        {"identifier": "mquatrebarbes-0412", "establishment": COMMON["establishment"]},
        {"identifier": "mquatrebarbes-7730", "establishment": "Commune de Royan"},
    ]},
    "invitation": {"invited_by": "Étienne Lacombe"},
    "invitation_withdrawn": {},
    "locked": {"minutes": 30, "tries": 5, "names": _PEOPLE},
    "name_changed": {
        "former_name": "Marie-Antoinette Lefèvre", "changed_by": "Étienne Lacombe", "reason": "Mariage",
    },
    "courrier_digest": {**_LETTERS, "every": "chaque matin"},
    "read_reminder": _LETTERS,
    "read_escalation": _LETTERS,
    "new_courrier": {"fund": "CNRACL", "type": "Appel de cotisations", "by_post": True, "why": _WHY, "change": _CHANGE},
    "new_service": {
        "label": "Attestations de l’employeur", "since": "2 décembre 2026",
        "description": "Obtenir en ligne les attestations de situation de votre établissement.",
    },
    "new_terms": _TERMS,
    "nominated": {"day": "25\u00a0novembre\u00a02026", "reason": _REASON, "link": ACCOUNTS},
    "nomination": {"day": "25\u00a0novembre\u00a02026", "reason": _REASON, "nominated": "Malik Renaud", "why": _WHY},
    "password_changed": {"others_only": True},
    "password_reset": {},
    "passkey_copied": {"label": "Clé bleue du trousseau"},
    "reading_reminder": {"name": "Marie Quatrebarbes", "waiting": 12, "to_do": "READ", "link": f"{ADDRESS}/courriers"},
    "recovery_code_used": {"left": 8},
    "recovery_codes_renewed": {},
    "reopening": {"invited_by": "Étienne Lacombe"},
    "second_administrator": {"has_others": True, "link": ACCOUNTS},
    "second_factor_added": {"label": "Téléphone professionnel"},
    "second_factor_refused": {},
    "second_factor_removed": {"label": "Téléphone professionnel", "is_last": True},
    "second_factor_reset": {"by": "Étienne Lacombe"},
    "terms_reminder": _TERMS,
}  # fmt: skip

OTHERWISE: dict[str, dict[str, Any]] = {
    "account_expired": {"administrators": []},
    "account_expiring": {"days": 0, "administrators": [], "is_last": True},
    "accounts_expired": {"accounts": _SOME["accounts"][:1], "count": 1, "more": 0},
    "accounts_expiring": {"accounts": _SOME["accounts"][:1], "count": 1, "more": 0},
    "accounts_expiring_soon": {"accounts": _SOME["accounts"][:1], "count": 1, "more": 0},
    "invitation": {"invited_by": "L’équipe de la plateforme", "handed_by": "l’équipe de la plateforme"},
    "delegation_accepted": {"narrowed": False, "is_asker": False, "ends_on": None},
    "delegation_ended": {"is_asker": False},
    "delegation_ending": {"days": 1},
    "delegation_extended": {"is_asker": False, "ends_on": None},
    "delegation_member": {
        "is_added": False, "count": 1, "more": 0, "places": [{"name": "Commune de Royan", "starts_on": None}],
    },
    "delegation_refused": {"is_asker": False},
    "delegation_requested": {"is_reminder": True, "starts_on": None, "ends_on": None, "message": None},
    "delegations_ending": _ONE_DELEGATION,
    "delegations_expired": _ONE_DELEGATION,
    "delegations_lapsed": _ONE_DELEGATION,
    "email_changed": {"is_new": True},
    "email_confirmation": {"asked_by": None},
    "email_requested": {"asked_by": None},
    "identifier_reminder": {"accounts": [{"identifier": "mquatrebarbes-0412", "establishment": "Commune de Royan"}]},
    "locked": {"names": []},
    "new_courrier": {"by_post": False, "change": None},
    "courrier_digest": _ALONE,
    "read_reminder": _ALONE,
    "read_escalation": _ALONE,
    "new_terms": {"changes": []},
    "password_changed": {"others_only": False},
    "reading_reminder": {"name": "", "waiting": 1, "to_do": "SIGN_IN", "link": f"{ADDRESS}/connexion"},
    "recovery_code_used": {"left": 0},
    "second_administrator": {"has_others": False},
    "second_factor_removed": {"is_last": False},
}  # fmt: skip
"""The other words of templates that choose between several."""


def templates() -> list[str]:
    """Every e-mail there is; files beginning with _ are parts of others."""
    return sorted(one.stem for one in FOLDER.glob("*.txt") if not one.stem.startswith("_"))


def sample(template: str, *, otherwise: bool = False) -> notification.Rendered:
    """An e-mail, filled in."""
    assert template in SAMPLES, f"give « {template} » a line in tests/mails.py: values to show it with"
    values = {**COMMON, **SAMPLES[template], **(OTHERWISE.get(template, {}) if otherwise else {})}
    return notification.render(template, values)
