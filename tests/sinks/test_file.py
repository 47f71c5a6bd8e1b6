"""The WebM writer: what a decoder finds in its files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import av
import numpy as np
import pytest

from kuchipaku.sinks.file import FileSinkError, WebmWriter, straight_with_filled_edges
from kuchipaku.types import SAMPLE_RATE_HZ, Frame
from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.morpher import PremultipliedRgba

SIZE_PX = 128
FPS = 25.0
COLOUR = (200, 100, 50)


def square(alpha: int, side: slice = slice(32, 96)) -> PremultipliedRgba:
    """A premultiplied square on a transparent ground."""
    rgba = np.zeros((SIZE_PX, SIZE_PX, 4), np.uint8)
    rgba[side, side] = (*(round(value * alpha / 255) for value in COLOUR), alpha)
    return rgba


def write(path: Path, alphas: list[int], sound_s: float = 0.0) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(sound_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)
    with WebmWriter(path, size_px=(SIZE_PX, SIZE_PX), fps=FPS) as writer:
        for sequence, alpha in enumerate(alphas):
            writer.write_frame(Frame(sequence / FPS, sequence, square(alpha)))
        writer.write_sound(tone.astype(np.float32))


def decode(path: Path) -> list[av.VideoFrame]:
    """The pictures, by libvpx: FFmpeg's own VP9 decoder drops the alpha."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    with av.open(path) as container:
        return [frame for packet in container.demux(video=0) for frame in decoder.decode(packet)]


def test_alpha_and_straight_colour_survive(tmp_path: Path) -> None:
    path = tmp_path / "square.webm"
    write(path, [255, 128, 255, 128, 128])
    frames = decode(path)
    assert [frame.format.name for frame in frames] == ["yuva420p"] * 5
    last = frames[-1].to_ndarray(format="rgba").astype(int)
    assert np.abs(last[64, 64] - (*COLOUR, 128)).max() <= 4
    assert last[5, 5, 3] == 0
    assert abs(frames[0].to_ndarray(format="rgba")[64, 64, 3].astype(int) - 255) <= 2


def test_container_says_that_it_has_alpha_and_how_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "square.webm"
    write(path, [255] * 50, sound_s=2.0)
    with av.open(path) as container:
        tags = {key.lower(): value for key, value in container.streams.video[0].metadata.items()}
        assert tags["alpha_mode"] == "1"
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(2.0, abs=0.05)
        sound = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert len(sound) / SAMPLE_RATE_HZ == pytest.approx(2.0, abs=0.05)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def test_colour_reaches_past_the_edge_and_alpha_does_not() -> None:
    straight = straight_with_filled_edges(square(255))
    assert straight[64, 30].tolist() == [*COLOUR, 0]
    assert straight[5, 5].tolist() == [0, 0, 0, 0]


def test_failed_writing_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileSinkError, match="No space left"):
        write_until_the_disk_is_full(tmp_path / "out.webm")
    assert list(tmp_path.iterdir()) == []


def write_until_the_disk_is_full(path: Path) -> None:
    with WebmWriter(path, size_px=(SIZE_PX, SIZE_PX), fps=FPS) as writer:
        writer.write_frame(Frame(0.0, 0, square(255)))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_unusable_names_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"\.webm"):
        WebmWriter(tmp_path / "out.mp4", size_px=(SIZE_PX, SIZE_PX), fps=FPS)
    with pytest.raises(FileSinkError, match="Choose another place"):
        WebmWriter(tmp_path / "no" / "such" / "folder" / "out.webm", size_px=(SIZE_PX, SIZE_PX), fps=FPS)
