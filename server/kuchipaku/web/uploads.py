"""Receiving pictures: streamed to a file, bounded, and gone again when anything is wrong."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from kuchipaku_tha.errors import PictureError, StorageError
from kuchipaku_tha.placement import Box, parse_head

PICTURE_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}
"""How the OpenAPI document describes the body."""

UPLOAD_TIMEOUT_S = 300.0
"""A slower upload is given up."""
UPLOADS_AT_ONCE = 4
"""Further ones wait unread."""

_CLIENT_CLOSED = 499


def asked_head(
    head: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Where the head is, from the top of the hair to the chin: left,top,width,height in pixels of "
            "the picture as `examine` measures it. Found when absent.",
        ),
    ] = None,
) -> Box | None:
    """The query's head box; None when there is none."""
    return None if head is None else parse_head(head)


@asynccontextmanager
async def received_picture(request: Request, path: Path, turns: asyncio.Semaphore) -> AsyncIterator[Path]:
    """The request's body in a file, removed again when the block ends with an error.

    How large it may be is :class:`kuchipaku.web.body_limit.BodyLimitMiddleware`'s concern.

    Browsers let every page post bodies of the plain types to any address; a picture's type makes them ask first
    (CORS), so nothing else is accepted.

    Args:
        request: its body is the picture itself.
        path: the file to write.
        turns: held while the picture arrives.

    Raises:
        HTTPException: not sent as a picture, too large, too slow, or cut off.
        PictureError: the body is empty.
        StorageError: there is no room for it.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.startswith("image/"):
        raise HTTPException(
            415, f"Send the picture itself, with its type such as image/png, not {media_type or 'none'}."
        )
    try:
        async with turns:
            await _receive(request, path)
        yield path
    except BaseException:
        await anyio.Path(path).unlink(missing_ok=True)
        raise


async def _receive(request: Request, path: Path) -> None:
    try:
        async with asyncio.timeout(UPLOAD_TIMEOUT_S), await anyio.open_file(path, "wb") as file:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                await file.write(chunk)
    except TimeoutError:
        raise HTTPException(408, f"The picture did not arrive within {UPLOAD_TIMEOUT_S:.0f} s.") from None
    except ClientDisconnect:
        raise HTTPException(_CLIENT_CLOSED, "The upload was cut off.") from None
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = "The disk of the server is full" if full else f"The server cannot keep the picture ({error})"
        raise StorageError(f"{reason}: free some space in {path.parent.parent}, then send it again.") from error
    if size == 0:
        raise PictureError("The body is empty: send the picture itself.")
