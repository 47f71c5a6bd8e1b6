"""What the request handlers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import AvatarRegistry, UnknownAvatarError
from kuchipaku.characters import CharacterLibrary
from kuchipaku.sinks.feed import Feeds
from kuchipaku.sinks.webrtc import Viewers


@dataclass(frozen=True)
class Services:
    """The parts behind the web addresses.

    Attributes:
        registry: the living avatars.
        library: the installed characters.
        viewers: WebRTC sessions.
        feeds: picture feeds.
    """

    registry: AvatarRegistry
    library: CharacterLibrary
    viewers: Viewers = field(default_factory=Viewers)
    feeds: Feeds = field(default_factory=Feeds)

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
        """End all sessions, then all avatars."""
        await self.viewers.close()
        await run_in_threadpool(self.registry.close)
        await run_in_threadpool(self.feeds.close)


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


WithServices = Annotated[Services, Depends(_services)]


def _avatar(services: WithServices, avatar_id: Annotated[str, Path(description="The avatar's id.")]) -> Avatar:
    return services.registry.get(avatar_id)


WithAvatar = Annotated[Avatar, Depends(_avatar)]
