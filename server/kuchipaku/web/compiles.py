"""``/api/v1/pictures``, ``/api/v1/characters`` and ``/api/v1/compiles``: a picture becomes a character."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path as FilePath
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from PIL import Image
from starlette.concurrency import run_in_threadpool

from kuchipaku.compiling.errors import CharacterExistsError, CharacterInUseError
from kuchipaku.compiling.examination import Examination, examine_picture
from kuchipaku.compiling.examiner import examine_apart
from kuchipaku.compiling.job import JobReport
from kuchipaku.compiling.names import free_name
from kuchipaku.compiling.request import CompileRequest, ExamineRequest
from kuchipaku.mailbox import Mailbox, MailboxClosedError
from kuchipaku.web.compile_models import (
    CompileInfo,
    CompileList,
    PictureArea,
    PictureInfo,
    describe_compile,
    describe_picture,
)
from kuchipaku.web.models import ErrorAnswer
from kuchipaku.web.services import Services, WithServices
from kuchipaku.web.uploads import PICTURE_BODY, asked_head, received_picture
from kuchipaku_tha.advice import refuse_errors
from kuchipaku_tha.character import check_name, title_from
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box

router = APIRouter(prefix="/api/v1", tags=["new characters"], responses={422: {"model": ErrorAnswer}})

UPLOAD_PATHS = frozenset({"/api/v1/pictures/examine", "/api/v1/pictures/cut-out", "/api/v1/characters"})
"""Addresses that take pictures; all others take small bodies only."""

KEEP_ALIVE_S = 15.0

_UPLOAD_ERRORS: dict[int | str, dict[str, object]] = {
    code: {"model": ErrorAnswer} for code in (413, 415, status.HTTP_507_INSUFFICIENT_STORAGE)
}
_Text = Annotated[str, Query(max_length=200)]
_Tolerance = Annotated[
    float | None,
    Query(
        ge=0,
        le=1,
        alias="background_tolerance",
        description="Remove a plain background first; how much its colour may vary, usually 0.1. Left if absent.",
    ),
]
_CONSENT = "With anyway=true it is compiled all the same."
WithHead = Annotated[Box | None, Depends(asked_head)]
CompileId = Annotated[str, Path(max_length=64)]


@router.post(
    "/pictures/examine",
    summary="Find out what a picture is good for",
    responses=_UPLOAD_ERRORS,
    openapi_extra=PICTURE_BODY,
)
async def examine(
    request: Request, services: WithServices, head: WithHead, tolerance: _Tolerance = None
) -> PictureInfo:
    """Where its head is and what may go wrong; takes some seconds. Nothing is kept."""
    async with _received(request, services) as path:
        return describe_picture(await _examine_apart(services, ExamineRequest(path, head, tolerance)))


@router.post(
    "/pictures/cut-out",
    summary="A picture as it would be used",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **_UPLOAD_ERRORS},
    openapi_extra=PICTURE_BODY,
)
async def cut_out(request: Request, services: WithServices, tolerance: _Tolerance = None) -> Response:
    """Upright, at its working size, with its background removed if that is asked for: PNG with alpha."""
    async with _received(request, services) as path:
        async with services.examining:
            png = await run_in_threadpool(_cut_out, path, tolerance)
        return Response(png, media_type="image/png")


@router.post(
    "/characters",
    summary="Make a character from a picture",
    status_code=status.HTTP_202_ACCEPTED,
    responses={409: {"model": ErrorAnswer}, 503: {"model": ErrorAnswer}, **_UPLOAD_ERRORS},
    openapi_extra=PICTURE_BODY,
)
async def create_character(
    request: Request,
    response: Response,
    services: WithServices,
    head: WithHead,
    tolerance: _Tolerance = None,
    title: Annotated[_Text, Query(description="Name for people.")] = "",
    name: Annotated[str, Query(max_length=40, description="Of a-z, 0-9, - and _; made from the title if absent.")] = "",
    author: Annotated[_Text, Query(description="Who drew the picture.")] = "",
    licence: Annotated[_Text, Query(description="Under which the picture may be used.")] = "",
    replace: Annotated[bool, Query(description="Replace your own character of that name.")] = False,
    anyway: Annotated[bool, Query(description="Even if there is an error among its advice.")] = False,
) -> CompileInfo:
    """The body is the picture. A draft is usable after about a minute; the finished character then replaces it.

    Answers as soon as the picture is checked, at once when its head is given and it is to be compiled anyway; the
    compile's address is in the ``Location`` header.
    """
    jobs = services.compiles
    jobs.check_room()
    if name:
        check_name(name)
        _check_free(services, name, replace=replace)
    async with received_picture(request, jobs.picture_path(), services.uploads) as path:
        look = _examine_plainly if anyway and head is not None else _examine_apart
        examination = await look(services, ExamineRequest(path, head, tolerance))
        if not anyway:
            refuse_errors(examination.advice, _CONSENT)
        name = name or free_name(title, lambda taken: taken in services.library.names() or jobs.compiles(taken))
        report = jobs.add(
            CompileRequest(
                picture=path,
                name=name,
                folder=services.library.own_folder / name,
                title=title or title_from(name),
                author=author,
                licence=licence,
                head=examination.head,
                background_tolerance=tolerance,
                steps=services.compile_steps,
            ),
            examination.advice,
        )
    response.headers["Location"] = f"/api/v1/compiles/{report.id}"
    return describe_compile(report)


@router.delete(
    "/characters/{name}",
    summary="Remove one of your own characters",
    status_code=status.HTTP_204_NO_CONTENT,
    responses={404: {"model": ErrorAnswer}, 409: {"model": ErrorAnswer}},
)
def delete_character(services: WithServices, name: Annotated[str, Path(max_length=64)]) -> None:
    """Avatars that show it live on until they are ended. The built-in characters stay."""
    if services.compiles.compiles(name):
        raise CharacterInUseError(f"{name!r} is being compiled. Stop that first: DELETE /api/v1/compiles/….")
    services.library.remove(name)


@router.get("/compiles", summary="List the compiles")
def list_compiles(services: WithServices) -> CompileList:
    """Those that run or wait, and the last ones that ended."""
    return CompileList(compiles=[describe_compile(report) for report in services.compiles.all()])


@router.get("/compiles/{compile_id}", summary="How far a compile is", responses={404: {"model": ErrorAnswer}})
def get_compile(services: WithServices, compile_id: CompileId) -> CompileInfo:
    """The same as its events tell."""
    return describe_compile(services.compiles.get(compile_id))


@router.get(
    "/compiles/{compile_id}/events",
    summary="Follow a compile",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "A `progress` event for every change, until it ends.",
        },
        404: {"model": ErrorAnswer},
        503: {"model": ErrorAnswer},
    },
)
async def follow_compile(services: WithServices, compile_id: CompileId) -> StreamingResponse:
    """Each event's data is what ``GET /api/v1/compiles/{id}`` answers; slow readers miss some, never the newest."""
    mailbox = services.compiles.subscribe(compile_id)
    return StreamingResponse(
        _events(services, compile_id, mailbox), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )


@router.put(
    "/compiles/{compile_id}/head",
    summary="Correct where the head is",
    status_code=status.HTTP_202_ACCEPTED,
    responses={404: {"model": ErrorAnswer}, 409: {"model": ErrorAnswer}},
)
def correct_head(services: WithServices, compile_id: CompileId, head: PictureArea) -> CompileInfo:
    """Compiles the picture again, before all others that wait."""
    return describe_compile(services.compiles.correct(compile_id, head.box()))


@router.delete("/compiles/{compile_id}", summary="Stop a compile", responses={404: {"model": ErrorAnswer}})
def cancel_compile(services: WithServices, compile_id: CompileId) -> CompileInfo:
    """A character that was usable already stays as it is. What was drawn is kept for the next time."""
    return describe_compile(services.compiles.cancel(compile_id))


@asynccontextmanager
async def _received(request: Request, services: Services) -> AsyncIterator[FilePath]:
    """The posted picture in a file that is gone afterwards."""
    async with received_picture(request, services.compiles.picture_path(), services.uploads) as path:
        try:
            yield path
        finally:
            await anyio.Path(path).unlink(missing_ok=True)


async def _examine_apart(services: Services, request: ExamineRequest) -> Examination:
    """Let the teacher look at a picture, in a process of its own."""
    async with services.examining:
        return await run_in_threadpool(examine_apart, request, services.compiles.command)


async def _examine_plainly(services: Services, request: ExamineRequest) -> Examination:
    """Check a picture whose head is known, without the teacher."""
    async with services.examining:
        return await run_in_threadpool(examine_picture, request, None)


def _cut_out(path: FilePath, tolerance: float | None) -> bytes:
    content = io.BytesIO()
    picture = load_picture(path, background_tolerance=tolerance)
    Image.fromarray(picture, "RGBA").save(content, "PNG", compress_level=1)
    return content.getvalue()


def _check_free(services: Services, name: str, *, replace: bool) -> None:
    if not replace and name in services.library.names():
        raise CharacterExistsError(
            f"There is a character {name!r} already. Choose another name, or replace it with replace=true."
        )
    if services.compiles.compiles(name):
        raise CharacterExistsError(f"A character {name!r} is being compiled. Choose another name, or wait.")


async def _events(services: Services, compile_id: str, mailbox: Mailbox[JobReport]) -> AsyncIterator[str]:
    try:
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    report = await mailbox.get_async()
            except TimeoutError:
                yield ": still there\n\n"
                continue
            except MailboxClosedError:
                return
            yield f"event: progress\ndata: {describe_compile(report).model_dump_json()}\n\n"
            if report.state.ended:
                return
    finally:
        services.compiles.unsubscribe(compile_id, mailbox)
