"""What a speech synthesizer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kuchipaku.types import Samples, VisemeCue


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that is installed.

    Attributes:
        name: how it is asked for.
        language: BCP 47 tag, such as ``en-US``.
        scripts: writing systems that it reads, by their names in Unicode's character names (``LATIN``).
        description: a few words for a person who chooses.
    """

    name: str
    language: str
    scripts: frozenset[str]
    description: str


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """Sound and mouth of one sentence.

    Attributes:
        text: what is said.
        samples: 48 kHz mono float32 of shape (n,), levelled, without silence at its ends.
        visemes: cues in order; times are seconds from the first sample and may begin a little before it.
        pause_s: silence to leave after it, seconds.
    """

    text: str
    samples: Samples
    visemes: tuple[VisemeCue, ...]
    pause_s: float


class Synthesizer(Protocol):
    """Speaks sentences. Any thread may call it; avatars share one."""

    def voices(self) -> tuple[Voice, ...]:
        """The installed voices, the default one first."""

    def voice(self, name: str | None) -> Voice:
        """The voice of that name, or the default one for None.

        Raises:
            UnknownVoiceError: no such voice is installed; the message lists those that are.
        """

    def load(self, voice: Voice) -> None:
        """Make a voice ready, so that its first sentence is as quick as the others. Blocks until it is.

        Raises:
            SynthesisError: the voice is damaged.
        """

    def synthesize(self, sentence: str, voice: Voice) -> SpokenSentence:
        """Speak one sentence, such as ``kuchipaku.speech.text.prepare`` returns. Blocks until it is ready.

        The sound is empty when there is nothing to pronounce.

        Raises:
            SynthesisError: the synthesizer failed.
        """
