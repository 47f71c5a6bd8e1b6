"""What the request handlers share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import AvatarRegistry, UnknownAvatarError
from kuchipaku.characters import CharacterLibrary
from kuchipaku.compiling.jobs import CompileJobs
from kuchipaku.compiling.request import STEPS, CompileStep
from kuchipaku.sinks.feed import Feeds
from kuchipaku.sinks.webrtc import Viewers
from kuchipaku.web.uploads import UPLOADS_AT_ONCE


@dataclass(frozen=True)
class Services:
    """The parts behind the web addresses.

    Attributes:
        registry: the living avatars.
        library: the installed characters.
        compiles: pictures that become characters.
        compile_steps: in which qualities they are compiled.
        viewers: WebRTC sessions.
        feeds: picture feeds.
        uploads: held while a picture is received.
        examining: held while a picture is read, so that only one is at a time: a large one takes 0.5 GB.
    """

    registry: AvatarRegistry
    library: CharacterLibrary
    compiles: CompileJobs
    compile_steps: tuple[CompileStep, ...] = STEPS
    viewers: Viewers = field(default_factory=Viewers)
    feeds: Feeds = field(default_factory=Feeds)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))
    examining: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def default_avatar(self) -> Avatar:
        """The oldest avatar.

        Raises:
            UnknownAvatarError: none is alive.
        """
        for avatar in self.registry.all():
            return avatar
        raise UnknownAvatarError("No avatar is alive. POST /api/v1/avatars creates one.")

    async def remove(self, avatar_id: str) -> None:
        """Close an avatar and everything that watches it.

        Raises:
            UnknownAvatarError: there is none of that id.
        """
        avatar = self.registry.get(avatar_id)
        await run_in_threadpool(self.registry.remove, avatar_id)
        await self.viewers.leave_source(avatar)

    async def close(self) -> None:
        """End all compiles and sessions, then all avatars."""
        await run_in_threadpool(self.compiles.close)
        await self.viewers.close()
        await run_in_threadpool(self.registry.close)
        await run_in_threadpool(self.feeds.close)


def show_anew(registry: AvatarRegistry, library: CharacterLibrary, name: str) -> None:
    """Let every avatar that shows a character show what it has become on disk.

    Raises:
        CharacterError: its folder is damaged.
    """
    for avatar in registry.all():
        if avatar.character.name == name:
            avatar.replace_character(library.load(name))


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


WithServices = Annotated[Services, Depends(_services)]


def _avatar(services: WithServices, avatar_id: Annotated[str, Path(description="The avatar's id.")]) -> Avatar:
    return services.registry.get(avatar_id)


WithAvatar = Annotated[Avatar, Depends(_avatar)]
