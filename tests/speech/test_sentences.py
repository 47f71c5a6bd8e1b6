from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku.speech.sentences import LONGEST, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith paid Mr. Jones $3.50 on Jan. 5.", ["Dr. Smith paid Mr. Jones $3.50 on Jan. 5."]),
        ("J. S. Bach wrote it.", ["J. S. Bach wrote it."]),
        ("Fruit, e.g. apples. And pears.", ["Fruit, e.g. apples.", "And pears."]),
        ("Well... maybe. Well… Maybe.", ["Well... maybe.", "Well…", "Maybe."]),
        ('She said "Stop!" Then she left.', ['She said "Stop!"', "Then she left."]),
        ("all lower case. like a chat. ok", ["all lower case.", "like a chat.", "ok"]),
        ("No way?! Really.", ["No way?!", "Really."]),
        ("First line\nsecond line\n\nthird", ["First line", "second line", "third"]),
        ("  spaces   everywhere  ", ["spaces everywhere"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


def test_a_long_sentence_is_split_at_a_clause() -> None:
    clause = "this goes on and on without an end in sight, "
    pieces = split_sentences((clause * 12).strip())
    assert len(pieces) > 1
    assert all(piece.endswith(",") for piece in pieces)


@given(st.text(alphabet="ab .,!?\n;" + "x" * 3, max_size=1500))
def test_pieces_are_short_and_nothing_is_lost(text: str) -> None:
    pieces = split_sentences(text)
    assert all(0 < len(piece) <= LONGEST for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_word_without_end_is_split() -> None:
    assert [len(piece) for piece in split_sentences("a" * 1000)] == [LONGEST] * 4 + [1000 - 4 * LONGEST]
