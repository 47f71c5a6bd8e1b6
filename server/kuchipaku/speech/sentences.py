"""Splits a text into pieces that are spoken one after another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST = 220
"""Characters in a piece; longer sentences are split at clauses, else at words, so that sound starts soon."""

_ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "gen", "col", "sgt", "capt", "lt", "rev", "hon"),
        *("vs", "etc", "e.g", "i.e", "no", "vol", "fig", "approx", "inc", "ltd", "co", "dept", "a.m", "p.m"),
        *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "u.s", "u.k"),
    )
)
_BREAK = re.compile(r"""(?:[.!?…]+["'”’)\]]*)(?=\s|$)|\n+""")
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+")
_LAST_WORD = re.compile(r"[\w.]+$")


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in order, each at most ``LONGEST`` characters, none empty.

    A full stop does not end a sentence after an abbreviation or an initial ("Dr. No", "J. S. Bach") unless the line
    ends there, nor inside a number; other marks do not before a word in lower case ("Wow! he said", "well... maybe").
    """
    pieces: list[str] = []
    start = 0
    for match in _BREAK.finditer(text):
        if _ends_sentence(text, start, match):
            pieces.append(text[start : match.end()])
            start = match.end()
    pieces.append(text[start:])
    return [part for piece in pieces if (sentence := " ".join(piece.split())) for part in _shorten(sentence)]


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    following = text[match.end() :].lstrip(" \t")[:1]
    if match.group().isspace() or following in ("", "\n"):
        return True
    if not match.group().startswith(".") or match.group().startswith(".."):
        return not following.islower()
    word = _LAST_WORD.search(text, start, match.start())
    if word is None:
        return True
    return not (word.group().lower() in _ABBREVIATIONS or (len(word.group()) == 1 and word.group().isupper()))


def _shorten(sentence: str) -> Iterator[str]:
    return _joined(run for clause in _CLAUSE.split(sentence) for run in _words(clause))


def _words(clause: str) -> Iterator[str]:
    """The clause itself, or runs of its words (and of the letters of endless words) that are short enough."""
    return _joined(word[start : start + LONGEST] for word in clause.split() for start in range(0, len(word), LONGEST))


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """As many pieces in a row as fit into ``LONGEST``, joined by spaces."""
    current = ""
    for piece in pieces:
        if current and len(current) + 1 + len(piece) > LONGEST:
            yield current
            current = piece
        else:
            current = f"{current} {piece}" if current else piece
    if current:
        yield current
