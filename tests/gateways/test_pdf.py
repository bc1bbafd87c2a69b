"""What is in a PDF that comes from outside (R-COU-02)."""

import asyncio
import multiprocessing
import sys

import pytest

from backend.gateways.pdf import Fault, inspect, several_at_once
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


async def test_many_are_looked_into_by_processes_of_their_own() -> None:
    with several_at_once() as cores:
        found = await asyncio.gather(*(inspect(builders.pdf("Appel")) for _ in range(cores + 1)), inspect(b"bonjour"))
    assert [one.fault for one in found] == [*[None] * (cores + 1), Fault.NOT_PDF]
    assert found[0].text.strip() == "Appel"


async def test_a_process_that_is_killed_leaves_the_others_to_be_looked_into() -> None:
    with several_at_once():
        await inspect(b"")
        for one in multiprocessing.active_children():
            one.kill()
            one.join()
        assert (await inspect(builders.pdf("Appel"))).fault is None


async def test_processes_end_with_whoever_started_them() -> None:
    """Killed, it leaves nobody waiting for work."""
    program = (
        "import asyncio, multiprocessing, sys\n"
        "from backend.gateways import pdf\n"
        "if __name__ == '__main__':\n"
        "    with pdf.several_at_once():\n"
        "        asyncio.run(pdf.inspect(b''))\n"
        "        print(*(one.pid for one in multiprocessing.active_children()), flush=True)\n"
        "        sys.stdin.readline()\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    children = [int(one) for one in (await process.stdout.readline()).split()]
    assert children
    process.kill()
    assert await process.stdout.read() == b"", "the pipe is closed once the last of them has ended"
    await process.wait()


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
