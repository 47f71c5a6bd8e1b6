from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from kuchipaku.alpha import StackedLayout, unpack_stacked_rgb
from kuchipaku.avatar import Avatar
from kuchipaku.events import VisemeShown
from kuchipaku.sinks import webrtc
from kuchipaku.visemes import SHAPES
from tests.stand_in import SKIN_RGB, mouth_opening
from tests.waiting import eventually

SENTENCE = "Papa and mama bought a big banana, and we all ate it outside."


@dataclass
class Peer:
    """A viewer that writes down what arrives, and when by the avatar's clock."""

    now_s: Callable[[], float]
    connection: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(RTCConfiguration([])))
    pictures: list[tuple[float, np.ndarray]] = field(default_factory=list)
    loudness: list[tuple[float, float]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def follow(self, track: MediaStreamTrack) -> None:
        self.tasks.append(asyncio.create_task(self._receive(track)))

    async def _receive(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, VideoFrame):
                self.pictures.append((self.now_s(), frame.to_ndarray(format="rgb24")))
            elif isinstance(frame, AudioFrame):
                self.loudness.append((self.now_s(), float(np.abs(frame.to_ndarray()).mean())))


@asynccontextmanager
async def watching(server_url: str, avatar: Avatar) -> AsyncIterator[tuple[Peer, str]]:
    """A connected peer and the address of its session."""
    peer = Peer(avatar.clock.now_s)
    peer.connection.on("track", peer.follow)
    try:
        for kind in ("video", "audio"):
            peer.connection.addTransceiver(kind, direction="recvonly")
        await peer.connection.setLocalDescription(await peer.connection.createOffer())
        async with httpx.AsyncClient(base_url=server_url) as client:
            answer = await client.post(
                f"/whep/{avatar.id}",
                content=peer.connection.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            )
        assert answer.status_code == 201
        assert answer.headers["content-type"] == "application/sdp"
        await peer.connection.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        await asyncio.to_thread(eventually, lambda: bool(peer.pictures and peer.loudness), 20)
        yield peer, server_url + answer.headers["location"]
    finally:
        await peer.connection.close()
        await asyncio.gather(*peer.tasks)


async def test_picture_and_transparency_arrive(server_url: str, avatar: Avatar) -> None:
    async with watching(server_url, avatar) as (peer, _):
        _, stacked = peer.pictures[-1]
    layout = StackedLayout()
    assert stacked.shape == (layout.height_px, layout.width_px, 3)
    picture = unpack_stacked_rgb(stacked, layout)
    assert np.abs(picture[120, 200:300].mean(axis=0) - (*SKIN_RGB, 255)).max() < 6
    assert picture[:40].max() == 0


async def test_the_mouth_follows_the_visemes_and_the_sound(server_url: str, avatar: Avatar) -> None:
    events = avatar.subscribe_events()
    async with watching(server_url, avatar) as (peer, _):
        silence = max(level for _, level in peer.loudness)
        avatar.speak(SENTENCE)
        await asyncio.to_thread(eventually, lambda: not avatar.speaking, 60)
        await asyncio.sleep(0.7)
    cues = [event for event in (events.get(0) for _ in range(len(events))) if isinstance(event, VisemeShown)]
    begin_s, end_s = cues[0].time_s - 0.2, cues[-1].time_s + 0.4
    at_s = np.array([moment_s for moment_s, _ in peer.pictures])
    opening = np.array([mouth_opening(picture) for _, picture in peer.pictures])
    spoken = (at_s > begin_s) & (at_s < end_s)

    correlation, lag_s = best_match(at_s[spoken], opening[spoken], cues)
    assert correlation > 0.6, f"{correlation:.2f} at a delay of {1000 * lag_s:.0f} ms"
    assert opening[spoken].max() > opening[~spoken].max() + 0.05

    loud_s = [moment_s for moment_s, level in peer.loudness if level > silence + 300]
    assert loud_s[0] == pytest.approx(cues[0].time_s, abs=1.0)
    assert loud_s[-1] == pytest.approx(cues[-1].time_s, abs=1.0)


def best_match(at_s: np.ndarray, opening: np.ndarray, cues: list[VisemeShown]) -> tuple[float, float]:
    """Greatest correlation of the measured opening with the cues', and the delay at which it occurs."""

    def correlation(lag_s: float) -> float:
        wanted = [wanted_opening(moment_s - lag_s, cues) for moment_s in at_s]
        return float(np.corrcoef(wanted, opening)[0, 1])

    return max((correlation(lag_s), lag_s) for lag_s in np.arange(-0.1, 0.8, 0.02))


def wanted_opening(moment_s: float, cues: list[VisemeShown]) -> float:
    """How far the cues open the mouth on average within 0.1 s, as lips take that long to move."""
    low_s, high_s = moment_s - 0.05, moment_s + 0.05
    opened = 0.0
    for cue in cues:
        overlap_s = min(high_s, cue.time_s + cue.duration_s) - max(low_s, cue.time_s)
        opened += max(0.0, overlap_s) * float(SHAPES[cue.viseme].morphs.sum())
    return opened / (high_s - low_s)


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
