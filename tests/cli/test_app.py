from __future__ import annotations

import pytest

from kuchipaku import __version__
from kuchipaku.cli import main
from kuchipaku_tha.errors import UnknownCharacterError
from tests.cli.conftest import Command

COMMANDS = ("serve", "compile", "render", "pose", "models", "doctor", "bench")


def test_help_names_every_command(command: Command) -> None:
    outcome = command("--help")
    assert outcome.exit_code == 0
    assert all(name in outcome.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(command: Command, name: str) -> None:
    assert command(name, "--help").exit_code == 0


def test_version(command: Command) -> None:
    assert command("--version").out.strip() == f"kuchipaku {__version__}"


def test_an_error_is_one_line_on_standard_error(command: Command) -> None:
    outcome = command("pose", "nobody")
    assert outcome.exit_code == 1
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert "There is no character 'nobody'. Installed: " in outcome.err


def test_debug_shows_where_an_error_comes_from() -> None:
    with pytest.raises(UnknownCharacterError):
        main(["--debug", "pose", "nobody"])


def test_wrong_usage_has_its_own_exit_code(command: Command) -> None:
    assert command("serve", "--port", "70000").exit_code == 2
    assert command("pose", "koharu", "--set", "mouth_aaa").exit_code == 2
    assert command("dance").exit_code == 2
