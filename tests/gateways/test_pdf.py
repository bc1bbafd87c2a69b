"""What is in a PDF that comes from outside (R-COU-02)."""

import asyncio
import os
import select
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from backend.gateways import pdf
from backend.gateways.pdf import Fault, inspect
from tests import builders
from tests.gateways import pdfs


async def test_a_letter_is_readable_and_its_text_found() -> None:
    found = await inspect(builders.pdf("Appel de cotisations"))
    assert (found.fault, found.page_count, found.text.strip()) == (None, 1, "Appel de cotisations")


async def test_a_link_to_the_web_is_no_active_content() -> None:
    assert (await inspect(pdfs.harmless())).fault is None


@pytest.mark.parametrize("what", pdfs.active())
async def test_active_content_is_found(what: str) -> None:
    assert (await inspect(pdfs.active()[what])).fault is Fault.ACTIVE_CONTENT


@pytest.mark.parametrize("what", pdfs.embedding())
async def test_embedded_files_are_found(what: str) -> None:
    assert (await inspect(pdfs.embedding()[what])).fault is Fault.EMBEDDED_FILES


async def test_a_script_is_told_before_a_file() -> None:
    assert (await inspect(pdfs.script_and_file())).fault is Fault.ACTIVE_CONTENT


async def test_more_than_there_are_cores_are_each_answered() -> None:
    letters = [builders.pdf(f"Appel {number}") for number in range(pdf.CORES + 2)]
    found = await asyncio.gather(*(inspect(one) for one in letters), inspect(b"bonjour"))
    assert [one.text for one in found] == [*(f"Appel {number}" for number in range(pdf.CORES + 2)), ""]
    assert found[-1].fault is Fault.NOT_PDF


def ended_at_once(monkeypatch: pytest.MonkeyPatch, content: bytes, times: int) -> None:
    """As if somebody killed the process while it looked into this content, so many times."""
    genuine, left = pdf._Process.ask, [times]

    def ask(self: Any, given: bytes) -> Any:
        if given == content and left[0]:
            left[0] -= 1
            self._running.kill()
            self._running.wait()
        return genuine(self, given)

    monkeypatch.setattr(pdf._Process, "ask", ask)


async def test_a_process_that_is_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once may be an accident; twice is the file."""
    content = builders.pdf("Appel")
    ended_at_once(monkeypatch, content, 1)
    assert (await inspect(content)).text == "Appel"
    ended_at_once(monkeypatch, content, 2)
    assert (await inspect(content)).fault is Fault.TOO_COMPLEX
    assert (await inspect(content)).text == "Appel"


async def test_processes_end_with_whoever_started_them() -> None:
    """Killed, it leaves nobody waiting for work, and none of them knows a secret."""
    program = (
        "import asyncio, sys\n"
        "from backend.gateways import pdf\n"
        "from tests import builders\n"
        "genuine = pdf._Process.__init__\n"
        "def tell(self): genuine(self); print(self._running.pid, flush=True)\n"
        "pdf._Process.__init__ = tell\n"
        "asyncio.run(pdf.inspect(builders.pdf('Appel')))\n"
        "sys.stdin.readline()\n"
    )
    environment = {**os.environ, "SECRET_KEY": "canari"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    child = int(await process.stdout.readline())
    assert b"canari" not in await asyncio.to_thread(Path(f"/proc/{child}/environ").read_bytes)
    watched = os.pidfd_open(child)
    process.kill()
    await process.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [watched], [], [], 10)
    os.close(watched)
    assert ended


async def test_a_file_that_takes_for_ever_is_given_up_and_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-COU-02: not the loop, not the threads that others share; its process is ended by the system."""
    monkeypatch.setattr(pdf, "CPU_SECONDS", 1)
    monkeypatch.setattr(pdf, "_threads", ThreadPoolExecutor(1))
    hostile = asyncio.create_task(inspect(pdfs.endless()))
    waits = []
    while not hostile.done():
        begun = time.perf_counter()
        await asyncio.to_thread(lambda: None)
        waits.append(time.perf_counter() - begun)
    assert (await hostile).fault is Fault.TOO_COMPLEX
    assert median(waits) < 0.1
    assert (await inspect(builders.pdf("Appel"))).text == "Appel"


async def test_a_file_that_takes_all_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-COU-02."""
    monkeypatch.setattr(pdf, "MEMORY", 200 * 1024 * 1024)
    monkeypatch.setattr(pdf, "_threads", ThreadPoolExecutor(1))
    assert (await inspect(pdfs.endless(60_000_000))).fault is Fault.TOO_COMPLEX
    assert (await inspect(builders.pdf("Appel"))).text == "Appel"


async def test_encryption_is_found_even_where_it_opens_without_a_password() -> None:
    assert (await inspect(pdfs.encrypted())).fault is Fault.ENCRYPTED
    assert (await inspect(pdfs.unlocked())).fault is Fault.ENCRYPTED


async def test_what_is_no_pdf_is_told() -> None:
    assert (await inspect(b"")).fault is Fault.EMPTY
    assert (await inspect(b"PK\x03\x04" + b"0" * 5000)).fault is Fault.NOT_PDF
    assert (await inspect("bonjour".encode("utf-16"))).fault is Fault.NOT_PDF


async def test_a_pdf_cut_anywhere_is_truncated() -> None:
    content = builders.pdf("Appel de cotisations")
    for share in range(1, 20):
        assert (await inspect(content[: len(content) * share // 20])).fault is Fault.TRUNCATED
    assert (await inspect(b"%PDF-1.7\n%%EOF")).fault is Fault.DAMAGED


async def test_a_pdf_with_bytes_changed_never_fails_otherwise() -> None:
    """Whatever is wrong with it, the answer is an inspection."""
    content = builders.pdf("Appel de cotisations")
    for position in range(0, len(content), 211):
        changed = bytearray(content)
        changed[position] ^= 0xFF
        await inspect(bytes(changed))


async def test_a_pdf_whose_pages_are_their_own_parent_is_no_trap() -> None:
    content = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )
    assert (await inspect(content)).fault is Fault.DAMAGED


async def test_a_page_whose_letters_are_not_told_is_accepted_without_a_text() -> None:  # R-COU-02, R-COU-07
    found = await inspect(pdfs.with_letters_that_no_one_tells())
    assert (found.fault, found.page_count, found.text) == (None, 1, "")


async def test_a_page_cut_short_is_damaged() -> None:  # R-COU-02
    assert (await inspect(pdfs.with_a_page_cut_short())).fault is Fault.DAMAGED
