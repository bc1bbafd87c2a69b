"""Whether this process lives, and whether it can serve."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend import __version__
from backend import database as db
from backend.database.migrate import pending


async def live(_: Request) -> Response:
    """The process answers."""
    return Response(orjson.dumps({"status": "live", "version": __version__}), media_type="application/json")


async def ready(_: Request) -> Response:
    """The database answers and its schema is the one this code wants; 503 and the reason otherwise."""
    try:
        await db.rows("SELECT 1 AS one")
        missing = await pending()
    except Exception as error:  # noqa: BLE001  whatever it is, it is the reason
        return _status({"status": "not ready", "reason": type(error).__name__}, 503)
    if missing:
        return _status({"status": "not ready", "reason": f"migrations to run: {', '.join(missing)}"}, 503)
    return _status({"status": "ready", "version": __version__}, 200)


def _status(content: object, status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json", headers={"cache-control": "no-store"})
