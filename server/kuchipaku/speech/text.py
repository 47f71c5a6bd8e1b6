"""Makes any text speakable, or says why it is not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kuchipaku.speech.errors import SpeechTextError
from kuchipaku.speech.protocol import Voice
from kuchipaku.speech.scripts import language_name, letters_by_script, script_of
from kuchipaku.speech.sentences import split_sentences

LONGEST_TEXT = 20_000
"""Characters in one utterance: some 25 minutes of speech."""

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()]*[^\s<>().,;:!?'\"]", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`#~|<>\[\]{}\\^]+|^\s*(?:[-+•]|\d+[.)])\s+", re.MULTILINE)
_GAP_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?…])")
_SPEAKABLE_SIGNS = frozenset("%&@+=/$£€¥₹₩°§")


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text that can be spoken.

    Attributes:
        sentences: what is spoken, in order; at least one.
        warnings: what is left out, in words for the user.
    """

    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def prepare(text: str, voice: Voice) -> PreparedText:
    """Clean a text of what is not speech (emoji, markup, addresses) and split it into sentences.

    Raises:
        SpeechTextError: it is empty, longer than ``LONGEST_TEXT`` characters, has nothing to say, or is mostly in a
            script that the voice does not read.
    """
    if not text.strip():
        raise SpeechTextError("The text is empty. Send at least one word.")
    if len(text) > LONGEST_TEXT:
        raise SpeechTextError(
            f"The text has {len(text)} characters; the limit is {LONGEST_TEXT}. Send it in several parts."
        )
    clean = _strip_markup(unicodedata.normalize("NFKC", text))
    warnings = _check_scripts(clean, voice)
    sentences = tuple(filter(_has_words, split_sentences(_keep_readable(clean, voice))))
    if not sentences:
        raise SpeechTextError("There is nothing to say in this text: it has no words, only symbols or emoji.")
    return PreparedText(sentences, warnings)


def _strip_markup(text: str) -> str:
    text = _CODE_BLOCK.sub(" ", text)
    text = _MARKDOWN_LINK.sub(r"\1", text)
    text = _URL.sub(" link ", text)
    return _MARKUP.sub(" ", text)


def _check_scripts(text: str, voice: Voice) -> tuple[str, ...]:
    letters = letters_by_script(text)
    readable = sum(count for script, count in letters.items() if script in voice.scripts)
    foreign = letters.copy()
    for script in voice.scripts:
        del foreign[script]
    if not foreign:
        return ()
    language = language_name(foreign)
    if foreign.total() > readable:
        raise SpeechTextError(
            f"No installed voice speaks {language}; {voice.name} speaks {voice.language}. This version has no voice to "
            "add for it; `kuchipaku doctor` lists the voices that are installed."
        )
    return (f"Words in {language} were left out: the voice {voice.name} speaks {voice.language}.",)


def _keep_readable(text: str, voice: Voice) -> str:
    kept = "".join(character if _is_readable(character, voice) else " " for character in text)
    return _GAP_BEFORE_MARK.sub("", kept)


def _is_readable(character: str, voice: Voice) -> bool:
    script = script_of(character)
    if script is not None:
        return script in voice.scripts
    kind = unicodedata.category(character)[0]
    return character in _SPEAKABLE_SIGNS or character.isspace() or kind in "NPM"


def _has_words(sentence: str) -> bool:
    return any(character.isalnum() for character in sentence)
