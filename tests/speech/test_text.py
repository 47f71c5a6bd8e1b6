from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku.speech.errors import SpeechTextError
from kuchipaku.speech.text import LONGEST_TEXT, prepare
from tests.speech.tone import TONE


def said(text: str) -> list[str]:
    return list(prepare(text, TONE).sentences)


@pytest.mark.parametrize("text", ["", "   \n\t "])
def test_empty_text_is_refused(text: str) -> None:
    with pytest.raises(SpeechTextError, match="empty"):
        prepare(text, TONE)


@pytest.mark.parametrize("text", ["😀😀 🎉", "?!…", "***", "👩‍👩‍👧‍👦", "—"])
def test_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(SpeechTextError, match="nothing to say"):
        prepare(text, TONE)


def test_a_text_that_is_too_long_is_refused_and_the_limit_stated() -> None:
    with pytest.raises(SpeechTextError, match=str(LONGEST_TEXT)):
        prepare("a" * 100_000, TONE)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("こんにちは、お元気ですか。", "Japanese"),
        ("真っ昼間なのにキャンプ OK", "Japanese"),
        ("广州市房地产中介协会分析", "Chinese"),
        ("Привет, как дела?", "Cyrillic"),
        ("안녕하세요", "Korean"),
        ("ಕನ್ನಡ", "Kannada"),
    ],
)
def test_a_script_that_nobody_reads_is_named_with_a_command(text: str, language: str) -> None:
    with pytest.raises(SpeechTextError, match=rf"No installed voice speaks .*{language}.*`kuchipaku "):
        prepare(text, TONE)


def test_foreign_words_are_left_out_of_a_text_that_can_be_spoken() -> None:
    prepared = prepare("Say こんにちは to everybody here.", TONE)
    assert prepared.sentences == ("Say to everybody here.",)
    assert len(prepared.warnings) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That is **really** _nice_! 😀", ["That is really nice!"]),
        ("See [the page](https://example.org/a?b=c), please.", ["See the page, please."]),
        ("Look at https://example.org/x_y. Now.", ["Look at link.", "Now."]),
        ("# Title\n- one\n- two", ["Title", "one", "two"]),
        ("ＡＢＣ　１２３", ["ABC 123"]),
        ("It costs $5 & 20% more.", ["It costs $5 & 20% more."]),
        ('Don\'t say "no" (yet).', ['Don\'t say "no" (yet).']),
    ],
)
def test_markup_and_emoji_are_not_read_out(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@given(st.text(max_size=300))
def test_any_text_is_either_speakable_or_refused(text: str) -> None:
    try:
        sentences = said(text)
    except SpeechTextError:
        return
    assert sentences
    assert all(any(character.isalnum() for character in sentence) for sentence in sentences)
