"""A text on its way to being spoken."""

from __future__ import annotations

from dataclasses import dataclass

from kuchipaku.speech.protocol import Voice


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text that was accepted for speaking.

    Attributes:
        id: counts the utterances of one avatar from 1; events carry it.
        text: as it was given.
        voice: who speaks it.
        sentences: what is spoken.
        warnings: what is left out, in words for the user.
    """

    id: int
    text: str
    voice: Voice
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


class Progress:
    """How far an utterance has come.

    Attributes:
        utterance: what is spoken.
        next_sentence: index of the sentence to synthesize next.
        end_s: when its sound ends, as far as it is scheduled.
        started: whether any sound is scheduled.
    """

    def __init__(self, utterance: Utterance) -> None:
        self.utterance = utterance
        self.next_sentence = 0
        self.end_s = 0.0
        self.started = False

    @property
    def done(self) -> bool:
        """Whether every sentence is synthesized."""
        return self.next_sentence == len(self.utterance.sentences)
