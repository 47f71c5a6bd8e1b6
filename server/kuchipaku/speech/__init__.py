"""Text becomes sound and visemes."""

from __future__ import annotations

from kuchipaku.speech.protocol import Synthesizer


def default_synthesizer() -> Synthesizer:
    """The synthesizer of the default install.

    Raises:
        SynthesisError: it is not installed, or damaged.
    """
    from kuchipaku.speech.errors import SynthesisError

    try:
        from kuchipaku.speech.hibari import HibariSynthesizer
    except (ImportError, OSError) as error:
        raise SynthesisError(f"hibari-tts cannot be loaded: {error}") from error
    return HibariSynthesizer()
