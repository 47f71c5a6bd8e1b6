"""From a picture to a character over the API: a real server, a real process, a drawn teacher."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kuchipaku.avatars import AvatarRegistry
from kuchipaku.characters import CharacterLibrary
from kuchipaku.web.services import Services
from tests.tha.drawings import doll, encoded
from tests.waiting import eventually

PNG = {"Content-Type": "image/png"}
HEAD = "192,64,128,128"
CHARACTERS, COMPILES, EXAMINE = "/api/v1/characters", "/api/v1/compiles", "/api/v1/pictures/examine"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def client(server_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server_url, timeout=60) as client:
        yield client


def services(app: FastAPI) -> Services:
    found: Services = app.state.services
    return found


def create(client: httpx.Client, **query: Any) -> httpx.Response:
    """Compile the doll, whatever is said of it."""
    params: dict[str, Any] = {"head": HEAD, "anyway": True} | query
    return client.post(CHARACTERS, params=params, content=encoded(doll()), headers=PNG)


def follow(client: httpx.Client, compile_info: dict[str, Any]) -> list[dict[str, Any]]:
    """All that the events tell, to the end."""
    with client.stream("GET", compile_info["events"]) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]


def test_a_picture_becomes_a_living_character(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.03")
    answer = create(client, title="Fräulein Püppchen", author="me")
    assert answer.status_code == 202, answer.text
    started = answer.json()
    assert started["character"] == "fraulein-puppchen"
    assert answer.headers["Location"] == f"{COMPILES}/{started['id']}"
    assert client.get(COMPILES).json()["compiles"][0]["id"] == started["id"]
    told = follow(client, started)
    assert told[-1]["state"] == "finished", told[-1]
    assert {one["quality"] for one in told} == {"draft", "standard"}
    assert any(one["usable"] and one["quality"] == "standard" and one["state"] == "running" for one in told)
    assert client.get(answer.headers["Location"]).json() == told[-1]
    listed = client.get(CHARACTERS).json()["characters"]
    assert [(one["name"], one["title"]) for one in listed] == [("fraulein-puppchen", "Fräulein Püppchen")]
    assert client.get(listed[0]["preview"]).status_code == 200
    living = client.post("/api/v1/avatars", json={"character": "fraulein-puppchen"}).json()
    assert living["title"] == "Fräulein Püppchen"
    assert create(client, title="Fräulein Püppchen").json()["character"] == "fraulein-puppchen-2"
    assert client.delete(f"{CHARACTERS}/fraulein-puppchen").status_code == 204
    assert not (tmp_path / "fraulein-puppchen").exists()


def test_living_avatars_show_the_better_character(
    client: httpx.Client, app: FastAPI, registry: AvatarRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.08")
    started = create(client, name="doll").json()
    path = f"{COMPILES}/{started['id']}"
    eventually(lambda: client.get(path).json()["usable"], 60)
    client.post("/api/v1/avatars", json={"character": "doll", "id": "doll"}).raise_for_status()
    draft = registry.get("doll").character
    monkeypatch.undo()
    assert follow(client, started)[-1]["state"] == "finished"
    eventually(lambda: registry.get("doll").character is not draft)
    assert registry.get("doll").character.facts.compiled_with["face_samples"] == 8


def test_a_picture_is_examined_and_not_kept(client: httpx.Client, app: FastAPI) -> None:
    told = client.post(EXAMINE, content=encoded(doll()), headers=PNG).json()
    assert (told["width_px"], told["height_px"]) == (512, 512)
    assert told["head"]["width_px"] > 0
    assert all(advice["reason"] and advice["remedy"] for advice in told["advice"])
    assert "no-eyes" in [advice["code"] for advice in told["advice"]]
    elsewhere = client.post(EXAMINE, params={"head": HEAD}, content=encoded(doll()), headers=PNG).json()
    assert elsewhere["head"] == {"left_px": 192, "top_px": 64, "width_px": 128, "height_px": 128}
    assert elsewhere["seen"] == {"left_px": 0, "top_px": 0, "width_px": 512, "height_px": 512}
    cut_out = client.post("/api/v1/pictures/cut-out", content=encoded(doll()), headers=PNG)
    assert cut_out.content.startswith(b"\x89PNG")
    assert list(services(app).compiles.picture_path().parent.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "headers", "query", "status", "code", "words"),
    [
        (b"hello", PNG, {}, 422, "bad-picture", "not a picture"),
        (b"", PNG, {}, 422, "bad-picture", "empty"),
        (encoded(doll())[:2000], PNG, {}, 422, "bad-picture", "cut off"),
        (encoded(doll()[..., :3]), PNG, {}, 422, "opaque-picture", "background"),
        (encoded(doll()), {"Content-Type": "text/plain"}, {}, 415, "unsupported-media-type", "image/png"),
        (encoded(doll()), {}, {}, 415, "unsupported-media-type", "image/png"),
        (encoded(doll()), PNG, {"head": "1,2,3"}, 422, "bad-input", "180,40,160,170"),
        (encoded(doll()), PNG, {"head": "1,2,3,nan"}, 422, "bad-input", "area"),
        (encoded(doll()), PNG, {"head": "1,2,0,4"}, 422, "bad-input", "area"),
        (encoded(doll()), PNG, {"background_tolerance": "2"}, 422, "bad-request", "background_tolerance"),
        (encoded(doll()), PNG, {"name": "../../etc"}, 422, "bad-character", "cannot be a character's name"),
        (encoded(doll()), PNG, {"name": "CON:"}, 422, "bad-character", "cannot be a character's name"),
        (b"\0" * (64 * 2**20 + 1), PNG, {}, 413, "too-large", "67,108,864"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(
    client: httpx.Client,
    app: FastAPI,
    content: bytes,
    headers: dict[str, str],
    query: dict[str, str],
    status: int,
    code: str,
    words: str,
) -> None:
    answer = client.post(CHARACTERS, params=query, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert words in answer.json()["error"]["message"]
    assert client.get(COMPILES).json() == {"compiles": []}
    assert list(services(app).compiles.picture_path().parent.iterdir()) == []


def test_other_addresses_still_take_small_bodies_only(client: httpx.Client) -> None:
    answer = client.post(f"{COMPILES}/x/events", content=b"\0" * 1_100_000, headers=PNG)
    assert answer.status_code == 413


def test_an_upload_that_is_cut_off_leaves_nothing(client: httpx.Client, app: FastAPI, server_url: str) -> None:
    url = httpx.URL(server_url)
    with socket.create_connection((url.host, url.port or 80)) as connection:
        request = f"POST {CHARACTERS} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(request.encode() + encoded(doll())[:1000])
        folder = services(app).compiles.picture_path().parent
        eventually(lambda: len(list(folder.iterdir())) == 1)
    eventually(lambda: list(folder.iterdir()) == [])
    assert client.get("/health").status_code == 200
    assert client.get(COMPILES).json() == {"compiles": []}


def test_a_full_disk_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("anyio.open_file", full)
    answer = create(client)
    assert answer.status_code == 507
    assert "disk of the server is full" in answer.json()["error"]["message"]


def test_names_are_not_taken_twice_and_the_queue_is_bounded(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    started = create(client, name="doll").json()
    assert create(client, name="doll").status_code == 409
    assert create(client, name="doll", replace=True).status_code == 409
    assert client.delete(f"{CHARACTERS}/doll").status_code == 409
    eventually(lambda: client.get(f"{COMPILES}/{started['id']}").json()["state"] == "running")
    waiting = [create(client, name=f"doll-{number}") for number in range(3)]
    assert [answer.json()["jobs_ahead"] for answer in waiting] == [1, 2, 3]
    refused = create(client, name="one-more")
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "too-many-compiles"
    for one in client.get(COMPILES).json()["compiles"]:
        assert client.delete(f"{COMPILES}/{one['id']}").json()["state"] == "cancelled"
    assert client.get(CHARACTERS).json() == {"characters": []}


def test_the_head_can_be_corrected(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    started = create(client, name="doll").json()
    follow(client, started)
    head = {"left_px": 196, "top_px": 60, "width_px": 120, "height_px": 130}
    path = f"{COMPILES}/{started['id']}/head"
    assert client.put(path, json=head).json()["head"] == head
    assert follow(client, started)[-1]["state"] == "finished"
    assert client.put(path, json=head | {"width_px": -1}).status_code == 422
    assert client.put(f"{COMPILES}/nothing/head", json=head).status_code == 404
    assert client.get(f"{COMPILES}/nothing/events").status_code == 404


@pytest.mark.parametrize("where", [{}, {"head": "400,400,100,100"}])
def test_a_picture_of_which_nothing_good_can_come_is_compiled_only_on_request(
    client: httpx.Client, app: FastAPI, where: dict[str, str]
) -> None:
    answer = client.post(CHARACTERS, params={"name": "doll"} | where, content=encoded(doll()), headers=PNG)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unfit-picture")
    assert "No pair of open eyes" in answer.json()["error"]["message"]
    assert "Use a picture with open eyes" in answer.json()["error"]["message"]
    assert "anyway=true" in answer.json()["error"]["message"]
    assert client.get(COMPILES).json() == {"compiles": []}
    assert list(services(app).compiles.picture_path().parent.iterdir()) == []
    query = {"name": "doll", "anyway": "true"} | where
    started = client.post(CHARACTERS, params=query, content=encoded(doll()), headers=PNG)
    assert started.status_code == 202
    assert follow(client, started.json())[-1]["state"] == "finished"


@pytest.fixture
def half_written(tmp_path: Path) -> Path:
    """A character that was being written long ago."""
    folder = tmp_path / ".doll-0123abcd"
    folder.mkdir()
    os.utime(folder, (0, 0))
    return folder


@pytest.mark.usefixtures("half_written", "server_url")
def test_a_server_begins_by_removing_what_was_left_half_written(half_written: Path) -> None:
    assert not half_written.exists()


def test_an_existing_character_is_replaced_only_when_asked(client: httpx.Client, tmp_path: Path) -> None:
    follow(client, create(client, name="doll", title="First").json())
    assert create(client, name="doll").status_code == 409
    told = follow(client, create(client, name="doll", title="Second", replace=True).json())
    assert told[-1]["state"] == "finished"
    assert CharacterLibrary([tmp_path]).load("doll").title == "Second"
