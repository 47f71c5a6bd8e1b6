"""The real program in a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.cli.conftest import Command
from tests.tha.drawings import doll, encoded


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `kuchipaku serve` and its address."""
    command = [sys.executable, "-m", "kuchipaku", "serve", "--port", "0", "--fps", "5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    printed = ""
    address = None
    while address is None and (line := process.stdout.readline()):
        printed += line
        address = re.search(r"page +(http://\S+)/\s", line)
    assert address is not None, printed
    yield process, address[1]
    process.kill()
    process.communicate()


def test_a_character_is_alive_and_speaks(server: tuple[subprocess.Popen[str], str]) -> None:
    _, url = server
    with httpx.Client(base_url=url, timeout=30) as client:
        assert client.get("/").headers["content-type"].startswith("text/html")
        assert [avatar["id"] for avatar in client.get("/api/v1/avatars").json()["avatars"]] == ["default"]
        answer = client.post("/api/v1/avatars/default/speak", json={"text": "Hello."})
        assert answer.is_success, answer.text


def start_compile(url: str) -> str:
    """Begin to compile a character; returns the compile's address."""
    query = {"head": "192,64,128,128", "name": "doll", "anyway": "true"}
    answer = httpx.post(
        f"{url}/api/v1/characters", params=query, content=encoded(doll()), headers={"Content-Type": "image/png"}
    )
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
def test_ctrl_c_ends_it_in_good_order(server: tuple[subprocess.Popen[str], str]) -> None:
    process, url = server
    with (
        httpx.stream("GET", f"{url}/result_feed") as feed,
        httpx.stream("GET", f"{url}{start_compile(url)}/events") as progress,
    ):
        next(feed.iter_raw())
        next(progress.iter_raw())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    _, err = process.communicate()
    assert "Stopped." in err
    assert "Traceback" not in err


def test_a_port_in_use_is_reported_with_another(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = command("serve", "--port", port)
    assert outcome.exit_code == 1
    assert f"Port {port} of 127.0.0.1 is in use" in outcome.err
    assert "kuchipaku serve --port" in outcome.err


def test_an_address_of_another_machine_is_refused(command: Command) -> None:
    outcome = command("serve", "--host", "192.0.2.1", "--port", "0")
    assert outcome.exit_code == 1
    assert "192.0.2.1 is no address of this machine" in outcome.err


def test_an_unknown_character_is_refused(command: Command) -> None:
    outcome = command("serve", "--character", "nobody", "--port", "0")
    assert outcome.exit_code == 1
    assert "There is no character 'nobody'" in outcome.err
