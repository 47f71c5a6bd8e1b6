"""Which writing systems a text is in."""

from __future__ import annotations

import unicodedata
from collections import Counter

_LANGUAGES = {
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "CJK": "Chinese or Japanese",
    "BOPOMOFO": "Chinese",
    "HANGUL": "Korean",
    "CYRILLIC": "Russian or another language in Cyrillic script",
    "GREEK": "Greek",
    "ARABIC": "Arabic script",
    "HEBREW": "Hebrew",
    "THAI": "Thai",
    "DEVANAGARI": "Hindi or another language in Devanagari script",
}


def script_of(character: str) -> str | None:
    """The script of a letter by its Unicode name (``LATIN``, ``CJK``, ...); None for anything but letters."""
    if not unicodedata.category(character).startswith("L"):
        return None
    return unicodedata.name(character, "UNKNOWN").split()[0].removesuffix("-COMPATIBILITY")


def letters_by_script(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    return Counter(script for character in text if (script := script_of(character)) is not None)


def language_name(scripts: Counter[str]) -> str:
    """What a person calls the language of a text with these letters. Kana decide for Japanese over Chinese."""
    if scripts["HIRAGANA"] or scripts["KATAKANA"]:
        return "Japanese"
    script = scripts.most_common(1)[0][0]
    return _LANGUAGES.get(script, f"{script.capitalize()} script")
