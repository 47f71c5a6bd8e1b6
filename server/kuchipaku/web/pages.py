"""The browser pages, the OBS page and their files."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NO_CACHE = {"Cache-Control": "no-cache"}  # browsers ask whether a file changed, every time
_READ = ["GET", "HEAD"]
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


class ClientFiles(StaticFiles):
    """Files of the page, revalidated at every use, so that an upgrade shows at the next reload."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer for one path below ``/client``."""
        response = await super().get_response(path, scope)
        response.headers.update(_NO_CACHE)
        return response


def pages_router(folder: Path) -> APIRouter:
    """``/``, ``/new``, ``/obs/{avatar_id}`` and the icon."""
    _register_media_types()
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=_READ)
    async def studio() -> FileResponse:
        return FileResponse(folder / "index.html", headers=_NO_CACHE)

    @router.api_route("/new", methods=_READ)
    async def new() -> FileResponse:
        return FileResponse(folder / "new.html", headers=_NO_CACHE)

    @router.api_route("/obs/{avatar_id}", methods=_READ)
    async def obs(avatar_id: str) -> FileResponse:  # noqa: ARG001 - the page reads it from its own address
        return FileResponse(folder / "obs.html", headers=_NO_CACHE)

    @router.api_route("/favicon.ico", methods=_READ)
    async def icon() -> FileResponse:
        return FileResponse(folder / "icon.svg", headers=_NO_CACHE)

    return router


def _register_media_types() -> None:
    """Windows' registry often names other types for these suffixes, and browsers then refuse the modules."""
    for suffix, media_type in _MEDIA_TYPES.items():
        mimetypes.add_type(media_type, suffix)
