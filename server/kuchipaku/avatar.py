"""One living character: what it hears, says, feels and shows."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kuchipaku.agenda import Agenda
from kuchipaku.animator import OVERRIDE_FADE_S, Animator
from kuchipaku.broadcast import Broadcast
from kuchipaku.clock import Clock
from kuchipaku.emotions import check_emotion
from kuchipaku.events import EVENT_QUEUE_SIZE, Event
from kuchipaku.gestures import LONGEST_S, check_gesture
from kuchipaku.mailbox import Mailbox
from kuchipaku.renderer import Renderer, RenderStats
from kuchipaku.sound import SoundTrack
from kuchipaku.speech.protocol import Synthesizer
from kuchipaku.speech.speaker import Speaker
from kuchipaku.speech.utterance import Utterance
from kuchipaku.timeline import Timeline
from kuchipaku.types import EmotionCue, Frame, GestureCue, PoseCue
from kuchipaku_tha.character import Character
from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.framing import FrameSize
from kuchipaku_tha.pose import parameter_index, pose_from


class OtherFrameSizeError(BadInputError):
    """A character cannot replace another one because its frames have another size."""

    code = "other-frame-size"
    http_status = 409


@dataclass(frozen=True, slots=True)
class AvatarStats:
    """How an avatar is doing.

    Attributes:
        render: of its render thread.
        frame_readers: mailboxes that receive its frames.
        event_readers: mailboxes that receive its events.
        utterances_waiting: not yet wholly synthesized.
        sound_ahead_s: seconds of sound that are scheduled and not yet played.
    """

    render: RenderStats
    frame_readers: int
    event_readers: int
    utterances_waiting: int
    sound_ahead_s: float


class Avatar:
    """A character with a clock, a voice and a mind of its own. Any thread may call any method.

    ``start`` runs it in real time on two threads, one that draws and one that synthesizes. Without it the same avatar
    is drawn moment by moment with ``frame_at``, faster or slower than real time, under a manual clock.

    A program that embeds avatars calls ``kuchipaku.threads.draw_on_one_thread`` once: without it drawing is several
    times slower on a busy machine.
    """

    def __init__(
        self,
        avatar_id: str,
        character: Character,
        *,
        clock: Clock,
        voice: Synthesizer,
        fps: float = 30.0,
        seed: int | None = None,
        size: FrameSize | None = None,
    ) -> None:
        """Args:
        avatar_id: its name.
        character: whom it shows.
        clock: by which it moves.
        voice: speaks for it.
        fps: frames per second.
        seed: of blinks and sway; random when absent.
        size: of its frames' longer side; None takes the picture's own, at most 512.
        """
        self.id = avatar_id
        self.character = character
        self.clock = clock
        self.fps = fps
        self.sound = SoundTrack()
        self._timeline = Timeline()
        self._agenda = Agenda()
        self._frames: Broadcast[Frame] = Broadcast()
        self._events: Broadcast[Event] = Broadcast(EVENT_QUEUE_SIZE)
        self._speaker = Speaker(voice, clock, self.sound, self._timeline, self._agenda, self._events.publish)
        animator = Animator(self._timeline, secrets.randbits(32) if seed is None else seed)
        self._size = size
        morpher = character.morpher(size)
        self.width_px, self.height_px = morpher.width_px, morpher.height_px
        self._renderer = Renderer(animator, morpher, clock, fps, self._show)
        self._running = False

    @property
    def speaking(self) -> bool:
        """Whether it says something, or is about to."""
        return self._speaker.speaking

    def start(self) -> None:
        """Come alive: draw and speak on threads of its own. Harmless when repeated."""
        self._running = True
        self._renderer.start()
        self._speaker.start()

    def close(self) -> None:
        """Stop the threads and let every reader finish. Harmless when repeated."""
        self._running = False
        self._renderer.stop()
        self._speaker.stop()
        self._frames.close()
        self._events.close()

    def replace_character(self, character: Character) -> None:
        """Show another character from the next frame on, blended over within a moment, while all else goes on.

        Meant for the finished character after its draft: sound, movement, viewers and feeds do not notice.

        Raises:
            OtherFrameSizeError: its frames have another size than those that the viewers get.
        """
        morpher = character.morpher(self._size)
        if (morpher.width_px, morpher.height_px) != (self.width_px, self.height_px):
            raise OtherFrameSizeError(
                f"{character.title} is drawn at {morpher.width_px}×{morpher.height_px} and {self.character.title} at "
                f"{self.width_px}×{self.height_px}. Bring it to life as an avatar of its own."
            )
        self._renderer.replace_morpher(morpher)
        self.character = character

    def subscribe_frames(self) -> Mailbox[Frame]:
        """A mailbox that always holds the newest frame."""
        return self._frames.subscribe()

    def unsubscribe_frames(self, mailbox: Mailbox[Frame]) -> None:
        """Close a mailbox of frames."""
        self._frames.unsubscribe(mailbox)

    def subscribe_events(self) -> Mailbox[Event]:
        """A mailbox of events that keeps the newest ``EVENT_QUEUE_SIZE``."""
        return self._events.subscribe()

    def unsubscribe_events(self, mailbox: Mailbox[Event]) -> None:
        """Close a mailbox of events."""
        self._events.unsubscribe(mailbox)

    def frame_at(self, t_s: float) -> Frame:
        """Draw one moment in the calling thread; the clock is expected to stand at it.

        When the avatar is not running, speech that is due is synthesized first.
        """
        if not self._running:
            self._speaker.catch_up()
        rgba = self._renderer.draw(t_s)
        self._tell(t_s)
        return Frame(t_s, round(t_s * self.fps), rgba)

    def speak(self, text: str, *, voice: str | None = None, interrupt: bool = False) -> Utterance:
        """Say something after what is being said, or at once with ``interrupt``. Returns at once.

        Raises:
            SpeechTextError: the text is empty, too long, or nothing in it can be spoken.
            UnknownVoiceError: no such voice.
            SpeechQueueFullError: too much is waiting to be said.
        """
        return self._speaker.speak(text, voice, interrupt=interrupt)

    def interrupt(self) -> None:
        """Fall silent now: the sound fades, the mouth closes, what was queued is forgotten."""
        self._speaker.interrupt()

    def set_emotion(self, emotion: str, intensity: float = 1.0, duration_s: float | None = None) -> None:
        """Show an emotion from now on, until the next one or for ``duration_s`` seconds.

        Args:
            emotion: one of ``kuchipaku.emotions.EMOTIONS``.
            intensity: 0 to 1.
            duration_s: positive; None holds it.

        Raises:
            UnknownEmotionError: no such emotion.
            BadInputError: a number out of range.
        """
        check_emotion(emotion)
        _check_range("intensity", intensity, 0.0, 1.0)
        _check_duration(duration_s)
        self._timeline.emotions.add(EmotionCue(self.clock.now_s(), emotion, intensity, duration_s))

    def gesture(self, name: str, duration_s: float = 0.9, strength: float = 1.0) -> None:
        """Move the head: one of ``kuchipaku.gestures.GESTURES``.

        Raises:
            UnknownGestureError: no such gesture.
            BadInputError: a number out of range.
        """
        check_gesture(name)
        _check_range("duration_s", duration_s, 0.2, LONGEST_S)
        _check_range("strength", strength, 0.0, 1.0)
        self._timeline.gestures.add(GestureCue(self.clock.now_s(), name, duration_s, strength))

    def set_pose(self, values: Mapping[str, float], duration_s: float | None = None) -> None:
        """Hold pose parameters, over all the avatar does by itself, until the next call or for ``duration_s``.

        Each call replaces the one before; values are clamped into their ranges.

        Raises:
            UnknownParameterError: a name does not exist or a value is not finite.
            BadInputError: the duration is not positive.
        """
        pose = pose_from(values)
        _check_duration(duration_s)
        now_s = self.clock.now_s()
        indices = np.array([parameter_index(name) for name in values], np.int64)
        end_s = math.inf if duration_s is None else now_s + duration_s
        self._end_poses(now_s + OVERRIDE_FADE_S)
        self._timeline.poses.add(PoseCue(now_s, end_s, indices, pose[indices]))

    def clear_pose(self) -> None:
        """Let go of the parameters held by ``set_pose``."""
        self._end_poses(self.clock.now_s())

    def stats(self) -> AvatarStats:
        """Counters and queue depths now."""
        return AvatarStats(
            render=self._renderer.stats(),
            frame_readers=len(self._frames),
            event_readers=len(self._events),
            utterances_waiting=self._speaker.waiting,
            sound_ahead_s=max(0.0, self.sound.end_s - self.clock.now_s()),
        )

    def _show(self, frame: Frame) -> None:
        self._frames.publish(frame)
        self._tell(frame.time_s)

    def _tell(self, t_s: float) -> None:
        for event in self._agenda.take_due(t_s):
            self._events.publish(event)

    def _end_poses(self, moment_s: float) -> None:
        now_s = self.clock.now_s()

        def end(cue: PoseCue) -> PoseCue | None:
            if cue.end_s + OVERRIDE_FADE_S < now_s:
                return None
            return replace(cue, end_s=min(cue.end_s, moment_s))

        self._timeline.poses.change(end)


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BadInputError(f"{name} must be between {low:g} and {high:g}, not {value}.")


def _check_duration(duration_s: float | None) -> None:
    if duration_s is not None and not 0.0 < duration_s < math.inf:
        raise BadInputError(f"duration_s must be a positive number of seconds, not {duration_s}.")
