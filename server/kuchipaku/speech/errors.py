"""Why a text cannot be spoken."""

from __future__ import annotations

from kuchipaku_tha.errors import BadInputError, KuchipakuError


class SpeechTextError(BadInputError):
    """The text is empty, too long, has nothing to say, or no installed voice speaks its script."""

    code = "bad-speech-text"


class UnknownVoiceError(BadInputError):
    """There is no voice of that name, or it is not installed."""

    code = "unknown-voice"


class SpeechQueueFullError(KuchipakuError):
    """Too many utterances are waiting to be spoken."""

    code = "speech-queue-full"
    http_status = 429


class SynthesisError(KuchipakuError):
    """A synthesizer is damaged or failed."""

    code = "synthesis-failed"
    http_status = 503
