"""The avatars that are alive in this process."""

from __future__ import annotations

import threading

from kuchipaku.avatar import Avatar
from kuchipaku.clock import SystemClock
from kuchipaku.speech import default_synthesizer
from kuchipaku.speech.protocol import Synthesizer
from kuchipaku_tha.character import Character
from kuchipaku_tha.errors import BadInputError, KuchipakuError
from kuchipaku_tha.framing import FrameSize

MOST_AVATARS = 8


class UnknownAvatarError(KuchipakuError):
    """No avatar of that id is alive."""

    code = "unknown-avatar"
    http_status = 404


class AvatarExistsError(BadInputError):
    """The id is taken."""

    code = "avatar-exists"
    http_status = 409


class TooManyAvatarsError(KuchipakuError):
    """No more avatars fit on this server."""

    code = "too-many-avatars"
    http_status = 503


class AvatarRegistry:
    """Living avatars by id, at most ``most`` of them, who share one synthesizer. Any thread may call it."""

    def __init__(self, voice: Synthesizer | None = None, most: int = MOST_AVATARS) -> None:
        self._voice = voice or default_synthesizer()
        self._most = most
        self._avatars: dict[str, Avatar] = {}
        self._lock = threading.Lock()

    def create(
        self,
        avatar_id: str,
        character: Character,
        *,
        fps: float = 30.0,
        seed: int | None = None,
        size: FrameSize | None = None,
    ) -> Avatar:
        """Bring a character to life, in real time on a clock of its own.

        Raises:
            AvatarExistsError: the id is taken.
            TooManyAvatarsError: the registry is full.
        """
        with self._lock:
            if avatar_id in self._avatars:
                raise AvatarExistsError(f"There is an avatar {avatar_id!r} already. Choose another id.")
            if len(self._avatars) >= self._most:
                raise TooManyAvatarsError(f"{self._most} avatars are alive, the most there may be. Remove one first.")
            avatar = Avatar(avatar_id, character, clock=SystemClock(), voice=self._voice, fps=fps, seed=seed, size=size)
            self._avatars[avatar_id] = avatar
        avatar.start()
        return avatar

    def get(self, avatar_id: str) -> Avatar:
        """The avatar of that id.

        Raises:
            UnknownAvatarError: there is none; the message lists those that are.
        """
        try:
            return self._avatars[avatar_id]
        except KeyError:
            known = ", ".join(self._avatars) or "none"
            raise UnknownAvatarError(f"There is no avatar {avatar_id!r}. Alive: {known}.") from None

    def all(self) -> list[Avatar]:
        """Every avatar, oldest first."""
        return list(self._avatars.values())

    def remove(self, avatar_id: str) -> None:
        """Close an avatar and forget it.

        Raises:
            UnknownAvatarError: there is none of that id.
        """
        avatar = self.get(avatar_id)
        with self._lock:
            self._avatars.pop(avatar_id, None)
        avatar.close()

    def close(self) -> None:
        """Close every avatar."""
        for avatar in self.all():
            self.remove(avatar.id)
