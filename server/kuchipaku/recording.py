"""A spoken text as frames and sound: the live avatar, drawn moment by moment under a manual clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from kuchipaku.avatar import Avatar
from kuchipaku.events import Event, SpeechFailed
from kuchipaku.mailbox import Mailbox
from kuchipaku.speech.errors import SynthesisError
from kuchipaku.types import SAMPLE_RATE_HZ, Frame, Samples

LEAD_S = 0.4
"""Silence before the first word."""
TAIL_S = 0.8
"""Silence after the last one, in which the mouth comes to rest."""


def perform(avatar: Avatar, text: str, voice: str | None = None) -> Iterator[tuple[Frame, Samples]]:
    """Let the avatar say a text and give every frame with the sound that is heard while it is shown.

    Args:
        avatar: not started, under a manual clock that stands at 0 and that this moves.
        text: as for ``Avatar.speak``.
        voice: name of an installed voice; the default one when absent.

    Raises:
        SpeechTextError: the text cannot be spoken.
        UnknownVoiceError: no such voice.
        SynthesisError: the synthesizer failed.
    """
    events = avatar.subscribe_events()
    utterance = None
    end_s = LEAD_S
    for index in itertools.count():
        time_s = index / avatar.fps
        avatar.clock.sleep_until_s(time_s)
        if utterance is None and time_s >= LEAD_S:
            utterance = avatar.speak(text, voice=voice)
        frame = avatar.frame_at(time_s)
        _raise_failures(events)
        if avatar.speaking:
            end_s = max(avatar.sound.end_s, time_s)
        if time_s >= end_s + TAIL_S:
            return
        first, last = (round(position * SAMPLE_RATE_HZ / avatar.fps) for position in (index, index + 1))
        yield frame, avatar.sound.read(first / SAMPLE_RATE_HZ, last - first)


def _raise_failures(events: Mailbox[Event]) -> None:
    while len(events):
        event = events.get()
        if isinstance(event, SpeechFailed):
            raise SynthesisError(event.message)
