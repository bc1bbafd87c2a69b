"""The accounts of the demonstration that everybody may sign in with, and what each is for."""

from dataclasses import dataclass

PASSWORD = "violette-tracteur-nuage-42"  # noqa: S105  shown on the first screen of the demonstration

ROYAN = "Commune de Royan"
TALMONT = "Commune de Talmont-sur-Gironde"
CDG = "Centre de gestion de la fonction publique territoriale de la Charente-Maritime"
HOSPITAL = "Centre hospitalier de Royan"
SAUJON = "Commune de Saujon"
PLATFORM = "PEP's, gestion de la plateforme"


@dataclass(frozen=True, slots=True)
class SignIn:
    """An identifier, whose it is, and what it shows. `state` is that of the account: ACTIVE, EXPIRED or LOCKED."""

    identifier: str
    description: str
    establishment: str
    civility: str
    first_name: str
    last_name: str
    is_administrator: bool = False
    is_operator: bool = False
    state: str = "ACTIVE"
    role: str = "ALL"


SIGN_INS = (
    SignIn(
        "agent-royan",
        "lit les courriers de la Commune de Royan",
        ROYAN,
        "MADAME",
        "Nadia",
        "Benali",
    ),
    SignIn(
        "admin-royan",
        "administre les comptes et les droits de la Commune de Royan (deux administrateurs)",
        ROYAN,
        "MONSIEUR",
        "Étienne",
        "Lacombe",
        is_administrator=True,
    ),
    SignIn(
        "admin-talmont",
        "seul compte, donc administrateur, d’un village de 77 habitants ; une demande de délégation l’attend",
        TALMONT,
        "MADAME",
        "Solène",
        "Guichard",
        is_administrator=True,
    ),
    SignIn(
        "admin-cdg17",
        "administre le centre de gestion de la Charente-Maritime et demande des délégations",
        CDG,
        "MADAME",
        "Hélène",
        "Fofana",
        is_administrator=True,
    ),
    SignIn(
        "agent-cdg17",
        "agit pour les communes qui ont accordé une délégation au centre de gestion",
        CDG,
        "MONSIEUR",
        "Malik",
        "Renaud",
    ),
    SignIn(
        "admin-hopital",
        "administre les nombreux comptes du Centre hospitalier de Royan",
        HOSPITAL,
        "MADAME",
        "Catherine",
        "Le Goff",
        is_administrator=True,
    ),
    SignIn(
        "gestionnaire",
        "gère la plateforme : établissements, dépôts, suivi des lectures",
        PLATFORM,
        "MONSIEUR",
        "Olivier",
        "Delmas",
        is_administrator=True,
        is_operator=True,
    ),
    SignIn(
        "expire-royan",
        "compte expiré : la page de connexion dit qui peut le rouvrir",
        ROYAN,
        "MADAME",
        "Odile",
        "Perrin",
        state="EXPIRED",
        role="FINANCE",
    ),
    SignIn(
        "verrouille-royan",
        "compte verrouillé pendant 30 minutes après le chargement",
        ROYAN,
        "MONSIEUR",
        "Teva",
        "Payet",
        state="LOCKED",
        role="READER",
    ),
    SignIn(
        "cgu-saujon",
        "administre la Commune de Saujon, où les conditions d’utilisation attendent d’être acceptées",
        SAUJON,
        "MADAME",
        "Inès",
        "Caillaud",
        is_administrator=True,
    ),
    SignIn(
        "cgu-agent-saujon",
        "ne lit plus rien tant que l’administratrice de Saujon n’a pas accepté les conditions",
        SAUJON,
        "MONSIEUR",
        "Rémi",
        "Bouchet",
    ),
)

TERMS_WAIT = SAUJON
"""Where nobody has accepted the terms in force (R-CGU-02)."""


def sign_ins_of(establishment: str) -> list[SignIn]:
    """The fixed accounts of an establishment, an administrator first."""
    own = [one for one in SIGN_INS if one.establishment == establishment]
    return sorted(own, key=lambda one: not one.is_administrator)
