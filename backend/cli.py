"""Every command: `peps run`, `migrate`, `demo`, `deposit`, `post`, `integrity`, `schema`, `journal`."""

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from tortoise.exceptions import DBConnectionError, OperationalError

from backend import __version__, settings
from backend import database as db
from backend.database import migrate as migrations

if TYPE_CHECKING:
    from backend.rules import deposit_rehearsal

console = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)

SCHEMA = Path(__file__).parent / "schema" / "schema.graphql"


class Refused(Exception):
    """The command cannot be done; the message says why and what to do."""


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each label told of: `(label, done, total)`."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = progress.add_task(label, total=total)
            progress.update(tasks[label], completed=done, total=total)

        yield tell


def _url() -> str:
    return settings.current().database


async def _opened(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    await db.open_database(_url())
    try:
        missing = await migrations.pending()
        if missing:
            raise Refused(f"The database lacks {len(missing)} migrations. Run « peps migrate » first.")
        return await work()
    finally:
        await db.close_database()


# ---------------------------------------------------------------- run


async def _prepare() -> None:
    """Bring an embedded database up to date, and fill a new one with the demonstration world."""
    from backend.demo import world

    if _url().startswith("sqlite"):
        done = await migrations.migrate(_url())
        if done:
            console.print(f"Base de données à jour ({len(done)} migrations).")
    await db.open_database(_url())
    try:
        missing = await migrations.pending()
        if missing:
            raise Refused(f"The database lacks {len(missing)} migrations. Run « peps migrate » first.")
        scale = settings.current().demo
        empty = await db.row("SELECT 1 AS one FROM establishments LIMIT 1") is None
        if scale != "none" and empty:
            await _load(scale)
        if await db.row("SELECT 1 AS one FROM platform_facts WHERE name = 'demonstration'"):
            console.print("\nComptes de démonstration, mot de passe [bold]" + world.PASSWORD + "[/bold] :")
            for one in world.SIGN_INS:
                console.print(f"  [bold]{one.identifier:<18}[/bold] {one.description}")
    finally:
        await db.close_database()


async def _load(scale: str) -> None:
    from backend.demo import world
    from backend.rules import seal

    console.print(f"Chargement du monde de démonstration ({scale})…")
    started = time.monotonic()
    with _bars() as tell:
        await world.load(cast("world.Scale", scale), tell)  # settings and argparse checked it
    await seal.seal()  # its journal tells of days that are over: it is verified as any other
    console.print(f"Monde de démonstration chargé en {time.monotonic() - started:.1f} s.")


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with PORT=…") from error


def run(arguments: argparse.Namespace) -> int:
    """Serve the platform."""
    import uvicorn

    current = settings.current()
    _check_port(current.host, current.port)
    asyncio.run(_prepare())
    console.print(f"\nPEP’s {__version__} : [bold]{current.address}[/bold]  (Ctrl-C pour arrêter)\n")
    uvicorn.run(
        "backend.app:application",
        factory=True,
        host=current.host,
        port=current.port,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=1024 * 1024,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    return 0


# ---------------------------------------------------------------- the others


def migrate(arguments: argparse.Namespace) -> int:
    """Bring the database to the latest migration, or to another."""
    done = asyncio.run(migrations.migrate(_url(), arguments.target))
    for name in done:
        console.print(name)
    console.print("Nothing to do." if not done else f"{len(done)} migrations run.")
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Load the demonstration world into a new database."""

    async def work() -> int:
        if _url().startswith("sqlite"):
            await migrations.migrate(_url())

        async def load() -> int:
            if await db.row("SELECT 1 AS one FROM establishments LIMIT 1"):
                raise Refused("This database is not empty: the demonstration world is loaded into a new one only.")
            await _load(arguments.scale)
            return 0

        return await _opened(load)

    return asyncio.run(work())


def deposit(arguments: argparse.Namespace) -> int:
    """Deposit a folder of PDFs with its manifest. 0 if every line was accepted, 1 if some were rejected."""
    from backend.jobs import deposit_folder

    rejections = arguments.rejections or arguments.folder / deposit_folder.REJECTIONS

    async def work() -> int:
        viewer = await deposit_folder.depositor()
        with _bars() as tell:
            report = await deposit_folder.deposit_folder(viewer, arguments.folder, tell, publish=not arguments.rehearse)
        if arguments.rehearse and report.figures is not None:
            _tell_rehearsal(report.figures)
        for one in report.rejections[:_SHOWN]:
            console.print(f"ligne {one.line} : {one.code} : {one.message}", markup=False)
        deposit_folder.write_rejections(rejections, report.rejections)
        if report.rejections:
            console.print(f"Toutes les lignes rejetées sont dans {rejections}.", markup=False)
        if not arguments.rehearse:
            console.print(
                f"{report.deposited} déposés, {report.already} déjà déposés, {len(report.rejections)} rejetés."
            )
        return 1 if report.rejections else 0

    try:
        return asyncio.run(_opened(work))
    except deposit_folder.UnusableFolder as error:
        raise Refused(str(error)) from error


_SHOWN = 50
"""Rejected lines told on the screen; the file has them all."""


def _tell_rehearsal(figures: "deposit_rehearsal.Figures") -> None:
    rate = figures.expected_read_rate
    console.print("Répétition : rien n’est publié. La même commande sans --rehearse publie.")
    for number, what in (
        (figures.letters, "courriers à publier"),
        (figures.establishments, "établissements à qui ils sont adressés"),
        (figures.without_reader, "établissements où personne ne peut en lire un au moins"),
        (figures.without_email, "établissements où personne ne serait prévenu"),
        (figures.duplicates, "lignes en double"),
        (figures.emails, "messages qui partiraient aussitôt"),
        (figures.postal_copies, "copies par la poste"),
    ):
        console.print(f"  {number:>7} {what}", markup=False)
    if rate is not None:
        console.print(f"  {rate:>6.0%} lus, d’après l’année passée", markup=False)


def post(arguments: argparse.Namespace) -> int:
    """Write the hand-over files of the printer: the letters that leave by post too and have not left yet."""
    from backend.demo import letters
    from backend.jobs import hand_over
    from backend.rules import document

    async def work() -> int:
        document.use_renderer(letters.render)
        with _bars() as tell:
            made = await hand_over.hand_over(arguments.folder, lambda done, total: tell("Copies postales", done, total))
        for one in made:
            console.print(f"{one.path} : {one.letters} courriers", markup=False)
        if not made:
            console.print("Aucune copie postale n’attend.")
        return 0

    try:
        return asyncio.run(_opened(work))
    except hand_over.Busy as error:
        raise Refused(str(error)) from error


def integrity(arguments: argparse.Namespace) -> int:
    """Sweep the documents against their files. 0 all whole, 1 some missing or altered, 3 only files of no document."""
    from backend.jobs import integrity as sweeping

    async def work() -> int:
        with _bars() as tell:
            if arguments.remove:
                found = await sweeping.remove(tell)
            else:
                found = await sweeping.sweep(tell, thoroughly=not arguments.quick)
        for one in found.faults:
            letters = f" (letters: {', '.join(one.letters)})" if one.letters else ""
            complaints.print(f"{one.kind.value} {one.path}{letters}", markup=False)
        counts = ", ".join(f"{found.count(kind)} {kind.value.lower()}" for kind in sweeping.Kind)
        if arguments.remove:
            console.print(f"{found.removed} files that nothing named removed.")
        console.print(f"{found.documents} documents, {found.files} files: {counts}.")
        if found.count(sweeping.Kind.MISSING) or found.count(sweeping.Kind.ALTERED):
            return 1
        return 3 if found.faults else 0

    return asyncio.run(_opened(work))


def schema(arguments: argparse.Namespace) -> int:
    """Export the graph to backend/schema/schema.graphql, or check that the file is what the code says."""
    from backend.schema.build import sdl

    text = sdl()
    if not arguments.check:
        SCHEMA.write_text(text, encoding="utf-8")
        console.print(f"{SCHEMA.name} written.")
        return 0
    if not SCHEMA.is_file() or SCHEMA.read_text(encoding="utf-8") != text:
        raise Refused(f"{SCHEMA.name} is not what the code says: run « make schema » and commit it.")
    return 0


def journal(arguments: argparse.Namespace) -> int:
    """Verify the journal's chain and seals, seal the days that are over, or show the key. 0 if all holds."""
    from backend.rules import certificate, seal
    from backend.rules import journal as rules

    if arguments.action == "key":
        sys.stdout.write(seal.pem(seal.private_key().public_key()))
        return 0
    trusted = seal.public_of(arguments.key.read_text(encoding="utf-8")) if arguments.key else None

    async def verify() -> int:
        count, fault = await rules.verify()
        if fault is not None:
            complaints.print(f"The journal is broken after {count} events: {fault}.")
            return 1
        seals, fault = await seal.verify(trusted)
        if fault is not None:
            complaints.print(f"The journal is not as it was sealed, after {seals} seals: {fault}.")
            return 1
        for path in arguments.certificate or ():
            found = await certificate.verify(path.read_bytes())
            if found.body is None:
                complaints.print(f"{path} is no genuine certificate of this platform: {found.verdict}.", markup=False)
                return 1
            if not found.journal_holds:
                told = f"The journal was rewritten before {found.body['issued_at']}, when {path} was issued."
                complaints.print(told, markup=False)
                return 1
        console.print(f"The journal holds: {count} events, {seals} seals.")
        return 0

    async def close() -> int:
        try:
            console.print(f"{await seal.seal()} days sealed.")
        except seal.BrokenJournal as fault:
            complaints.print(f"Nothing was sealed, the journal is broken: {fault}.")
            return 1
        return 0

    return asyncio.run(_opened(close if arguments.action == "seal" else verify))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="peps", description="PEP's, the plateforme employeurs publics.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")

    one = commands.add_parser("run", help="serve the platform (HOST, PORT, DATABASE_URL, DATA_DIR, DEMO …)")
    one.set_defaults(command=run)
    one = commands.add_parser("migrate", help="bring the database to the latest migration")
    one.add_argument("target", nargs="?", default="__latest__", help="another migration, forward or backward")
    one.set_defaults(command=migrate)
    one = commands.add_parser("demo", help="load the demonstration world into a new database")
    one.add_argument("--scale", choices=("small", "medium", "full"), default="small")
    one.set_defaults(command=demo)
    one = commands.add_parser("deposit", help="deposit a folder of PDFs with its manifeste.csv")
    one.add_argument("folder", type=Path)
    one.add_argument("--rehearse", action="store_true", help="judge every line and count, publish nothing")
    one.add_argument("--rejections", type=Path, help="where to write the rejected lines (FOLDER/rejets.csv)")
    one.set_defaults(command=deposit)
    one = commands.add_parser("post", help="write into a folder the printer's hand-over files of letters to post")
    one.add_argument("folder", type=Path)
    one.set_defaults(command=post)
    one = commands.add_parser("integrity", help="sweep the documents against their files: missing, altered, orphaned")
    one.add_argument("--quick", action="store_true", help="compare sizes only, do not read every file")
    one.add_argument("--remove", action="store_true", help="remove what nothing names and is old; compare sizes only")
    one.set_defaults(command=integrity)
    one = commands.add_parser("schema", help="export the graph to schema.graphql")
    one.add_argument("--check", action="store_true", help="only check that the file is up to date")
    one.set_defaults(command=schema)
    one = commands.add_parser("journal", help="verify the journal's chain and seals, seal it, or show the public key")
    one.add_argument("action", choices=("verify", "seal", "key"))
    one.add_argument(
        "--certificate", type=Path, action="append", help="verify: a certificate (JSON) that the journal must bear out"
    )
    one.add_argument("--key", type=Path, help="verify: the only public key to trust, as « peps journal key » showed it")
    one.set_defaults(command=journal)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit status. 2 where it could not be done."""
    given = _parser().parse_args(arguments)
    try:
        settings.use(settings.from_environment())
        return int(given.command(given))
    except (Refused, ValueError) as error:
        complaints.print(str(error), markup=False)
    except (DBConnectionError, OperationalError, OSError) as error:
        complaints.print(f"The database or the disk does not answer: {error}", markup=False)
    except KeyboardInterrupt:
        complaints.print("Interrompu.")
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
