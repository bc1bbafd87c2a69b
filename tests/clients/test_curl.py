"""The walk with nothing but curl: what the page for developers shows."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from tests import builders
from tests.clients import walk
from tests.serving import Served


async def curl(*words: str) -> bytes:
    command = shutil.which("curl")
    assert command, "this test needs curl"
    process = await asyncio.create_subprocess_exec(
        command, "--silent", "--show-error", "--max-time", "20", *words, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output


async def test_the_whole_walk(server: Served, tmp_path: Path) -> None:
    """R-COU-01, 05, 06."""
    made = await walk.world()

    async def ask(query: str, *words: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables})
        address = f"{server.address}/graphql"
        answer = json.loads(await curl(address, "-H", "content-type: application/json", "-d", body, *words))
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    async def bearer(user: Any) -> tuple[str, str]:
        return "-H", f"authorization: Bearer {(await ask(walk.LOG_IN, **walk.log_in(user)))['logIn']['token']}"

    clerk, operator = await bearer(made.clerk), await bearer(made.operator)
    letter = tmp_path / "lettre.pdf"
    letter.write_bytes(builders.pdf("Appel de cotisations"))
    sent = json.loads(await curl("-T", str(letter), f"{server.address}/uploads", *operator))
    deposited = (await ask(walk.DEPOSIT, *operator, input=made.letter(sent["uploadId"])))["depositCourrier"]
    assert deposited["errors"] == []
    again = (await ask(walk.DEPOSIT, *operator, input=made.letter(sent["uploadId"])))["depositCourrier"]
    assert (again["alreadyDeposited"], again["courrier"]) == (True, deposited["courrier"])

    listed = (await ask(walk.LIST, *clerk))["viewer"]["courriers"]["edges"]
    assert [(one["node"]["reference"], one["node"]["isRead"]) for one in listed] == [("2026-0001", False)]
    found = (await ask(walk.LETTER, *clerk, id=listed[0]["node"]["id"]))["node"]
    kept = tmp_path / "reçue.pdf"
    headers = await curl("-D", "-", "-o", str(kept), server.address + found["document"]["downloadUrl"])
    assert kept.read_bytes() == letter.read_bytes()
    assert b"attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf" in headers
    seen = (await ask(walk.LETTER, *operator, id=listed[0]["node"]["id"]))["node"]
    assert {"kind": "DOWNLOADED", "actor": {"lastName": made.clerk.last_name}} in seen["timeline"]
    assert seen["readings"]["totalCount"] == 1
