"""What an avatar tells its listeners. ``time_s`` is the moment of the avatar's clock that an event belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from kuchipaku.types import Viseme

EVENT_QUEUE_SIZE = 256
"""Events kept for a listener that does not read; then its oldest are dropped."""


@dataclass(frozen=True, slots=True)
class SpeakingStarted:
    """The first sound of an utterance is being played."""

    kind: ClassVar[str] = "speaking-started"
    time_s: float
    utterance_id: int
    text: str


@dataclass(frozen=True, slots=True)
class VisemeShown:
    """The mouth takes a shape."""

    kind: ClassVar[str] = "viseme"
    time_s: float
    viseme: Viseme
    duration_s: float


@dataclass(frozen=True, slots=True)
class SpeakingFinished:
    """An utterance is over, or was interrupted (perhaps before its first sound)."""

    kind: ClassVar[str] = "speaking-finished"
    time_s: float
    utterance_id: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class SpeechWarning:
    """An utterance is spoken, but not all of it."""

    kind: ClassVar[str] = "speech-warning"
    time_s: float
    utterance_id: int
    message: str


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """An utterance could not be synthesized; the avatar lives on."""

    kind: ClassVar[str] = "speech-failed"
    time_s: float
    utterance_id: int
    message: str


Event: TypeAlias = SpeakingStarted | VisemeShown | SpeakingFinished | SpeechWarning | SpeechFailed
