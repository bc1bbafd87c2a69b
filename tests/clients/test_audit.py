"""GraphQL over HTTP as its specification says, by the audits of its reference implementation."""

import asyncio
import json
from pathlib import Path

from tests.clients.node import HERE, node
from tests.engine.wire import one_engine
from tests.serving import Served


@one_engine
async def test_every_audit_of_graphql_over_http_is_passed_without_a_warning(server: Served) -> None:
    process = await asyncio.create_subprocess_exec(
        node(), HERE / "audit.mjs", f"{server.address}/graphql", stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    results = json.loads(output)
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == 61


def test_the_lock_names_no_registry() -> None:
    lock = Path(HERE, "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == 4
