"""Enumerations of the graph, each value described."""

# ruff: noqa: D101  each is described, in French, by the call below it

from enum import Enum
from typing import TypeVar

import strawberry

from backend.rules import viewer

E = TypeVar("E", bound=Enum)


def _described(kind: type[E], description: str, values: dict[str, str]) -> type[E]:
    made = strawberry.enum(kind, description=description)
    for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return made


class EstablishmentCategory(Enum):
    COMMUNE = "COMMUNE"
    EPCI = "EPCI"
    DEPARTEMENT = "DEPARTEMENT"
    REGION = "REGION"
    HOSPITAL = "HOSPITAL"
    CENTRE_DE_GESTION = "CENTRE_DE_GESTION"
    SOCIAL_CARE = "SOCIAL_CARE"
    STATE = "STATE"
    OTHER = "OTHER"


_described(
    EstablishmentCategory,
    "Ce qu’est un établissement.",
    {
        "COMMUNE": "Une commune.",
        "EPCI": "Une intercommunalité : communauté, métropole.",
        "DEPARTEMENT": "Un département.",
        "REGION": "Une région.",
        "HOSPITAL": "Un établissement public de santé.",
        "CENTRE_DE_GESTION": "Un centre de gestion de la fonction publique territoriale.",
        "SOCIAL_CARE": "Un établissement d’action sociale, par exemple un CCAS.",
        "STATE": "Un service de l’État ou d’un de ses opérateurs.",
        "OTHER": "Un autre employeur public.",
    },
)


class Civility(Enum):
    MADAME = "MADAME"
    MONSIEUR = "MONSIEUR"


_described(Civility, "La civilité d’une personne.", {"MADAME": "Madame.", "MONSIEUR": "Monsieur."})


class SecondFactorKind(Enum):
    TOTP = "TOTP"
    PASSKEY = "PASSKEY"


_described(
    SecondFactorKind,
    "Un genre de second facteur.",
    {
        "TOTP": "Une application qui donne un code de six chiffres, nouveau toutes les 30 secondes (RFC 6238).",
        "PASSKEY": "Une clé d’accès : l’appareil, ou une clé de sécurité (WebAuthn).",
    },
)


class SecondFactorMethod(Enum):
    CODE = "CODE"
    PASSKEY = "PASSKEY"
    RECOVERY_CODE = "RECOVERY_CODE"


_described(
    SecondFactorMethod,
    "Par quoi répondre quand le second facteur est demandé.",
    {
        "CODE": "Le code de l’application.",
        "PASSKEY": "La clé d’accès.",
        "RECOVERY_CODE": "Un code de secours, qui ne sert qu’une fois.",
    },
)


class Profile(Enum):
    ADMINISTRATOR = "ADMINISTRATOR"
    USER = "USER"


_described(
    Profile,
    "Le profil d’un compte.",
    {
        "ADMINISTRATOR": "Gère les comptes, les CGU et les délégations ; son badge porte un a blanc sur fond bleu.",
        "USER": "Utilise les services sur lesquels un administrateur lui a donné un droit.",
    },
)


class AccountStatus(Enum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"


_described(
    AccountStatus,
    "L’état d’un compte, à cet instant.",
    {
        "INVITED": "La personne n’a pas encore choisi son mot de passe.",
        "ACTIVE": "Le compte peut se connecter.",
        "LOCKED": "Trop d’essais : la connexion est bloquée pour un temps.",
        "EXPIRED": "Le compte n’a pas servi depuis 18 mois : il ne peut plus se connecter.",
        "DELETED": "Le compte a été supprimé : il n’en reste qu’une trace.",
    },
)


class Level(Enum):
    NONE = "NONE"
    READ = "READ"
    MODIFY = "MODIFY"


_described(
    Level,
    "Le niveau d’un droit.",
    {"NONE": "Aucun.", "READ": "Lecture seule.", "MODIFY": "Modification, qui comprend la lecture."},
)

LEVELS = {None: Level.NONE, 0: Level.NONE, 1: Level.READ, 2: Level.MODIFY}
"""A stored level as the graph names it."""

NUMBERS = {Level.NONE: 0, Level.READ: 1, Level.MODIFY: 2}
"""A level as it is stored; none is no row."""


class FundCode(Enum):
    CNRACL = "CNRACL"
    IRCANTEC = "IRCANTEC"
    RAFP = "RAFP"
    FIPHFP = "FIPHFP"
    FNC = "FNC"
    FAEFM = "FAEFM"
    ATIACL = "ATIACL"
    FSPOEIE = "FSPOEIE"


_described(
    FundCode,
    "Le sigle d’un fonds.",
    {
        "CNRACL": "Caisse nationale de retraites des agents des collectivités locales.",
        "IRCANTEC": "Institution de retraite complémentaire des agents non titulaires de l’État et des collectivités.",
        "RAFP": "Retraite additionnelle de la fonction publique.",
        "FIPHFP": "Fonds pour l’insertion des personnes handicapées dans la fonction publique.",
        "FNC": "Fonds national de compensation du supplément familial de traitement.",
        "FAEFM": "Fonds d’allocation des élus en fin de mandat.",
        "ATIACL": "Allocation temporaire d’invalidité des agents des collectivités locales.",
        "FSPOEIE": "Fonds spécial des pensions des ouvriers des établissements industriels de l’État.",
    },
)


class DelegationStatus(Enum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    ENDED = "ENDED"
    EXPIRED = "EXPIRED"


_described(
    DelegationStatus,
    "Où en est une délégation.",
    {
        "PENDING": "Demandée, pas encore décidée.",
        "ACCEPTED": "Acceptée : en vigueur entre ses dates.",
        "REFUSED": "Refusée par le délégataire.",
        "WITHDRAWN": "Demande retirée par le centralisateur.",
        "ENDED": "Terminée par l’une des deux parties.",
        "EXPIRED": "Arrivée à son terme, ou demande restée sans réponse.",
    },
)


class DelegationAction(Enum):
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    EXTEND = "EXTEND"
    END = "END"
    WITHDRAW = "WITHDRAW"
    REMIND = "REMIND"
    CHOOSE_MEMBERS = "CHOOSE_MEMBERS"


_described(
    DelegationAction,
    "Ce que l’on peut faire d’une délégation.",
    {
        "ACCEPT": "L’accepter, en tout ou en partie (acceptDelegation).",
        "REFUSE": "La refuser, avec un motif (refuseDelegation).",
        "EXTEND": "Reculer sa date de fin (extendDelegation).",
        "END": "Y mettre fin tout de suite (endDelegation).",
        "WITHDRAW": "Retirer la demande (withdrawDelegation).",
        "REMIND": "Relancer ceux qui doivent décider (remindDelegations), une fois par semaine au plus.",
        "CHOOSE_MEMBERS": "Choisir qui agit par elle (setDelegationMembers).",
    },
)


class DelegationOrder(Enum):
    REQUESTED_DESC = "REQUESTED_DESC"
    ENDS_ASC = "ENDS_ASC"


_described(
    DelegationOrder,
    "L’ordre d’une liste de délégations.",
    {
        "REQUESTED_DESC": "Les dernières demandées d’abord.",
        "ENDS_ASC": "Celles qui finissent le plus tôt d’abord, celles sans date de fin à la suite.",
    },
)


class ViewerChangeKind(Enum):
    RIGHTS = "RIGHTS"
    PROFILE = "PROFILE"
    DELEGATIONS = "DELEGATIONS"
    DELEGATION_REQUESTS = "DELEGATION_REQUESTS"
    TERMS = "TERMS"
    EXPIRY = "EXPIRY"


_described(
    ViewerChangeKind,
    "Ce qui a changé pour la personne connectée.",
    {
        "RIGHTS": "Ses droits, ou les services ouverts.",
        "PROFILE": "Son profil.",
        "DELEGATIONS": "Les délégations par lesquelles elle agit, ou ce qu’elles permettent.",
        "DELEGATION_REQUESTS": "Les demandes de délégation qui attendent sa décision.",
        "TERMS": "Ce qu’elle doit faire avant toute autre chose : CGU, second facteur.",
        "EXPIRY": "La date d’expiration de son compte.",
    },
)


class Channel(Enum):
    DIGITAL = "DIGITAL"
    DIGITAL_AND_POST = "DIGITAL_AND_POST"


_described(
    Channel,
    "Comment un courrier parvient à l’établissement.",
    {
        "DIGITAL": "Sur la plateforme seulement.",
        "DIGITAL_AND_POST": "Sur la plateforme, et un exemplaire papier par la poste.",
    },
)


class CourrierEventKind(Enum):
    AVAILABLE = "AVAILABLE"
    NOTIFIED = "NOTIFIED"
    NOTIFICATION_FAILED = "NOTIFICATION_FAILED"
    OPENED = "OPENED"
    DOWNLOADED = "DOWNLOADED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REMINDED = "REMINDED"
    WITHDRAWN = "WITHDRAWN"
    REMOVED = "REMOVED"


_described(
    CourrierEventKind,
    "Ce qui est arrivé à un courrier.",
    {
        "AVAILABLE": "Mis à disposition.",
        "NOTIFIED": "Annoncé par messagerie.",
        "NOTIFICATION_FAILED": "L’annonce par messagerie n’a pas pu être remise.",
        "OPENED": "Document affiché.",
        "DOWNLOADED": "Document téléchargé.",
        "ACKNOWLEDGED": "Accusé de réception donné.",
        "REMINDED": "Relance envoyée.",
        "WITHDRAWN": "Retiré : déposé par erreur.",
        "REMOVED": "Supprimé, au terme de sa conservation.",
    },
)


class GuideAudience(Enum):
    EVERYONE = "EVERYONE"
    ADMINISTRATOR = "ADMINISTRATOR"
    CENTRALISATEUR = "CENTRALISATEUR"
    DELEGATAIRE = "DELEGATAIRE"
    OPERATOR = "OPERATOR"


_described(
    GuideAudience,
    "À qui un guide s’adresse. Chacun peut les lire tous.",
    {
        "EVERYONE": "À tous.",
        "ADMINISTRATOR": "Aux administrateurs d’un établissement.",
        "CENTRALISATEUR": "À qui agit pour d’autres établissements.",
        "DELEGATAIRE": "Aux établissements pour qui d’autres agissent.",
        "OPERATOR": "Aux gestionnaires, et à qui écrit des programmes.",
    },
)


class CertificateFormat(Enum):
    PDF = "PDF"
    JSON = "JSON"


_described(
    CertificateFormat,
    "Sous quelle forme un certificat est établi : la même signature dans les deux.",
    {"PDF": "À lire et à imprimer ; le JSON signé y est joint.", "JSON": "Pour les programmes."},
)


class ExportFormat(Enum):
    ZIP = "ZIP"
    CSV = "CSV"


_described(
    ExportFormat,
    "Sous quelle forme une sélection de courriers est exportée.",
    {
        "ZIP": "Les PDF, pièces jointes comprises, et un index : chaque courrier compte comme « téléchargé ».",
        "CSV": "Un tableau de leurs informations, pour un tableur ; aucun document n’est lu.",
    },
)


class CourrierOrder(Enum):
    DEPOSITED_DESC = "DEPOSITED_DESC"
    DEPOSITED_ASC = "DEPOSITED_ASC"
    LETTER_DATE_DESC = "LETTER_DATE_DESC"
    DUE_ASC = "DUE_ASC"
    SUBJECT_ASC = "SUBJECT_ASC"
    RELEVANCE = "RELEVANCE"


_described(
    CourrierOrder,
    "L’ordre d’une liste de courriers.",
    {
        "DEPOSITED_DESC": "Les plus récemment mis à disposition d’abord.",
        "DEPOSITED_ASC": "Les plus anciennement mis à disposition d’abord.",
        "LETTER_DATE_DESC": "Par date du courrier, la plus récente d’abord.",
        "DUE_ASC": "Par échéance, la plus proche d’abord ; sans échéance, le courrier n’y figure pas.",
        "SUBJECT_ASC": "Par objet, dans l’ordre alphabétique, sans accents ni majuscules.",
        "RELEVANCE": "Ce qui répond le mieux à la recherche d’abord : l’objet ou la référence la dit telle quelle, "
        "puis en a tous les mots, puis le PDF ; les plus récents d’abord parmi ceux qui se valent.",
    },
)


class UserOrder(Enum):
    NAME_ASC = "NAME_ASC"
    EXPIRES_ASC = "EXPIRES_ASC"
    LAST_LOGIN_DESC = "LAST_LOGIN_DESC"
    CREATED_DESC = "CREATED_DESC"


_described(
    UserOrder,
    "L’ordre d’une liste de comptes.",
    {
        "NAME_ASC": "Par nom.",
        "EXPIRES_ASC": "Par date d’expiration, la plus proche d’abord.",
        "LAST_LOGIN_DESC": "Par dernière connexion, la plus récente d’abord.",
        "CREATED_DESC": "Par création, la plus récente d’abord.",
    },
)


class EstablishmentOrder(Enum):
    NAME_ASC = "NAME_ASC"
    REGISTERED_DESC = "REGISTERED_DESC"


_described(
    EstablishmentOrder,
    "L’ordre d’une liste d’établissements.",
    {"NAME_ASC": "Par nom.", "REGISTERED_DESC": "Par inscription, la plus récente d’abord."},
)


class TaskKind(Enum):
    ACCEPT_TERMS = "ACCEPT_TERMS"
    RENEW_ACCOUNTS = "RENEW_ACCOUNTS"
    REVIEW_NEW_SERVICES = "REVIEW_NEW_SERVICES"
    REVIEW_RIGHTS = "REVIEW_RIGHTS"
    DECIDE_DELEGATIONS = "DECIDE_DELEGATIONS"
    READ_COURRIERS = "READ_COURRIERS"
    SECOND_FACTOR = "SECOND_FACTOR"
    ADD_SECOND_ADMINISTRATOR = "ADD_SECOND_ADMINISTRATOR"
    NOMINATE_ADMINISTRATORS = "NOMINATE_ADMINISTRATORS"


_described(
    TaskKind,
    "Ce qui attend une personne.",
    {
        "ACCEPT_TERMS": "Accepter les nouvelles CGU.",
        "RENEW_ACCOUNTS": "Renouveler des comptes qui expirent bientôt.",
        "REVIEW_NEW_SERVICES": "Revoir les droits sur un nouveau service.",
        "REVIEW_RIGHTS": "Revoir les droits de comptes rouverts.",
        "DECIDE_DELEGATIONS": "Accepter ou refuser une demande de délégation.",
        "READ_COURRIERS": "Lire des courriers.",
        "SECOND_FACTOR": "Ajouter un second facteur.",
        "ADD_SECOND_ADMINISTRATOR": "Nommer un second administrateur.",
        "NOMINATE_ADMINISTRATORS": "Nommer un administrateur là où plus personne ne peut administrer ; gestionnaires.",
    },
)


class AuditCategory(Enum):
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


_described(
    AuditCategory,
    "De quoi parle un évènement du journal.",
    {
        "ACCOUNTS": "Les comptes : créés, modifiés, renouvelés, débloqués, supprimés.",
        "RIGHTS": "Les droits et les profils.",
        "SESSIONS": "Les connexions, réussies et refusées.",
        "SECURITY": "Les mots de passe et les seconds facteurs.",
        "TERMS": "Les CGU.",
        "SERVICES": "Les services et leur revue.",
        "ESTABLISHMENTS": "Les établissements : inscrits, modifiés.",
        "DELEGATIONS": "Les délégations et ce qui se fait par elles.",
        "COURRIERS": "Les courriers : déposés, ouverts, téléchargés, marqués.",
        "PLATFORM": "La plateforme : exports, données.",
    },
)


class NotificationKind(Enum):
    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105
    ACCOUNT_EXPIRING = "ACCOUNT_EXPIRING"
    ACCOUNT_EXPIRED = "ACCOUNT_EXPIRED"
    NEW_COURRIER = "NEW_COURRIER"
    COURRIER_DIGEST = "COURRIER_DIGEST"
    DELEGATION_REQUESTED = "DELEGATION_REQUESTED"
    DELEGATION_DECIDED = "DELEGATION_DECIDED"
    DELEGATION_ENDED = "DELEGATION_ENDED"
    DELEGATION_MEMBER = "DELEGATION_MEMBER"
    NEW_SERVICE = "NEW_SERVICE"
    NEW_TERMS = "NEW_TERMS"
    READ_REMINDER = "READ_REMINDER"
    SECURITY_ALERT = "SECURITY_ALERT"
    EMAIL_CONFIRMATION = "EMAIL_CONFIRMATION"
    IDENTIFIER_REMINDER = "IDENTIFIER_REMINDER"
    ACCOUNT_UNLOCKED = "ACCOUNT_UNLOCKED"
    SECOND_ADMINISTRATOR = "SECOND_ADMINISTRATOR"
    COURRIER_WITHDRAWN = "COURRIER_WITHDRAWN"


_described(
    NotificationKind,
    "Pourquoi un message est envoyé.",
    {
        "INVITATION": "Un compte vient d’être créé.",
        "PASSWORD_RESET": "Un nouveau mot de passe a été demandé.",
        "ACCOUNT_EXPIRING": "Un compte expire bientôt.",
        "ACCOUNT_EXPIRED": "Un compte a expiré.",
        "NEW_COURRIER": "Un courrier vient d’être mis à disposition.",
        "COURRIER_DIGEST": "Récapitulatif des nouveaux courriers.",
        "DELEGATION_REQUESTED": "Une délégation est demandée.",
        "DELEGATION_DECIDED": "Une demande de délégation a reçu sa réponse, ou n’en attend plus.",
        "DELEGATION_ENDED": "Une délégation a pris fin, ou approche de sa fin.",
        "DELEGATION_MEMBER": "Une personne peut agir pour d’autres établissements, ou ne le peut plus.",
        "NEW_SERVICE": "Un service ouvre.",
        "NEW_TERMS": "Les CGU changent.",
        "READ_REMINDER": "Un courrier n’a pas été lu.",
        "SECURITY_ALERT": "Quelque chose touche à la sécurité d’un compte.",
        "EMAIL_CONFIRMATION": "Une nouvelle adresse de messagerie doit être confirmée.",
        "IDENTIFIER_REMINDER": "Un identifiant oublié a été demandé.",
        "ACCOUNT_UNLOCKED": "Un compte a été débloqué.",
        "SECOND_ADMINISTRATOR": "Un établissement a moins de deux administrateurs.",
        "COURRIER_WITHDRAWN": "Un courrier que l’on avait ouvert a été retiré.",
    },
)


class NotificationRhythm(Enum):
    IMMEDIATE = "IMMEDIATE"
    DAILY_DIGEST = "DAILY_DIGEST"
    WEEKLY_DIGEST = "WEEKLY_DIGEST"
    NONE = "NONE"


_described(
    NotificationRhythm,
    "À quel rythme une personne est prévenue des nouveaux courriers.",
    {
        "IMMEDIATE": "À chaque courrier ; la nuit, de 22 h à 7 h, le message attend le matin.",
        "DAILY_DIGEST": "Un récapitulatif chaque matin ; aucun s’il est vide.",
        "WEEKLY_DIGEST": "Un récapitulatif chaque lundi matin ; aucun s’il est vide.",
        "NONE": "Aucune annonce par messagerie.",
    },
)


class NotificationStatus(Enum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"
    GIVEN_UP = "GIVEN_UP"
    DROPPED = "DROPPED"


_described(
    NotificationStatus,
    "Où en est un message.",
    {
        "QUEUED": "En attente d’envoi.",
        "SENT": "Remis au serveur de messagerie.",
        "FAILED": "Envoi échoué : un nouvel essai suivra.",
        "GIVEN_UP": "Abandonné après plusieurs essais, ou adresse refusée.",
        "DROPPED": "Pas envoyé : le courrier annoncé a été ouvert ou retiré entre-temps.",
    },
)


class ApiScope(Enum):
    DEPOSIT_COURRIERS = "DEPOSIT_COURRIERS"
    READ_STATISTICS = "READ_STATISTICS"
    MANAGE_ESTABLISHMENTS = "MANAGE_ESTABLISHMENTS"


_described(
    ApiScope,
    "Ce qu’un client technique peut faire.",
    {
        "DEPOSIT_COURRIERS": "Déposer des courriers.",
        "READ_STATISTICS": "Lire les statistiques.",
        "MANAGE_ESTABLISHMENTS": "Inscrire et modifier des établissements.",
    },
)


class PasswordLinkPurpose(Enum):
    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105


_described(
    PasswordLinkPurpose,
    "À quoi sert un lien de mot de passe.",
    {"INVITATION": "Choisir son premier mot de passe.", "PASSWORD_RESET": "En choisir un nouveau."},
)


class SessionTransport(Enum):
    COOKIE = "COOKIE"
    TOKEN = "TOKEN"  # noqa: S105


_described(
    SessionTransport,
    "Comment une session est reconnue.",
    {
        "COOKIE": "Par un cookie que le navigateur garde : pour les pages de la plateforme.",
        "TOKEN": "Par un jeton à porter dans l’en-tête Authorization: Bearer : pour les autres clients.",
    },
)


class ImportOutcome(Enum):
    CREATED = "CREATED"
    WOULD_CREATE = "WOULD_CREATE"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"


_described(
    ImportOutcome,
    "Ce que devient une ligne d’un fichier de comptes.",
    {
        "CREATED": "Le compte est créé et la personne invitée.",
        "WOULD_CREATE": "Le compte serait créé : c’est un essai.",
        "UNCHANGED": "Cette personne a déjà un compte dans l’établissement, qui reste tel qu’il est.",
        "REJECTED": "Refusée, pour les raisons dites.",
    },
)


class DepositBatchStatus(Enum):
    OPEN = "OPEN"
    CHECKED = "CHECKED"
    PUBLISHING = "PUBLISHING"
    PUBLISHED = "PUBLISHED"
    CANCELLED = "CANCELLED"


_described(
    DepositBatchStatus,
    "Où en est un lot de courriers.",
    {
        "OPEN": "Ouvert : des lignes s’y chargent.",
        "CHECKED": "Répété, et rien n’a été chargé depuis : il peut être publié.",
        "PUBLISHING": "En cours de publication, qui ira à son terme.",
        "PUBLISHED": "Publié en entier.",
        "CANCELLED": "Annulé : rien n’en a été vu.",
    },
)


class DepositLineOutcome(Enum):
    READY = "READY"
    REJECTED = "REJECTED"
    ALREADY = "ALREADY"
    PUBLISHED = "PUBLISHED"


_described(
    DepositLineOutcome,
    "Ce que devient une ligne d’un lot.",
    {
        "READY": "Acceptée : elle attend la publication du lot.",
        "REJECTED": "Rejetée, pour les raisons dites.",
        "ALREADY": "Le même courrier était déjà déposé : rien de plus ne se fera.",
        "PUBLISHED": "Publiée.",
    },
)


HeldBack = viewer.HeldBack
_described(
    HeldBack,
    "Ce qu’une personne connectée doit faire avant toute autre chose.",
    {
        "ACCEPT_TERMS": "Accepter les CGU pour son établissement.",
        "ASK_TO_ACCEPT_TERMS": "Demander à un administrateur d’accepter les CGU : le délai est passé.",
        "ENROL_SECOND_FACTOR": "Enregistrer un second facteur, obligatoire pour son profil.",
    },
)


class PieceKind(Enum):
    KEPT = "KEPT"
    ADDED = "ADDED"
    REMOVED = "REMOVED"


_described(
    PieceKind,
    "Ce qu’un passage est devenu d’une version d’un texte à l’autre.",
    {"KEPT": "Inchangé.", "ADDED": "Ajouté.", "REMOVED": "Supprimé."},
)


class NonReaderReason(Enum):
    NO_ACCOUNT = "NO_ACCOUNT"
    ACCOUNTS_EXPIRED = "ACCOUNTS_EXPIRED"
    NO_READER = "NO_READER"
    NEVER_SIGNED_IN = "NEVER_SIGNED_IN"
    ADDRESS_BOUNCES = "ADDRESS_BOUNCES"
    NOT_SINCE = "NOT_SINCE"
    NOT_OPENED = "NOT_OPENED"


_described(
    NonReaderReason,
    "La première chose qui manque à un établissement pour qu’un courrier y soit ouvert.",
    {
        "NO_ACCOUNT": "Aucun compte.",
        "ACCOUNTS_EXPIRED": "Tous les comptes ont expiré.",
        "NO_READER": "Des comptes, mais aucun n’a le droit de lire l’un de ces courriers.",
        "NEVER_SIGNED_IN": "Ceux qui en ont le droit ne se sont jamais connectés.",
        "ADDRESS_BOUNCES": "Le dernier message envoyé à l’un d’eux n’est pas parvenu.",
        "NOT_SINCE": "Ils ne se sont pas connectés depuis le premier courrier.",
        "NOT_OPENED": "Ils se sont connectés depuis, et n’ont rien ouvert.",
    },
)


class ReaderGapReason(Enum):
    ACCOUNT = "ACCOUNT"
    RIGHT = "RIGHT"
    EXPIRED = "EXPIRED"
    INVITATION = "INVITATION"
    TERMS = "TERMS"
    SECOND_FACTOR = "SECOND_FACTOR"


_described(
    ReaderGapReason,
    "Pourquoi personne d’un établissement ne peut lire un courrier.",
    {
        "ACCOUNT": "Aucun compte ne peut s’y connecter.",
        "RIGHT": "Aucun compte n’en a le droit.",
        "EXPIRED": "Les comptes qui en ont le droit ont expiré.",
        "INVITATION": "Les comptes qui en ont le droit attendent que leur personne choisisse un mot de passe.",
        "TERMS": "Les conditions générales d’utilisation ne sont pas acceptées.",
        "SECOND_FACTOR": "Ceux qui en ont le droit doivent d’abord enregistrer un second facteur.",
    },
)
