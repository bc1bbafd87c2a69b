"""Another process that deposits letters. `python -m tests.gateways.depositor SIRET TYPE PREFIX COUNT`."""

import asyncio
import secrets
import sys

from backend import clock, settings
from backend.database import close_database, open_database
from backend.models import Document
from backend.rules import courrier
from backend.rules.viewer import Viewer


async def main(siret: str, kind: str, prefix: str, count: int) -> None:
    await open_database(settings.current().database)
    try:
        document = await Document.create(sha256=secrets.token_hex(32), size=1000, page_count=1, stored_at=clock.now())
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(count):
            made = await courrier.deposit(
                Viewer(is_operator=True),
                courrier.Deposit(
                    document_id=document.id,
                    siret=siret,
                    type_code=kind,
                    reference=f"{prefix}-{number}",
                    subject="Objet",
                    letter_date=clock.today(),
                ),
            )
            assert made.courrier_id is not None, made.errors
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], int(sys.argv[4])))
