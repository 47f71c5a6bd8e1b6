"""All that is known about how characters look and move: one command draws, measures and writes it down.

    python -m benchmarks.report [PICTURE_OR_CHARACTER ...] --work DIR [--quality fine] [--poses 24]

Takes the built-in characters and whatever is given besides: folders of compiled characters, or pictures, which are
compiled into the work folder unless they are there already. For each of them fidelity, steadiness and faces are
measured. The tables go to ``docs/fidelity.md``, between its marks, and all figures to ``docs/fidelity/figures.json``;
sheets of the built-in characters to ``docs/fidelity/``, those of others to the work folder. What the teacher draws is
kept in the work folder (about 1 GB a character), so that a second run is quick.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import faces, fidelity, findings, steadiness
from benchmarks.findings import Findings
from benchmarks.poses import SEARCHED
from benchmarks.truth import TruthTeller
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.paths import CHARACTERS_VARIABLE, bundled_folder
from kuchipaku.threads import draw_on_one_thread
from kuchipaku_tha.character import FACTS_FILE, Character, load_character

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "fidelity.md"
SHEETS = REPOSITORY / "docs" / "fidelity"
FIGURES = SHEETS / "figures.json"

TABLES = {
    "fidelity": findings.fidelity_table,
    "steadiness": findings.steadiness_table,
    "faces": findings.faces_table,
    "worst": findings.worst_table,
}


def investigate(
    character: Character, teller: TruthTeller, *, poses: int, sheets_folder: Path, built_in: bool
) -> Findings:
    """Measure one character and write its sheets."""
    verdict = fidelity.judge_character(character, teller, poses)
    fidelity.save_sheets(verdict, sheets_folder)
    return Findings(
        character.name,
        built_in,
        verdict.neutral_db,
        {kind: verdict.mean(kind) for kind in SEARCHED} | {"all": verdict.mean()},
        fidelity.worst_records(verdict),
        steadiness.compare(character, teller),
        faces.check_face(character, teller),
    )


def compiled(given: Path, folder: Path, quality: str) -> Character:
    """The character of a folder, or of a picture: compiled into ``folder`` unless it is there already."""
    if (given / FACTS_FILE).is_file():
        return load_character(given)
    name = given.stem.lower()
    if not (folder / name / FACTS_FILE).is_file():
        command = [sys.executable, "-m", "kuchipaku", "compile", str(given), "--name", name, "--quality", quality]
        subprocess.run(command, check=True, env=os.environ | {CHARACTERS_VARIABLE: str(folder)})
    return load_character(folder / name)


def write_down(all_findings: Sequence[Findings], poses: int) -> None:
    """Bring the page and the figures up to date."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        page = replace_block(page, name, table(all_findings))
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    document = {
        "machine": asdict(this_machine()),
        "poses": poses,
        "characters": [one.record() for one in all_findings],
    }
    FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")


def replace_block(page: str, name: str, content: str) -> str:
    """The page with other content between the marks of a name.

    Raises:
        ValueError: the page has no such marks.
    """
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    before, found, rest = page.partition(begin)
    _old, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"the page has no marks for {name!r}")
    return f"{before}{begin}{content}{end}{after}"


def main() -> None:
    """Measure every character and write everything down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", nargs="*", type=Path, help="pictures, or folders of characters")
    parser.add_argument("--work", type=Path, required=True, help="folder for characters, sheets and teacher's frames")
    parser.add_argument("--quality", default="fine", help="with which pictures are compiled")
    parser.add_argument("--poses", type=int, default=24, help="for fidelity, per character, half of them live")
    arguments = parser.parse_args()
    draw_on_one_thread()
    teller = TruthTeller(arguments.work / "truth")
    library = CharacterLibrary([bundled_folder("characters")])
    characters = [(library.load(name), SHEETS, True) for name in library.names()]
    for given in arguments.given:
        character = compiled(given, arguments.work / "characters", arguments.quality)
        characters.append((character, arguments.work / "sheets", False))
    all_findings = [
        investigate(character, teller, poses=arguments.poses, sheets_folder=folder, built_in=built_in)
        for character, folder, built_in in characters
    ]
    write_down(all_findings, arguments.poses)
    console = Console(width=160)
    for table in TABLES.values():
        console.print(Markdown(table(all_findings)))
    console.print(f"Least steady: {findings.least_ratio(all_findings):.1f} times as steady as the teacher")


if __name__ == "__main__":
    main()
