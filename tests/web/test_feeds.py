from __future__ import annotations

from collections.abc import Iterator

import cv2
import httpx
import numpy as np
import pytest

from kuchipaku.avatar import Avatar
from tests.stand_in import SKIN_RGB
from tests.waiting import eventually


def parts(answer: httpx.Response) -> Iterator[tuple[str, np.ndarray]]:
    """Media type and decoded picture (BGR or BGRA) of each part of a multipart answer."""
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    pending = b""
    for piece in answer.iter_raw():
        pending += piece
        while (head := pending.find(b"\r\n\r\n")) >= 0:
            fields = dict(line.split(": ") for line in pending[:head].decode().splitlines() if ": " in line)
            end = head + 4 + int(fields["Content-Length"])
            if len(pending) < end:
                break
            picture = cv2.imdecode(np.frombuffer(pending[head + 4 : end], np.uint8), cv2.IMREAD_UNCHANGED)
            assert picture is not None
            yield fields["Content-Type"], picture
            pending = pending[end:]


@pytest.mark.parametrize("address", ["/result_feed", "/api/v1/avatars/default/result_feed?format=png"])
def test_png_keeps_alpha(server_url: str, address: str) -> None:
    with httpx.stream("GET", server_url + address) as answer:
        media_type, picture = next(parts(answer))
    assert media_type == "image/png"
    assert picture.shape == (512, 512, 4)
    assert picture[0, 0, 3] == 0
    assert picture[120, 256].tolist() == [*reversed(SKIN_RGB), 255]


def test_webp_keeps_alpha(server_url: str) -> None:
    with httpx.stream("GET", f"{server_url}/result_feed?format=webp") as answer:
        media_type, picture = next(parts(answer))
    assert media_type == "image/webp"
    assert picture[0, 0, 3] == 0
    assert np.abs(picture[120, 256].astype(int) - [*reversed(SKIN_RGB), 255]).max() <= 4


def test_jpeg_stands_before_the_background(server_url: str) -> None:
    with httpx.stream("GET", f"{server_url}/result_feed?format=jpeg&background=00ff00") as answer:
        media_type, picture = next(parts(answer))
    assert media_type == "image/jpeg"
    assert np.abs(picture[0, 0].astype(int) - (0, 255, 0)).max() <= 4


def test_a_feed_that_is_closed_is_forgotten(server_url: str, avatar: Avatar) -> None:
    with httpx.stream("GET", f"{server_url}/result_feed?format=jpeg&fps=10") as answer:
        stream = parts(answer)
        for _ in range(3):
            next(stream)
        assert httpx.get(f"{server_url}/health").json()["feed_readers"] == 1
    eventually(lambda: avatar.stats().frame_readers == 0)
    assert httpx.get(f"{server_url}/health").json()["feed_readers"] == 0


def test_a_feed_ends_with_its_avatar(server_url: str) -> None:
    with httpx.stream("GET", f"{server_url}/result_feed?format=jpeg") as answer:
        stream = parts(answer)
        next(stream)
        assert httpx.delete(f"{server_url}/api/v1/avatars/default").status_code == 204
        assert sum(1 for _ in stream) < 10
    assert httpx.get(f"{server_url}/result_feed").status_code == 404
