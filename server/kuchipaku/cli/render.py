"""`kuchipaku render`: a character says a sentence, as a video file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kuchipaku.cli.console import err, progress_bar
from kuchipaku.cli.sizes import SizeOption, frame_size


def render(
    text: Annotated[str, typer.Option(help="What to say; - reads it from standard input.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .webm file to write.")] = Path("kuchipaku.webm"),
    character: Annotated[str | None, typer.Option(help="Who says it; a built-in character when absent.")] = None,
    voice: Annotated[str | None, typer.Option(help="An installed voice; see `kuchipaku doctor`.")] = None,
    emotion: Annotated[str | None, typer.Option(help="One of the 28 go-emotions labels, such as joy.")] = None,
    fps: Annotated[float, typer.Option(min=1, max=60, help="Frames per second.")] = 30.0,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the blinks and sways.")] = 0,
    size: SizeOption = None,
) -> None:
    """Render speech to a WebM with a transparent background (VP9 with alpha, Opus), faster than real time."""
    from kuchipaku.avatar import Avatar
    from kuchipaku.characters import CharacterLibrary
    from kuchipaku.clock import ManualClock, SystemClock
    from kuchipaku.recording import perform
    from kuchipaku.sinks.file import WebmWriter
    from kuchipaku.speech import default_synthesizer
    from kuchipaku.speech.text import prepare
    from kuchipaku.threads import draw_on_one_thread

    wanted_size = frame_size(size)
    draw_on_one_thread()
    stopwatch = SystemClock()
    words = sys.stdin.read() if text == "-" else text
    synthesizer = default_synthesizer()
    prepare(words, synthesizer.voice(voice))
    library = CharacterLibrary()
    shown = library.load(character or library.default_name())
    avatar = Avatar("render", shown, clock=ManualClock(), voice=synthesizer, fps=fps, seed=seed, size=wanted_size)
    if emotion:
        avatar.set_emotion(emotion)
    with WebmWriter(output, size_px=(avatar.width_px, avatar.height_px), fps=fps) as writer, progress_bar() as bar:
        task = bar.add_task("Rendering", total=None)
        for frame, samples in perform(avatar, words, voice):
            writer.write_frame(frame)
            writer.write_sound(samples)
            bar.update(task, completed=frame.time_s, total=avatar.sound.end_s or None)
    err.print(
        f"Wrote {output}: {writer.duration_s:.1f} s of video in {stopwatch.now_s():.1f} s", soft_wrap=True, markup=False
    )
