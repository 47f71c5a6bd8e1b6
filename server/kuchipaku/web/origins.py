"""Which pages may use the server from a browser: its own, those of this machine, and those named at the start."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import HTTPConnection

LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
"""Regular expression for pages served by this machine, at any port."""


def is_trusted(connection: HTTPConnection) -> bool:
    """Whether a websocket may connect. Browsers let every page open one, so the server has to look.

    Programs send no Origin and are trusted.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin.partition("://")[2] == connection.headers.get("host"):
        return True
    allowed: Sequence[str] = connection.app.state.allowed_origins
    return origin in allowed or re.fullmatch(LOCAL_ORIGIN, origin) is not None
