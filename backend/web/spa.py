"""The built SPA and GraphiQL, served from the package or from the repository."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""GraphiQL's editor makes its own style elements and workers."""

_PACKAGE = Path(__file__).parent.parent / "static"
_REPOSITORY = Path(__file__).parent.parent.parent / "frontend" / "dist"


def folder() -> Path:
    """Where the built files are: in the installed package, or in the repository after `npm run build`."""
    return _PACKAGE if _PACKAGE.is_dir() else _REPOSITORY


class Assets(StaticFiles):
    """Files named by their content: a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _page(path: Path, headers: dict[str, str]) -> Response:
    if not path.is_file():
        return PlainTextResponse("L’interface n’est pas construite : lancez « make run ».", 503)
    return FileResponse(path, headers={"cache-control": "no-cache", **headers}, media_type="text/html; charset=utf-8")


def _beside(root: Path) -> set[str]:
    if not root.is_dir():
        return set()
    return {one.name for one in root.iterdir() if one.is_file() and one.name[0] != "."} - {"index.html"}


async def app_page(request: Request) -> Response:
    """Any page of the SPA, or one of the files beside it (icon, manifest)."""
    root = folder()
    name = request.path_params.get("path", "")
    if name in _beside(root):
        return FileResponse(root / name, headers={"cache-control": "public, max-age=3600"})
    if "." in name.rpartition("/")[2] or name.startswith(("assets/", "graphiql/", "api/", "demo/")):
        raise HTTPException(404, "Cette page n’existe pas.")
    return _page(root / "index.html", {})


async def graphiql_page(_: Request) -> Response:
    """GraphiQL, under a policy of its own."""
    return _page(folder() / "graphiql" / "index.html", {"content-security-policy": GRAPHIQL_POLICY})
