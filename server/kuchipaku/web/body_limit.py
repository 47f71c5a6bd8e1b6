"""Refuses request bodies that are too large, before they are read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kuchipaku.web.errors import error_body

BODY_LIMIT_BYTES = 1_000_000


class BodyLimitMiddleware:
    """Answers 413 when a body is announced, or turns out, to be larger than the limit.

    Args:
        app: what is protected.
        limit_bytes: for all addresses but
        larger: these, with limits of their own.
    """

    def __init__(
        self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI prescribes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_bytes = self._larger.get(scope["path"], self._limit_bytes)
        message = f"Request bodies may have at most {limit_bytes:,} bytes here."
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit_bytes:
            answer = JSONResponse(error_body("too-large", message), 413)
            await answer(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if received > limit_bytes:
                raise HTTPException(413, message)
            return part

        await self._app(scope, receive_limited, send)
