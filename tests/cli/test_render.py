from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from kuchipaku.types import SAMPLE_RATE_HZ
from kuchipaku_tha.character import Character
from tests.cli.conftest import Command


def test_a_sentence_becomes_a_transparent_video_with_sound(
    command: Command, character: Character, tmp_path: Path
) -> None:
    output = tmp_path / "hello.webm"
    outcome = command("render", "--text", "Hello there!", "--fps", "15", "--emotion", "joy", "-o", output)
    assert outcome.exit_code == 0, outcome.err

    decoder = av.CodecContext.create("libvpx-vp9", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    with av.open(output) as container:
        frames = [frame for packet in container.demux(video=0) for frame in decoder.decode(packet)]
    with av.open(output) as container:
        sound = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])

    assert len(frames) / 15 == pytest.approx(len(sound) / SAMPLE_RATE_HZ, abs=0.1)
    assert 1.5 < len(frames) / 15 < 4
    assert np.abs(sound).max() > 0.1
    pictures = np.stack([frame.to_ndarray(format="rgba") for frame in frames])
    corners = pictures[:, [0, 0, -1, -1], [0, -1, 0, -1], 3]
    assert corners.max() <= 2
    assert pictures[..., 3].max() > 250
    assert np.abs(np.diff(pictures[..., :3].astype(np.int16), axis=0)).max() > 30


@pytest.mark.usefixtures("character")
def test_a_size_can_be_chosen(command: Command, tmp_path: Path) -> None:
    output = tmp_path / "large.webm"
    assert command("render", "--text", "Hi.", "--fps", "2", "--size", "768", "-o", output).exit_code == 0
    with av.open(output) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (768, 768)
    refused = command("render", "--text", "Hi.", "--size", "huge", "-o", output)
    assert refused.exit_code == 2
    assert "512, 768, 1024, own" in refused.err


def test_the_same_seed_gives_the_same_file(command: Command, character: Character, tmp_path: Path) -> None:
    contents = []
    for name in ("a.webm", "b.webm"):
        command("render", "--text", "Hi.", "--fps", "5", "--seed", "3", "-o", tmp_path / name)
        with av.open(tmp_path / name) as container:
            contents.append(b"".join(bytes(packet) for packet in container.demux(video=0)))
    assert contents[0] == contents[1]


def test_text_may_come_from_standard_input(
    command: Command, character: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Hi."))
    assert command("render", "--text", "-", "--fps", "5", "-o", tmp_path / "hi.webm").exit_code == 0
    assert (tmp_path / "hi.webm").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", ""), "empty"),
        (("--text", "word " * 20_000), "limit"),
        (("--text", "🎉🎉"), "nothing to say"),
        (("--text", "こんにちは"), "No installed voice speaks Japanese"),
        (("--text", "Hi.", "--voice", "nobody"), "no voice 'nobody'"),
        (("--text", "Hi.", "--emotion", "hungry"), "hungry"),
        (("--text", "Hi.", "--character", "nobody"), "no character 'nobody'"),
        (("--text", "Hi.", "-o", "out.mp4"), ".webm"),
        (("--text", "Hi.", "-o", "no/such/folder/out.webm"), "cannot be written"),
    ],
)
def test_mistakes_say_what_to_do(
    command: Command,
    character: Character,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command("render", *arguments)
    assert outcome.exit_code == 1
    assert message in outcome.err
    assert not list(tmp_path.glob("*.webm*"))
