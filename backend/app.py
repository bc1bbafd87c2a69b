"""The Starlette application: routes, middleware, lifespan; nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from backend import database as db
from backend import settings
from backend.demo import letters
from backend.engine.endpoint import Endpoint
from backend.gateways.signals import Signals, connection_of
from backend.jobs import outbox, schedule
from backend.reads import guide
from backend.rules import document, feed, notification
from backend.schema.build import schema
from backend.schema.context import Context
from backend.web import (
    calendars,
    certificates,
    courrier_exports,
    documents,
    health,
    identity,
    journal,
    mailbox,
    non_readers,
    preferences,
    receipts,
    rejections,
    rights,
    spa,
    uploads,
    verification,
)
from backend.web.protection import Compression, SameOrigin, SecurityHeaders


def application() -> Starlette:
    """The application, on the settings in force."""
    signals = Signals(connection_of(db.configuration(settings.current().database)))

    async def context_of(
        connection: HTTPConnection, response: Response | None, parameters: Mapping[str, Any]
    ) -> Context:
        return Context(
            viewer=await identity.viewer_of(connection, parameters),
            origin=identity.origin_of(connection),
            signals=signals,
            response=response,
            set_cookie=identity.set_cookie,
            clear_cookie=identity.clear_cookie,
            devices=identity.devices_of(connection),
            set_device=identity.set_device,
        )

    def stays(context: Context) -> bool:
        return context.viewer is not None

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await db.open_database(settings.current().database)
        document.use_renderer(letters.render)
        feed.on_news(signals.wake)
        notification.on_queued(signals.wake)
        signals.start()
        running = []
        if settings.current().jobs:
            running = [asyncio.create_task(outbox.run(signals)), asyncio.create_task(schedule.run())]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await signals.stop()
            feed.forget(signals.wake)
            notification.forget(signals.wake)
            await db.close_database()

    graphql = Endpoint(schema(), context_of, stays)
    pages = Path(__file__).parent / "web" / "pages"
    static = spa.folder()
    return Starlette(
        routes=[
            Route("/graphql", graphql, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            WebSocketRoute("/graphql", graphql),
            Route("/uploads", uploads.put_upload, methods=["PUT"]),
            Route("/documents/{signed}/{name}", documents.get_document, methods=["GET", "HEAD"]),
            Route("/certificats/{signed}/{name}", certificates.get_certificate),
            Route("/verification/certificat", verification.post_certificate, methods=["POST"]),
            Route("/verification/cles.json", verification.get_keys),
            Route("/verification/cles/{key}.pem", verification.get_key),
            Route("/journal.csv", journal.get_journal, methods=["GET", "HEAD"]),
            Route("/exports/droits.csv", rights.get_rights),
            Route("/exports/courriers/{signed}/{name}", courrier_exports.get_export),
            Route("/agenda/abonnement/{secret}/echeances.ics", calendars.get_due_dates),
            Route("/agenda/{signed}/echeance.ics", calendars.get_due_date),
            Route("/exports/sans-lecture.csv", non_readers.get_non_readers),
            Route("/exports/rejets.csv", rejections.get_rejections),
            Route("/cgu/recepisses/{number:int}", receipts.get_receipt),
            Route("/preferences/{signed}", preferences.get_preferences, methods=["GET", "HEAD"]),
            Route("/preferences/{signed}", preferences.post_preferences, methods=["POST"]),
            Route("/health/live", health.live),
            Route("/health/ready", health.ready),
            Route("/messagerie", mailbox.inbox),
            Route("/messagerie/{number:int}", mailbox.message),
            Route("/messagerie/{number:int}/html", mailbox.message_html),
            Mount("/pages", StaticFiles(directory=pages / "static")),
            Route("/graphiql", spa.graphiql_page),
            Mount("/graphiql/assets", spa.Assets(directory=static / "graphiql" / "assets", check_dir=False)),
            Mount("/guides/images", StaticFiles(directory=guide.pictures())),
            Mount("/assets", spa.Assets(directory=static / "assets", check_dir=False)),
            Route("/{path:path}", spa.app_page),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(SameOrigin),
            Middleware(Compression, minimum_size=1000),
        ],
        lifespan=lifespan,
    )
