from __future__ import annotations

import json

import pytest

from benchmarks.faces import Check
from benchmarks.fidelity import Likeness
from benchmarks.findings import Findings, faces_table, fidelity_table, least_ratio, steadiness_table, worst_table
from benchmarks.likeness import EQUAL_DB
from benchmarks.report import PAGE, TABLES, replace_block
from benchmarks.steadiness import Comparison, Motion


def findings(name: str, psnr_db: float, *, built_in: bool) -> Findings:
    likeness = Likeness(psnr_db, 0.99, 30.0, 0.95, 0.2, 0.0)
    still = Motion(0.0, 0.0, 0.0)
    return Findings(
        name,
        built_in,
        EQUAL_DB if built_in else 45.0,
        dict.fromkeys(("live", "wide", "all"), likeness),
        [{"kind": "wide", "face_psnr_db": 20.0, "pose": {"head_x": 0.5}}],
        [
            Comparison(name, "sway", "flow", Motion(0.5, 1.0, 2.0), Motion(0.1, 0.2, 2.0)),
            Comparison(name, "blink", "flow", Motion(0.5, 1.0, 2.0), still),
            Comparison(name, "blink", "moving pixels", Motion(5.0, 9.0, 7.0), Motion(5.0, 9.0, 7.0)),
        ],
        [
            Check(name, "lids", 0.9, 1.0, passed=False),
            Check(name, "lips", 0.0, 0.0, passed=True),
            Check(name, "left eye: shut", 0.0, 0.0, passed=None),
        ],
    )


ALL = [findings("a", 30.0, built_in=True), findings("b", 31.0, built_in=False), findings("c", 33.0, built_in=False)]


def test_groups_are_averaged_by_themselves() -> None:
    table = fidelity_table(ALL)
    assert "| **mean, built-in** | 30.0 |" in table
    assert "| **mean, others** | 32.0 |" in table
    assert "| equal |" in table.splitlines()[3]
    assert "45.0 |" in table.splitlines()[-1]


def test_jitter_is_compared_where_there_is_any() -> None:
    table = steadiness_table(ALL)
    assert "built-in, sway | flow | 0.5 | 0.1 | 1 | 0.2 | 2 | 2 | 5.0× |" in table
    assert "∞" in table
    assert least_ratio(ALL) == pytest.approx(5)


def test_what_does_not_pass_is_named() -> None:
    assert "| b | 1 of 2 | lids 0.9 / 1 | left eye: shut |" in faces_table(ALL)


def test_only_built_in_characters_show_their_worst_poses() -> None:
    table = worst_table(ALL)
    assert "| a 1 | wide | 20.0 | head_x 0.5 |" in table
    assert "| b 1" not in table


def test_figures_are_json_without_infinities() -> None:
    json.dumps([one.record() for one in ALL], allow_nan=False)


def test_a_block_of_the_page_is_replaced_and_nothing_else() -> None:
    page = "before\n<!-- worst -->\nold\n<!-- end of worst -->\nafter\n"
    once = replace_block(page, "worst", "new")
    assert once == "before\n<!-- worst -->\nnew\n<!-- end of worst -->\nafter\n"
    assert replace_block(once, "worst", "new") == once
    with pytest.raises(ValueError, match="no marks"):
        replace_block("without", "worst", "new")


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in TABLES:
        replace_block(page, name, "")
