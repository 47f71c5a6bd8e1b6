from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kuchipaku.avatar import Avatar, OtherFrameSizeError
from kuchipaku.avatars import AvatarExistsError, AvatarRegistry, TooManyAvatarsError, UnknownAvatarError
from kuchipaku.clock import ManualClock
from kuchipaku.emotions import UnknownEmotionError
from kuchipaku.events import Event, SpeakingFinished
from kuchipaku.mailbox import Mailbox
from kuchipaku.renderer import FADE_S
from kuchipaku.types import Frame
from kuchipaku_tha.errors import BadInputError, UnknownParameterError
from tests.speech.tone import ToneSynthesizer
from tests.stand_in import MOUTH_RGB, mouth_opening, stand_in_character


class Scene:
    """An avatar under a manual clock, drawn at 30 fps by ``play``."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.avatar = Avatar("a", stand_in_character(), clock=self.clock, voice=ToneSynthesizer(), seed=1)
        self.events = self.avatar.subscribe_events()

    def play(self, seconds: float) -> list[float]:
        """Openings of the mouth in the pictures, one per frame."""
        return [mouth_opening(frame.rgba) for frame in self.frames(seconds)]

    def frames(self, seconds: float) -> Iterator[Frame]:
        """What is drawn meanwhile."""
        for _ in range(round(30 * seconds)):
            self.clock.advance_s(1 / 30)
            yield self.avatar.frame_at(self.clock.now_s())

    def heard(self, start_s: float, end_s: float) -> float:
        """Greatest amplitude in a stretch of the sound."""
        return float(np.abs(self.avatar.sound.read(start_s, round((end_s - start_s) * 48_000))).max())


def drain(events: Mailbox[Event]) -> list[Event]:
    return [events.get() for _ in range(len(events))]


def test_the_mouth_moves_in_the_picture_while_it_speaks_and_rests_afterwards() -> None:
    scene = Scene()
    still = max(scene.play(1.0))
    scene.avatar.speak("ab")
    assert scene.avatar.speaking
    assert max(scene.play(1.0)) > still + 0.1
    scene.play(0.5)
    assert max(scene.play(0.5)) == still
    assert scene.avatar.stats().sound_ahead_s == 0.0


def test_the_same_avatar_drawn_twice_is_the_same() -> None:
    first, second = Scene(), Scene()
    for scene in (first, second):
        scene.avatar.speak("abba")
        scene.avatar.set_emotion("joy")
    assert first.play(1.0) == second.play(1.0)
    np.testing.assert_array_equal(first.avatar.sound.read(0, 48_000), second.avatar.sound.read(0, 48_000))


def test_interrupting_stops_sound_and_mouth_and_the_next_words_are_spoken_at_once() -> None:
    scene = Scene()
    still = max(scene.play(0.5))
    scene.avatar.speak("aaaa aaaa. aaaa aaaa. aaaa aaaa.")
    scene.avatar.speak("never said")
    assert max(scene.play(0.6)) > still
    moment_s = scene.clock.now_s()
    scene.avatar.interrupt()
    assert scene.heard(moment_s + 0.01, moment_s + 5.0) == 0.0
    assert not scene.avatar.stats().utterances_waiting
    scene.play(0.1)
    assert scene.play(0.4) == pytest.approx([still] * 12, abs=1e-6)
    endings = [event for event in drain(scene.events) if isinstance(event, SpeakingFinished)]
    assert [(event.utterance_id, event.interrupted) for event in endings] == [(1, True), (2, True)]
    scene.avatar.speak("aa")
    assert max(scene.play(0.3)) > still


def test_an_emotion_gesture_and_pose_override_reach_the_pose() -> None:
    scene = Scene()
    scene.avatar.set_emotion("excitement", 1.0)
    smiling = max(scene.play(1.0))
    scene.avatar.set_emotion("neutral")
    assert max(scene.play(1.0)[15:]) < smiling
    scene.avatar.set_pose({"mouth_aaa": 1.0})
    open_wide = max(scene.play(0.5))
    scene.avatar.clear_pose()
    assert max(scene.play(1.0)[15:]) < open_wide
    scene.avatar.gesture("nod")


def test_a_pose_override_replaces_the_one_before() -> None:
    scene = Scene()
    scene.avatar.set_pose({"mouth_aaa": 1.0})
    scene.play(0.5)
    scene.avatar.set_pose({"head_y": 1.0}, duration_s=1.0)
    closed = scene.play(1.0)[20:]
    assert max(closed) == min(closed)


def test_a_character_is_replaced_while_it_speaks() -> None:
    scene, undisturbed = Scene(), Scene()
    for each in (scene, undisturbed):
        each.avatar.set_pose({"mouth_aaa": 1.0})
        each.avatar.speak("aaaa")
        each.play(0.5)
    scene.avatar.replace_character(stand_in_character(skin_rgb=(150, 105, 80)))
    shades = [int(frame.rgba[120, 256, 0]) for frame in scene.frames(0.5)]
    undisturbed.play(0.5)
    assert shades[0] > 240
    assert shades[-1] == 150
    assert shades == sorted(shades, reverse=True)
    assert len(set(shades)) > 5
    assert shades.index(150) <= 30 * FADE_S + 1
    for one, other in zip(scene.frames(0.5), undisturbed.frames(0.5), strict=True):
        mouths = [(frame.rgba[..., :3] == MOUTH_RGB).all(axis=2) for frame in (one, other)]
        np.testing.assert_array_equal(*mouths)
    np.testing.assert_array_equal(scene.avatar.sound.read(0, 96_000), undisturbed.avatar.sound.read(0, 96_000))


def test_a_replacement_of_another_size_is_refused() -> None:
    scene = Scene()
    with pytest.raises(OtherFrameSizeError, match="512×768"):
        scene.avatar.replace_character(stand_in_character(768))
    assert scene.avatar.character.title == "Stand-in"
    assert len(scene.play(0.1)) == 3


def test_bad_input_is_refused_and_leaves_the_avatar_unharmed() -> None:
    scene = Scene()
    with pytest.raises(UnknownEmotionError):
        scene.avatar.set_emotion("hangry")
    with pytest.raises(BadInputError, match="intensity"):
        scene.avatar.set_emotion("joy", float("nan"))
    with pytest.raises(BadInputError, match="duration_s"):
        scene.avatar.set_emotion("joy", 1.0, -1.0)
    with pytest.raises(UnknownParameterError):
        scene.avatar.set_pose({"mouth_xyz": 1.0})
    with pytest.raises(UnknownParameterError):
        scene.avatar.set_pose({"mouth_aaa": float("inf")})
    with pytest.raises(BadInputError):
        scene.avatar.gesture("nod", duration_s=1000.0)
    assert len(scene.play(0.1)) == 3


@pytest.fixture
def registry() -> Iterator[AvatarRegistry]:
    registry = AvatarRegistry(ToneSynthesizer(), most=2)
    yield registry
    registry.close()


def test_a_running_avatar_delivers_frames_and_events(registry: AvatarRegistry) -> None:
    avatar = registry.create("live", stand_in_character(), seed=1)
    frames, events = avatar.subscribe_frames(), avatar.subscribe_events()
    first, second = frames.get(timeout_s=30), frames.get(timeout_s=30)
    assert first.sequence < second.sequence
    assert first.time_s < second.time_s
    avatar.speak("a")
    kinds = set()
    while "speaking-finished" not in kinds:
        kinds.add(events.get(timeout_s=30).kind)
    assert kinds == {"speaking-started", "viseme", "speaking-finished"}
    avatar.close()
    avatar.close()
    assert frames.closed
    assert events.closed


def test_the_registry_is_bounded_and_names_what_it_has(registry: AvatarRegistry) -> None:
    registry.create("one", stand_in_character())
    with pytest.raises(AvatarExistsError):
        registry.create("one", stand_in_character())
    registry.create("two", stand_in_character())
    with pytest.raises(TooManyAvatarsError):
        registry.create("three", stand_in_character())
    with pytest.raises(UnknownAvatarError, match="one, two"):
        registry.get("four")
    registry.remove("one")
    assert [avatar.id for avatar in registry.all()] == ["two"]
