"""Looking into PDFs that come from outside: readable, not encrypted, nothing active in them.

It is done in processes of their own (`pdf_reading`), bounded in time and memory: a file made to take for ever, or all
there is, takes it from nobody else.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import orjson

LENGTH = 8
"""Bytes that tell the length of what follows."""

CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

CPU_SECONDS = 20
"""What one file may take of a processor: those that people write take less than one."""

MEMORY = 1024 * 1024 * 1024
"""Bytes of addresses that the process may have."""

PATIENCE = 300.0
"""Seconds after which it is ended though it has not used its time: the machine hardly runs at all."""


class Fault(StrEnum):
    """What makes a file unacceptable."""

    EMPTY = "EMPTY"
    NOT_PDF = "NOT_PDF"
    TRUNCATED = "TRUNCATED"
    DAMAGED = "DAMAGED"
    ENCRYPTED = "ENCRYPTED"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"
    EMBEDDED_FILES = "EMBEDDED_FILES"
    TOO_COMPLEX = "TOO_COMPLEX"


@dataclass(frozen=True)
class Inspection:
    """What was found: a fault, or the number of pages and the text of each that is read."""

    fault: Fault | None = None
    page_count: int = 0
    texts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The pages' text together, for the search."""
        return "\n".join(self.texts)


async def inspect(content: bytes) -> Inspection:
    """Look into a PDF, as many at once as there are cores; the others wait for their turn."""
    if not content:
        return Inspection(Fault.EMPTY)
    if b"%PDF-" not in content[:1024]:
        return Inspection(Fault.NOT_PDF)
    if b"%%EOF" not in content[-2048:]:
        return Inspection(Fault.TRUNCATED)
    return await asyncio.get_running_loop().run_in_executor(_threads, _inspect, content)


async def pages(content: bytes) -> list[str]:
    """The text of each page of an accepted PDF, for who would rather read it than see it; empty where it says none."""
    return [text.strip() for text in (await inspect(content)).texts]


_threads = ThreadPoolExecutor(CORES, "pdf")
"""Each has a process of its own. Not those of `asyncio.to_thread`: others wait for them."""

_own = threading.local()


def _inspect(content: bytes) -> Inspection:
    for _ in range(2):
        process: _Process = getattr(_own, "process", None) or _Process()
        _own.process = None
        answer = process.ask(content)
        if answer is not None:
            _own.process = process
            return answer
        if process.is_exhausted:
            break
        # Else somebody ended it, for want of memory perhaps, or the file made it fail: once more tells.
    return Inspection(Fault.TOO_COMPLEX)


class _Process:
    """A process that looks into one file at a time. It ends with its input: when this one closes it, or is no more."""

    def __init__(self) -> None:
        self._running = subprocess.Popen(  # noqa: S603 - our own program; nothing in its arguments comes from outside
            [sys.executable, "-m", "backend.gateways.pdf_reading", str(CPU_SECONDS), str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],  # where `backend` is
            env={},  # no key, no password
            start_new_session=True,  # Ctrl-C is for us
        )
        self._is_late = False
        self._finish = weakref.finalize(self, _finish, self._running)

    @property
    def is_exhausted(self) -> bool:
        """Whether it was ended for having taken all it may."""
        return self._is_late or self._running.returncode == -signal.SIGXCPU

    def ask(self, content: bytes) -> Inspection | None:
        """What it finds; None if it ended meanwhile. Raises RuntimeError if it cannot work at all."""
        sent, answered = self._running.stdin, self._running.stdout
        if sent is None or answered is None:
            raise RuntimeError("a process without pipes")
        timer = threading.Timer(PATIENCE, self._end)
        timer.start()
        try:
            sent.write(len(content).to_bytes(LENGTH))
            sent.write(content)
            sent.flush()
            answer = answered.read(int.from_bytes(answered.read(LENGTH)))
        except BrokenPipeError:
            answer = b""
        finally:
            timer.cancel()
        if answer:
            found = orjson.loads(answer)
            fault = Fault(found["fault"]) if found["fault"] else None
            return Inspection(fault, found["page_count"], tuple(found["texts"]))
        self._finish()
        if self._running.returncode > 0:
            raise RuntimeError(f"PDFs cannot be looked into: status {self._running.returncode}")
        return None

    def _end(self) -> None:
        self._is_late = True
        self._running.kill()


def _finish(running: "subprocess.Popen[bytes]") -> None:
    """Close the pipes and wait for its end."""
    for pipe in (running.stdin, running.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # what it has not read
                pipe.close()
    running.wait()
