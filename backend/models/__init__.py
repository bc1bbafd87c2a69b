"""What is stored: one file per concept, constraints in the migrations, no behaviour."""

from backend.models.adoption import AdoptionFigures, ReadingCampaign, ReadingReminder
from backend.models.api_client import ApiClient
from backend.models.courrier import Courrier, CourrierAttachment, CourrierFact, CourrierMark
from backend.models.courrier_export import CourrierExport
from backend.models.courrier_type import CourrierType
from backend.models.delegation import Delegation, DelegationMember, DelegationService, DelegationStep
from backend.models.deposit_batch import DepositBatch, DepositContent, DepositDocument, DepositLine
from backend.models.document import Document, Upload
from backend.models.due_calendar import DueCalendar
from backend.models.establishment import Contract, Establishment
from backend.models.feed import FeedEntry
from backend.models.fund import Fund
from backend.models.idempotency import IdempotencyKey
from backend.models.inbox import Inbox, InboxCount
from backend.models.job import JobRun
from backend.models.journal import AuditDetail, AuditEvent, AuditSeal
from backend.models.notification import Notification, NotificationPreference
from backend.models.past import PastAccount, PastMember, PastRight, PastTypeService
from backend.models.platform import PlatformFact
from backend.models.postal_copy import PostalCopy
from backend.models.right import Right
from backend.models.saved_view import SavedView
from backend.models.second_factor import Challenge, RecoveryCode, SecondFactor, TrustedDevice
from backend.models.service import Service, ServiceFund, ServiceReview
from backend.models.session import Link, Session, Switch
from backend.models.terms import Terms, TermsAcceptance
from backend.models.user import ExpiryStep, IssuedIdentifier, StrangerSignIn, User

__all__ = [
    "AdoptionFigures",
    "ApiClient",
    "AuditDetail",
    "AuditEvent",
    "AuditSeal",
    "Challenge",
    "Contract",
    "Courrier",
    "CourrierAttachment",
    "CourrierExport",
    "CourrierFact",
    "CourrierMark",
    "CourrierType",
    "Delegation",
    "DelegationMember",
    "DelegationService",
    "DelegationStep",
    "DepositBatch",
    "DepositContent",
    "DepositDocument",
    "DepositLine",
    "Document",
    "DueCalendar",
    "Establishment",
    "ExpiryStep",
    "FeedEntry",
    "Fund",
    "IdempotencyKey",
    "Inbox",
    "InboxCount",
    "IssuedIdentifier",
    "JobRun",
    "Link",
    "Notification",
    "NotificationPreference",
    "PastAccount",
    "PastMember",
    "PastRight",
    "PastTypeService",
    "PlatformFact",
    "PostalCopy",
    "ReadingCampaign",
    "ReadingReminder",
    "RecoveryCode",
    "Right",
    "SavedView",
    "SecondFactor",
    "Service",
    "ServiceFund",
    "ServiceReview",
    "Session",
    "StrangerSignIn",
    "Switch",
    "Terms",
    "TermsAcceptance",
    "TrustedDevice",
    "Upload",
    "User",
]

# A docstring is for its reader: as a table comment it would make a migration of every reworded sentence, and
# Tortoise's SQLite schema editor cuts it at the first semicolon.
for _name in __all__:
    globals()[_name]._meta.table_description = ""
