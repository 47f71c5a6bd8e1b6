from __future__ import annotations

import asyncio

import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from kuchipaku.alpha import StackedLayout, unpack_stacked_rgb
from kuchipaku.avatar import Avatar
from kuchipaku.sinks import webrtc
from tests.stand_in import SKIN_RGB
from tests.waiting import eventually
from tests.web.peer import watching


async def test_picture_and_transparency_arrive(server_url: str, avatar: Avatar) -> None:
    async with watching(server_url, avatar) as (peer, _):
        _, stacked = peer.pictures[-1]
    layout = StackedLayout(avatar.width_px, avatar.height_px)
    assert stacked.shape == (layout.stacked_height_px, layout.width_px, 3)
    picture = unpack_stacked_rgb(stacked, layout)
    assert np.abs(picture[120, 200:300].mean(axis=0) - (*SKIN_RGB, 255)).max() < 6
    assert picture[:40].max() == 0


async def test_a_viewer_who_leaves_is_forgotten(server_url: str, avatar: Avatar) -> None:
    async with watching(server_url, avatar) as (_, session), httpx.AsyncClient() as client:
        assert avatar.stats().frame_readers == 1
        assert (await client.delete(session)).status_code == 200
        assert (await client.get(f"{server_url}/health")).json()["viewers"] == 0
        assert (await client.delete(session)).status_code == 404
    assert avatar.stats().frame_readers == 0


async def test_a_viewer_whose_connection_ends_is_forgotten(server_url: str, avatar: Avatar) -> None:
    async with watching(server_url, avatar) as (peer, _), httpx.AsyncClient() as client:
        await peer.connection.close()
        await asyncio.to_thread(eventually, lambda: avatar.stats().frame_readers == 0)
        assert (await client.get(f"{server_url}/health")).json()["viewers"] == 0


async def test_viewers_end_with_their_avatar(server_url: str, avatar: Avatar) -> None:
    async with watching(server_url, avatar) as (peer, _), httpx.AsyncClient(base_url=server_url) as client:
        assert (await client.delete("/api/v1/avatars/default")).status_code == 204
        assert (await client.get("/health")).json()["viewers"] == 0
        await asyncio.to_thread(eventually, lambda: peer.connection.connectionState == "closed")


async def offer(client: httpx.AsyncClient) -> httpx.Response:
    """Ask for a session and never connect."""
    connection = RTCPeerConnection(RTCConfiguration([]))
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    sdp = connection.localDescription.sdp
    await connection.close()
    return await client.post("/whep/default", content=sdp, headers={"Content-Type": "application/sdp"})


async def test_a_viewer_who_never_connects_is_forgotten(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "CONNECT_TIMEOUT_S", 0.5)
    async with httpx.AsyncClient(base_url=server_url) as client:
        assert (await offer(client)).status_code == 201
        assert (await client.get("/health")).json()["viewers"] == 1
        await asyncio.sleep(1.0)
        assert (await client.get("/health")).json()["viewers"] == 0


async def test_viewers_beyond_the_limit_are_told_so(server_url: str) -> None:
    async with httpx.AsyncClient(base_url=server_url) as client:
        for _ in range(webrtc.VIEWER_LIMIT):
            assert (await offer(client)).status_code == 201
        refused = await offer(client)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "too-many-viewers"


BROKEN_OFFERS = {
    "empty": b"",
    "words": b"please let me watch",
    "binary": b"\xff\xfe\x00",
    "no media": b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
    "half": b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n",
    "broken line": b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video\r\n",
}


@pytest.mark.parametrize("broken", BROKEN_OFFERS.values(), ids=BROKEN_OFFERS)
async def test_a_broken_offer_is_refused(server_url: str, avatar: Avatar, broken: bytes) -> None:
    async with httpx.AsyncClient(base_url=server_url) as client:
        headers = {"Content-Type": "application/sdp"}
        answer = await client.post("/whep/default", content=broken, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad-sdp"
        assert (await client.get("/health")).json()["viewers"] == 0
    assert avatar.stats().render.failed == 0


async def test_whep_manners(server_url: str) -> None:
    async with httpx.AsyncClient(base_url=server_url, headers={"Content-Type": "application/sdp"}) as client:
        unknown = await client.post("/whep/nobody", content=b"v=0")
        assert unknown.json()["error"]["code"] == "unknown-avatar"
        typed = await client.post("/whep/default", content=b"{}", headers={"Content-Type": "application/json"})
        assert typed.status_code == 415
        assert (await client.patch("/whep/default/session", content=b"v=0")).status_code == 405
        assert (await client.options("/whep/default")).headers["accept-post"] == "application/sdp"
