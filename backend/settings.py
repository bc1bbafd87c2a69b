"""Every setting, with its default, read from the environment once.

The README's table is made from the docstrings of the fields' comments below; nothing else in the product reads
`os.environ`.
"""

import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True)
class Durations:
    """The durations of the domain's rules; the rule is named beside each."""

    account_months: int = 18  # R-ACC-08
    account_reopening_months: int = 6  # R-ACC-11
    erasure_months: int = 24  # R-ACC-12
    invitation_link: timedelta = timedelta(days=15)  # R-ACC-03
    invitation: timedelta = timedelta(days=90)  # R-ACC-13
    reset_link: timedelta = timedelta(hours=2)  # R-ACC-15
    email_link: timedelta = timedelta(days=7)  # R-ACC-07
    details_memory: timedelta = timedelta(days=30)  # R-ACC-07: edits judged together, as one take-over
    lock: timedelta = timedelta(minutes=30)  # R-ACC-14
    session_idle: timedelta = timedelta(hours=2)
    session_length: timedelta = timedelta(hours=12)
    token_idle: timedelta = timedelta(days=30)
    trusted_device: timedelta = timedelta(days=7)  # R-ACC-16
    confirmed: timedelta = timedelta(minutes=15)  # R-ACC-16: sensitive actions, after the second factor was given
    challenge: timedelta = timedelta(minutes=10)  # R-ACC-16: to give the second factor once it is asked for
    signed_address: timedelta = timedelta(minutes=5)
    upload: timedelta = timedelta(hours=24)
    expires_soon_days: int = 60
    terms_grace: timedelta = timedelta(days=30)  # R-CGU-02
    terms_reminder: timedelta = timedelta(days=7)  # before the grace ends
    delegation_lapse_days: int = 60  # R-DEL-04: a request nobody answered
    reading_remind: timedelta = timedelta(days=30)  # R-ADO-02: before the same establishment is reminded again
    delegation_remind: timedelta = timedelta(days=7)  # between two reminders that the asker has sent


@dataclass(frozen=True)
class Settings:
    """What a deployment may choose. Built by `from_environment`; tests build their own."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    database_url: str = ""
    public_url: str = ""
    demo: str = "small"
    smtp_url: str = ""
    mail_from: str = "PEP's <ne-pas-repondre@peps.example>"
    mail_per_minute: int = 1200  # R-NOT-01: announcements and digests, over all processes; 0 for as fast as possible
    mail_connections: int = 4  # R-NOT-01: to the mail server at once, by process
    support_email: str = "assistance@peps.example"
    secret_key: str = ""
    seal_key: str = ""
    maximum_upload_size: int = 20 * 1024 * 1024  # R-COU-02
    failed_sign_ins: int = 5  # R-ACC-14
    second_factor: str = "optional"  # R-ACC-16: for whom it is required: optional, administrators, everybody
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = field(default="", repr=False)
    s3_secret_key: str = field(default="", repr=False)
    jobs: bool = True
    log_level: str = "info"
    durations: Durations = field(default_factory=Durations)

    @property
    def database(self) -> str:
        """The database's address: `sqlite:///path` or `postgres://…`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'peps.sqlite3'}"

    @property
    def address(self) -> str:
        """Where people reach the platform, without a final slash: the base of every link in an e-mail."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether people reach the platform over TLS: decides the cookie's name and flags."""
        return self.address.startswith("https://")

    @property
    def files_dir(self) -> Path:
        """Where documents are stored by their hash."""
        return self.data_dir / "files"


def from_environment() -> Settings:
    """Read the environment once. Raises ValueError, naming the variable, on a value that cannot be used."""
    environment = os.environ
    port = environment.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"PORT must be a number from 1 to 65535, not {port!r}")
    database_url = environment.get("DATABASE_URL", "")
    if database_url and not database_url.startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ValueError("DATABASE_URL must begin with sqlite:// or postgres://")
    seal_key = environment.get("SEAL_KEY", "")
    if seal_key and not re.fullmatch(r"[0-9a-fA-F]{64}", seal_key):
        raise ValueError("SEAL_KEY must be an Ed25519 private key as 64 hexadecimal digits")
    demo = environment.get("DEMO", "small")
    if demo not in {"none", "small", "medium", "full"}:
        raise ValueError(f"DEMO must be none, small, medium or full, not {demo!r}")
    second_factor = environment.get("SECOND_FACTOR", "optional")
    if second_factor not in {"optional", "administrators", "everybody"}:
        raise ValueError(f"SECOND_FACTOR must be optional, administrators or everybody, not {second_factor!r}")
    if environment.get("S3_ENDPOINT") and not environment.get("S3_BUCKET"):
        raise ValueError("S3_ENDPOINT says where a bucket is: S3_BUCKET must name it")
    per_minute, connections = environment.get("MAIL_PER_MINUTE", "1200"), environment.get("MAIL_CONNECTIONS", "4")
    if not (per_minute.isdigit() and int(per_minute) <= 1_000_000):
        raise ValueError(f"MAIL_PER_MINUTE must be a number from 0 (no limit) to 1000000, not {per_minute!r}")
    if not (connections.isdigit() and 1 <= int(connections) <= 50):
        raise ValueError(f"MAIL_CONNECTIONS must be a number from 1 to 50, not {connections!r}")
    return Settings(
        host=environment.get("HOST", "127.0.0.1"),
        port=int(port),
        data_dir=Path(environment.get("DATA_DIR", "data")),
        database_url=database_url,
        public_url=environment.get("PUBLIC_URL", ""),
        demo=demo,
        smtp_url=environment.get("SMTP_URL", ""),
        mail_from=environment.get("MAIL_FROM", Settings.mail_from),
        mail_per_minute=int(per_minute),
        mail_connections=int(connections),
        support_email=environment.get("SUPPORT_EMAIL", Settings.support_email),
        secret_key=environment.get("SECRET_KEY", ""),
        second_factor=second_factor,
        seal_key=seal_key,
        s3_bucket=environment.get("S3_BUCKET", ""),
        s3_endpoint=environment.get("S3_ENDPOINT", ""),
        s3_region=environment.get("S3_REGION", Settings.s3_region),
        s3_access_key=environment.get("S3_ACCESS_KEY", ""),
        s3_secret_key=environment.get("S3_SECRET_KEY", ""),
        jobs=environment.get("JOBS", "on") != "off",
        log_level=environment.get("LOG_LEVEL", "info"),
    )


class _Holder:
    current: Settings | None = None


def current() -> Settings:
    """The settings in force."""
    if _Holder.current is None:
        _Holder.current = from_environment()
    return _Holder.current


def use(settings: Settings) -> None:
    """Put other settings in force: for commands with options, and for tests."""
    _Holder.current = settings
