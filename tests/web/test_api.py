from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from kuchipaku.avatar import Avatar
from kuchipaku.emotions import EMOTIONS
from kuchipaku_tha.character import MORPH_FILE, CharacterFacts, save_character
from kuchipaku_tha.placement import IDENTITY
from tests.tha.drawings import doll, shifting_data

AVATAR = "/api/v1/avatars/default"


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5100") as client:
        yield client


async def test_an_avatar_tells_its_addresses(client: httpx.AsyncClient) -> None:
    described = (await client.get(AVATAR)).json()
    assert (described["width_px"], described["height_px"]) == (512, 512)
    assert described["whep"] == "/whep/default"
    assert (await client.get("/api/v1/avatars")).json() == {"avatars": [described]}


async def test_a_sentence_is_accepted_at_once(client: httpx.AsyncClient, avatar: Avatar) -> None:
    answer = await client.post(f"{AVATAR}/speak", json={"text": "Good morning."})
    assert answer.status_code == 202
    assert answer.json()["utterance_id"] == 1
    assert (await client.post(f"{AVATAR}/interrupt")).status_code == 204
    assert not avatar.speaking


async def test_an_avatar_is_made_at_a_size(client: httpx.AsyncClient, tmp_path: Path) -> None:
    picture = np.pad(doll(), ((0, 288), (0, 0), (0, 0)))
    save_character(tmp_path / "tall", "tall", picture, shifting_data(), CharacterFacts("Tall"), IDENTITY)
    assert [info["name"] for info in (await client.get("/api/v1/characters")).json()["characters"]] == ["tall"]
    made = (await client.post("/api/v1/avatars", json={"character": "tall", "size": "own"})).json()
    assert (made["width_px"], made["height_px"]) == (512, 800)
    assert (await client.delete(f"/api/v1/avatars/{made['id']}")).status_code == 204
    made = (await client.post("/api/v1/avatars", json={"character": "tall", "size": 1024})).json()
    assert (made["width_px"], made["height_px"]) == (656, 1024)
    refused = await client.post("/api/v1/avatars", json={"character": "tall", "size": 640})
    assert refused.status_code == 422
    assert "1024" in refused.json()["error"]["message"]


async def test_a_broken_character_is_listed_with_the_reason(client: httpx.AsyncClient, tmp_path: Path) -> None:
    save_character(tmp_path / "tall", "tall", doll(), shifting_data(), CharacterFacts("Tall"))
    (tmp_path / "tall" / MORPH_FILE).unlink()
    [listed] = (await client.get("/api/v1/characters")).json()["characters"]
    assert "missing" in listed["problem"]
    assert (await client.get(listed["preview"])).status_code == 200


async def test_face_and_pose_can_be_set(client: httpx.AsyncClient) -> None:
    for emotion in EMOTIONS:
        answer = await client.post(f"{AVATAR}/emotion", json={"emotion": emotion, "duration_s": 1})
        assert answer.status_code == 204
    assert (await client.post(f"{AVATAR}/gesture", json={"gesture": "nod"})).status_code == 204
    assert (await client.put(f"{AVATAR}/pose", json={"values": {"head_y": 0.5}})).status_code == 204
    assert (await client.delete(f"{AVATAR}/pose")).status_code == 204


async def test_catalogues(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/v1/emotions")).json()["names"]) == 28
    assert len((await client.get("/api/v1/pose-parameters")).json()["parameters"]) == 45
    assert "nod" in (await client.get("/api/v1/gestures")).json()["names"]
    assert (await client.get("/api/v1/characters")).json() == {"characters": []}
    assert (await client.get("/health")).json()["avatars"] == 1
    assert (await client.get(f"{AVATAR}/stats")).json()["render"]["failed"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "words"),
    [
        ("GET", "/api/v1/avatars/nobody", None, 404, "unknown-avatar", "Alive: default"),
        ("POST", "/api/v1/avatars/nobody/speak", {"text": "Hi."}, 404, "unknown-avatar", "nobody"),
        ("DELETE", "/api/v1/avatars/nobody", None, 404, "unknown-avatar", "nobody"),
        ("POST", "/api/v1/avatars", {"character": "nobody"}, 404, "unknown-character", "kuchipaku compile"),
        ("POST", "/api/v1/avatars", {"character": "x", "id": "../x"}, 422, "bad-request", "id"),
        ("POST", f"{AVATAR}/emotion", {"emotion": "hapiness"}, 422, "unknown-emotion", "joy"),
        ("POST", f"{AVATAR}/emotion", {"emotion": "joy", "intensity": 2}, 422, "bad-request", "intensity"),
        ("POST", f"{AVATAR}/emotion", {"emotion": "joy", "colour": "red"}, 422, "bad-request", "colour"),
        ("POST", f"{AVATAR}/gesture", {"gesture": "bow"}, 422, "unknown-gesture", "nod"),
        ("PUT", f"{AVATAR}/pose", {"values": {"mouth_aa": 1}}, 422, "unknown-pose-parameter", "mouth_aaa"),
        ("PUT", f"{AVATAR}/pose", {"values": {}}, 422, "bad-request", "values"),
        ("POST", f"{AVATAR}/speak", {"text": ""}, 422, "bad-speech-text", "empty"),
        ("POST", f"{AVATAR}/speak", {"text": "x" * 100_000}, 422, "bad-speech-text", "100000"),
        ("POST", f"{AVATAR}/speak", {"text": "🎉🎊"}, 422, "bad-speech-text", "no words"),
        ("POST", f"{AVATAR}/speak", {"text": "こんにちは"}, 422, "bad-speech-text", "kuchipaku"),
        ("POST", f"{AVATAR}/speak", {"text": "Hi.", "voice": "nobody"}, 422, "unknown-voice", "nobody"),
        ("POST", f"{AVATAR}/speak", {}, 422, "bad-request", "text"),
        ("POST", f"{AVATAR}/speak", {"text": "x" * 2_000_000}, 413, "too-large", "1,000,000"),
        ("GET", "/api/v1/nothing", None, 404, "not-found", "Not Found"),
        ("PATCH", AVATAR, None, 405, "method-not-allowed", "Not Allowed"),
        ("GET", "/result_feed?format=gif", None, 422, "bad-request", "format"),
        ("GET", "/result_feed?fps=0", None, 422, "bad-request", "fps"),
        ("GET", "/result_feed?background=red", None, 422, "bad-request", "background"),
    ],
)
async def test_bad_input_is_explained_and_harmless(
    client: httpx.AsyncClient,
    avatar: Avatar,
    method: str,
    path: str,
    body: object,
    status: int,
    code: str,
    words: str,
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert words in error["message"]
    assert avatar.stats().render.failed == 0


async def test_invalid_json_is_explained(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"{AVATAR}/speak", content=b'{"text": "Hi.', headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad-json"


async def test_a_body_without_length_is_cut_off(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 50_000

    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"{AVATAR}/speak", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too-large"


async def test_pages_of_this_machine_may_call_and_others_may_not(client: httpx.AsyncClient) -> None:
    local = await client.get(AVATAR, headers={"Origin": "http://localhost:8000"})
    assert local.headers["access-control-allow-origin"] == "http://localhost:8000"
    assert "location" in local.headers["access-control-expose-headers"].lower()
    foreign = await client.get(AVATAR, headers={"Origin": "https://example.org"})
    assert "access-control-allow-origin" not in foreign.headers


async def test_openapi_documents_every_address_and_the_error(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert "ErrorAnswer" in described["components"]["schemas"]
    for path in ("/whep/{avatar_id}", "/result_feed", "/api/v1/avatars/{avatar_id}/speak", "/health"):
        for operation in described["paths"][path].values():
            assert operation["summary"], path
            assert operation["tags"], path
