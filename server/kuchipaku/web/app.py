"""The web application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.concurrency import run_in_threadpool

from kuchipaku import __version__
from kuchipaku.avatars import AvatarRegistry
from kuchipaku.characters import CharacterLibrary
from kuchipaku.compiling.jobs import WORKER, CompileJobs
from kuchipaku.compiling.leftovers import remove_leftovers
from kuchipaku.compiling.request import STEPS, CompileStep
from kuchipaku.paths import bundled_folder
from kuchipaku.web import avatars, catalogue, compiles, feeds, health, socket, whep
from kuchipaku.web.body_limit import BodyLimitMiddleware
from kuchipaku.web.errors import install_error_handlers
from kuchipaku.web.origins import LOCAL_ORIGIN
from kuchipaku.web.pages import ClientFiles, pages_router
from kuchipaku.web.services import Services, show_anew
from kuchipaku_tha.picture import MAX_FILE_BYTES

_DESCRIPTION = """\
Live anime avatars from one picture.

Every error answer has the form `{"error": {"code": "…", "message": "…"}}`; the message says what to do.

The websocket `/api/v1/avatars/{id}/ws` takes the commands `speak`, `interrupt`, `emotion`, `gesture`, `pose` and
`clear-pose` as JSON objects such as `{"command": "speak", "text": "Hello."}`, with the fields of the requests of the
same name below. It sends the events `speaking-started`, `viseme`, `speaking-finished`, `speech-warning`,
`speech-failed` and `error`; `time_s` is the moment of the avatar's clock.
"""


def create_app(
    registry: AvatarRegistry,
    library: CharacterLibrary,
    *,
    allowed_origins: Sequence[str] = (),
    client_folder: Path | None = None,
    compiler: Sequence[str] = WORKER,
    compile_steps: tuple[CompileStep, ...] = STEPS,
) -> FastAPI:
    """Build the application; ending it closes all sessions and avatars.

    Args:
        registry: the living avatars; the oldest is the default one.
        library: the installed characters.
        allowed_origins: web pages elsewhere that may use the server, such as ``https://example.org``.
        client_folder: files of the page; those that come with kuchipaku when absent.
        compiler: starts the process that compiles characters.
        compile_steps: in which qualities, one after the other.
    """
    folder = bundled_folder("client_web") if client_folder is None else client_folder
    app = FastAPI(title="kuchipaku", version=__version__, description=_DESCRIPTION, lifespan=_lifespan)
    jobs = CompileJobs(partial(show_anew, registry, library), command=compiler)
    app.state.services = Services(registry, library, jobs, compile_steps)
    app.state.allowed_origins = tuple(allowed_origins)
    app.add_middleware(BodyLimitMiddleware, larger=dict.fromkeys(compiles.UPLOAD_PATHS, MAX_FILE_BYTES))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(allowed_origins),
        allow_origin_regex=LOCAL_ORIGIN,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["Location"],
    )
    install_error_handlers(app)
    for part in (avatars, catalogue, compiles, feeds, whep, health, socket):
        app.include_router(part.router)
    app.include_router(pages_router(folder))
    app.mount("/client", ClientFiles(directory=folder))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    await run_in_threadpool(remove_leftovers, services.library.own_folder)
    yield
    await services.close()
