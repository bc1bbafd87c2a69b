"""What every response carries, and what is refused because it comes from elsewhere."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from backend import settings as settings_room
from backend.app import application
from backend.web.protection import STRICT_POLICY
from tests import builders
from tests.engine.wire import one_engine
from tests.serving import Served

pytestmark = one_engine

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def addresses() -> list[tuple[str, str]]:
    """A method and an address of every route."""
    found = []
    for route in application().routes:
        if isinstance(route, Route):
            path = route.path
            for name, convertor in route.param_convertors.items():
                kind = ":int" if "Integer" in type(convertor).__name__ else ":path"
                path = path.replace(f"{{{name}{kind}}}", "1").replace(f"{{{name}}}", "1")
            found += [(method, path) for method in sorted(route.methods or ())]
        elif isinstance(route, Mount):
            found.append(("GET", f"{route.path}/nothing.css"))
        else:
            assert isinstance(route, WebSocketRoute)
    return found


async def test_every_route_answers_with_the_protecting_headers(server: Served) -> None:
    seen = addresses()
    assert len(seen) > 20
    http = server.anybody().http
    for method, path in seen:
        assert "{" not in path
        response = await http.request(method, path)
        assert response.status_code < 500 or response.status_code == 503, (method, path)
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS, (method, path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy, (method, path)
        assert "'unsafe-inline'" not in policy.partition("style-src")[0], (method, path)
        assert "'unsafe-eval'" not in policy, (method, path)


async def test_pages_of_the_application_run_nothing_inline(server: Served) -> None:
    http = server.anybody().http
    for path in ("/", "/courriers", "/nulle/part"):
        policy = (await http.get(path)).headers["content-security-policy"]
        assert policy == STRICT_POLICY
    assert "unsafe" not in STRICT_POLICY
    assert "script-src 'self';" in STRICT_POLICY
    assert "frame-ancestors 'none'" in STRICT_POLICY
    assert "require-trusted-types-for 'script'" in STRICT_POLICY


REFUSED = [
    {"origin": "https://ailleurs.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://ailleurs.example", "sec-fetch-site": "same-origin"},
]


async def test_what_another_site_sends_is_refused(server: Served) -> None:
    http = server.anybody().http
    town = await builders.establishment()
    user = await builders.user(town)
    given = {"identifier": user.identifier, "password": builders.PASSWORD}
    log_in = {"query": "mutation($i: LogInInput!) { logIn(input: $i) { errors { code } } }", "variables": {"i": given}}
    for headers in REFUSED:
        for method, path in (("POST", "/graphql"), ("PUT", "/uploads"), ("DELETE", "/graphql"), ("POST", "/")):
            response = await http.request(method, path, json=log_in, headers=headers)
            assert response.status_code == 403, (method, path, headers)
            assert response.json()["errors"][0]["extensions"]["code"] == "CROSS_ORIGIN"
            assert "set-cookie" not in response.headers, "nobody is signed in by another site"
            assert response.headers["content-security-policy"]
    assert not http.cookies


async def test_our_own_pages_and_programs_are_served(server: Served) -> None:
    http = server.anybody().http
    for headers in ({}, {"origin": server.address}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}):
        response = await http.post("/graphql", json={"query": "{ funds { code } }"}, headers=headers)
        assert response.status_code == 200, headers
    followed = await http.get("/", headers={"sec-fetch-site": "cross-site", "origin": "https://ailleurs.example"})
    assert followed.status_code != 403, "a link in an e-mail"


async def test_behind_a_proxy_the_public_address_is_ours(server: Served) -> None:
    settings_room.use(replace(settings_room.current(), public_url="https://peps.example"))
    http = server.anybody().http
    query = {"query": "{ funds { code } }"}
    assert (await http.post("/graphql", json=query, headers={"origin": "https://peps.example"})).status_code == 200
    assert (await http.post("/graphql", json=query, headers={"origin": "https://peps.example.net"})).status_code == 403


async def log_in(http: httpx.AsyncClient, user: Any) -> httpx.Response:
    given = {"identifier": user.identifier, "password": builders.PASSWORD}
    query = "mutation($i: LogInInput!) { logIn(input: $i) { token errors { code } } }"
    return await http.post("/graphql", json={"query": query, "variables": {"i": given}})


def flags(cookie: str) -> set[str]:
    return {part.strip().lower() for part in cookie.split(";")[1:]}


async def test_the_cookie_over_tls_is_bound_to_the_host(server: Served) -> None:
    settings_room.use(replace(settings_room.current(), public_url="https://peps.example"))
    response = await log_in(server.anybody().http, await builders.user())
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-sid=")
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= flags(cookie)
    assert not any(one.startswith("domain") for one in flags(cookie))
    assert "max-age=31536000" in response.headers["strict-transport-security"]


async def test_the_cookie_on_one_s_own_machine(server: Served) -> None:
    response = await log_in(server.anybody().http, await builders.user())
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("sid=")
    assert {"httponly", "samesite=lax", "path=/"} <= flags(cookie)
    assert "secure" not in flags(cookie)
    assert "strict-transport-security" not in response.headers
    assert response.json()["data"]["logIn"]["token"] is None, "the page never sees the secret"


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/assets/" + "a" * 300, "/%00", "/..%2f..%2fetc%2fpasswd", "/%ff"])
async def test_no_address_is_an_error_of_ours(server: Served, path: str) -> None:
    assert (await server.anybody().http.get(path)).status_code in {200, 404, 503}
