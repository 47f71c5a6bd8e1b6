from __future__ import annotations

import itertools
import threading

import pytest

from kuchipaku.agenda import Agenda
from kuchipaku.clock import ManualClock
from kuchipaku.events import Event, SpeakingFinished, SpeakingStarted, SpeechFailed, SpeechWarning, VisemeShown
from kuchipaku.sound import SoundTrack
from kuchipaku.speech.errors import SpeechQueueFullError, SpeechTextError, UnknownVoiceError
from kuchipaku.speech.protocol import SpokenSentence, Voice
from kuchipaku.speech.speaker import LEAD_S, LOOK_AHEAD_S, QUEUE_SIZE, Speaker
from kuchipaku.timeline import Timeline
from tests.speech.tone import ToneSynthesizer


class Desk:
    """A speaker with its surroundings."""

    def __init__(self, synthesizer: ToneSynthesizer | None = None) -> None:
        self.clock = ManualClock(10.0)
        self.sound = SoundTrack()
        self.timeline = Timeline()
        self.agenda = Agenda()
        self.events: list[Event] = []
        self.synthesizer = synthesizer or ToneSynthesizer()
        self.speaker = Speaker(self.synthesizer, self.clock, self.sound, self.timeline, self.agenda, self.events.append)

    def all_events(self) -> list[Event]:
        return [*self.events, *self.agenda.take_due(1e9)]


def test_sound_and_visemes_are_scheduled_together_shortly_from_now() -> None:
    desk = Desk()
    desk.speaker.speak("ab")
    desk.speaker.catch_up()
    cues = desk.timeline.visemes.starting_between(0.0, 99.0)
    assert [cue.start_s for cue in cues] == pytest.approx([10.0 + LEAD_S, 10.1 + LEAD_S])
    assert not desk.sound.read(9.0, round((1.0 + LEAD_S) * 48_000) - 1).any()
    assert desk.sound.read(10.0 + LEAD_S, 9600)[:10].all()
    assert desk.sound.end_s == pytest.approx(10.2 + LEAD_S)


def test_events_come_in_order_and_each_utterance_ends_once() -> None:
    desk = Desk()
    first, second = desk.speaker.speak("ab. ba."), desk.speaker.speak("a")
    desk.speaker.catch_up()
    events = desk.all_events()
    assert [event.time_s for event in events] == sorted(event.time_s for event in events)
    milestones = [event for event in events if not isinstance(event, VisemeShown)]
    assert [(type(event), event.utterance_id) for event in milestones] == [
        (SpeakingStarted, first.id),
        (SpeakingFinished, first.id),
        (SpeakingStarted, second.id),
        (SpeakingFinished, second.id),
    ]
    assert len(events) - len(milestones) == 5


def test_the_first_sentence_sounds_before_the_second_is_synthesized() -> None:
    desk = Desk()
    desk.speaker.speak("aa aa. bb bb. aa bb.")
    heard_when_asked = []
    original = desk.synthesizer.synthesize

    def synthesize(sentence: str, voice: Voice) -> SpokenSentence:
        heard_when_asked.append(desk.sound.end_s)
        return original(sentence, voice)

    desk.synthesizer.synthesize = synthesize  # type: ignore[method-assign]
    desk.speaker.catch_up()
    assert heard_when_asked[0] == 0.0
    assert all(later > earlier for earlier, later in itertools.pairwise(heard_when_asked))


def test_a_long_text_is_synthesized_only_as_far_ahead_as_needed() -> None:
    desk = Desk()
    desk.speaker.speak("Aaaaaaaaaa. " * 200)
    desk.speaker.catch_up()
    assert LOOK_AHEAD_S < desk.sound.end_s - 10.0 < LOOK_AHEAD_S + 2.0
    before = len(desk.synthesizer.spoken)
    desk.clock.advance_s(10.0)
    desk.speaker.catch_up()
    assert 8 <= len(desk.synthesizer.spoken) - before <= 10
    assert desk.speaker.speaking


def test_late_synthesis_continues_now_not_in_the_past() -> None:
    desk = Desk()
    desk.speaker.speak("aa")
    desk.speaker.catch_up()
    desk.clock.advance_s(60.0)
    desk.speaker.speak("aa")
    desk.speaker.catch_up()
    assert desk.sound.end_s == pytest.approx(70.0 + LEAD_S + 0.2)


def test_the_queue_is_bounded() -> None:
    desk = Desk()
    for _ in range(QUEUE_SIZE):
        desk.speaker.speak("a")
    with pytest.raises(SpeechQueueFullError, match="interrupt"):
        desk.speaker.speak("a")
    desk.speaker.speak("a", interrupt=True)
    assert desk.speaker.waiting == 1


def test_bad_text_and_voices_are_refused_at_once_and_do_not_interrupt() -> None:
    desk = Desk()
    desk.speaker.speak("aaa")
    with pytest.raises(SpeechTextError):
        desk.speaker.speak("  ", interrupt=True)
    with pytest.raises(UnknownVoiceError, match="tone"):
        desk.speaker.speak("a", "nobody", interrupt=True)
    assert desk.speaker.waiting == 1


def test_a_failure_is_told_and_the_next_utterance_is_spoken() -> None:
    desk = Desk()
    desk.speaker.speak("fail please")
    desk.speaker.speak("a")
    desk.speaker.catch_up()
    failed = [event for event in desk.all_events() if isinstance(event, SpeechFailed)]
    assert [(event.utterance_id, event.message) for event in failed] == [(1, "no tone today")]
    assert desk.synthesizer.spoken == ["a"]


def test_left_out_words_are_told() -> None:
    desk = Desk()
    desk.speaker.speak("We say こんにちは in the morning.")
    warnings = [event for event in desk.all_events() if isinstance(event, SpeechWarning)]
    assert len(warnings) == 1
    assert "Japanese" in warnings[0].message
    desk.speaker.catch_up()
    assert desk.synthesizer.spoken == ["We say in the morning."]


def test_synthesis_under_way_when_interrupted_is_discarded() -> None:
    desk = Desk()
    original = desk.synthesizer.synthesize

    def synthesize(sentence: str, voice: Voice) -> SpokenSentence:
        desk.speaker.interrupt()
        return original(sentence, voice)

    desk.synthesizer.synthesize = synthesize  # type: ignore[method-assign]
    desk.speaker.speak("aaa")
    desk.speaker.catch_up()
    assert desk.sound.end_s == 0.0
    assert not len(desk.timeline.visemes)
    assert [type(event) for event in desk.all_events()] == [SpeakingFinished]


def test_the_worker_speaks_by_itself_and_stops() -> None:
    desk = Desk()
    desk.speaker.start()
    desk.speaker.start()
    desk.speaker.speak("ab")
    while desk.speaker.waiting:
        threading.Event().wait(0.005)
    desk.speaker.stop()
    desk.speaker.stop()
    assert desk.synthesizer.spoken == ["ab"]
