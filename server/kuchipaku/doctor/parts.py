"""Characters, voices, pages, engine and weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnxruntime
from hibari.voices import VOICES

from kuchipaku.characters import CharacterLibrary
from kuchipaku.doctor.finding import Finding, pip_install
from kuchipaku.doctor.packages import installed
from kuchipaku.paths import bundled_folder
from kuchipaku.speech import default_synthesizer
from kuchipaku_tha.errors import KuchipakuError
from kuchipaku_tha.fetch import TEACHER_VARIABLE, missing_weights, own_weights_folder, teacher_folder
from kuchipaku_tha.teacher import NETWORK_NAMES


def parts() -> Iterator[Finding]:
    """Look at everything that is not a library."""
    yield from _characters(CharacterLibrary())
    yield from _voices()
    yield _pages()
    yield _engine()
    yield _weights()
    yield _torch()


def _characters(library: CharacterLibrary) -> Iterator[Finding]:
    usable = 0
    for name in library.names():
        subject, folder = f"character {name}", library.folder(name)
        try:
            library.load(name)
        except KuchipakuError as error:
            remedy = f"Copy {folder} again, or compile its picture again with --force."
            yield Finding(subject, "broken", str(error), remedy, essential=False)
        else:
            usable += 1
            yield Finding(subject, "ok", str(folder))
    if not usable:
        yield Finding("characters", "broken", "there is none to show", "kuchipaku compile PICTURE.png --name NAME")


def _voices() -> Iterator[Finding]:
    try:
        voices = default_synthesizer().voices()
    except KuchipakuError as error:
        yield Finding("voices", "broken", str(error), pip_install("--force-reinstall hibari-tts"))
        return
    yield Finding("voices", "ok", ", ".join(f"{voice.name} ({voice.language})" for voice in voices))
    absent = [name for name in VOICES if name not in {voice.name for voice in voices}]
    if absent:
        remedy = f'hibari "Hello." --voice {absent[0]} -o hello.wav'
        detail = f"{', '.join(absent)} (English) are not downloaded; there is no voice of another language yet"
        yield Finding("more voices", "optional", detail, remedy, essential=False)


def _pages() -> Finding:
    folder = bundled_folder("client_web")
    if (folder / "index.html").is_file():
        return Finding("web pages", "ok", str(folder))
    return Finding("web pages", "broken", f"there is no index.html in {folder}", "Install kuchipaku again.")


def _engine() -> Finding:
    if installed("onnxruntime") and installed("onnxruntime-gpu"):
        remedy = pip_install("--force-reinstall --no-deps onnxruntime") + " after removing onnxruntime-gpu"
        return Finding("engine", "broken", "onnxruntime and onnxruntime-gpu overwrite each other's files", remedy)
    return Finding(
        "engine", "ok", f"numpy and OpenCV for characters, ONNX Runtime {onnxruntime.__version__} for the rest"
    )


def _weights() -> Finding:
    own = own_weights_folder()
    if own is not None:
        return _own_weights(own)
    folder = teacher_folder()
    if not missing_weights(folder):
        return Finding("teacher's weights", "ok", str(folder), essential=False)
    detail = f"not in {folder}; needed only to compile characters"
    return Finding("teacher's weights", "optional", detail, "kuchipaku models fetch", essential=False)


def _own_weights(folder: Path) -> Finding:
    missing = [f"{name}.pt" for name in NETWORK_NAMES if not (folder / f"{name}.pt").is_file()]
    if not missing:
        return Finding("teacher's weights", "ok", f"{folder}, as {TEACHER_VARIABLE} says", essential=False)
    remedy = f"Put the five files of one variant of THA3 there, or unset {TEACHER_VARIABLE}."
    return Finding("teacher's weights", "broken", f"{folder} lacks {', '.join(missing)}", remedy, essential=False)


def _torch() -> Finding:
    found = installed("torch")
    if found:
        return Finding("torch", "ok", found, essential=False)
    detail = "not installed; needed only to export the networks"
    return Finding("torch", "optional", detail, pip_install('"kuchipaku[teacher]"'), essential=False)
