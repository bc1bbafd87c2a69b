"""Finishing what must not be left half done, whoever cancels."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end even if the caller is cancelled meanwhile, once or again and again (as anyio does).

    The cancellation is raised afterwards; an error of `work` comes first.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except BaseException:  # noqa: BLE001  raised again below, once the task is known to be done
            break
    task.result()
    if cancelled is not None:
        raise cancelled
