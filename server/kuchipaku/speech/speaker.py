"""Speaks utterances one after another: sentence by sentence onto the sound track and the timeline."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from kuchipaku.agenda import Agenda
from kuchipaku.clock import Clock
from kuchipaku.events import (
    Event,
    SpeakingFinished,
    SpeakingStarted,
    SpeechFailed,
    SpeechWarning,
    VisemeShown,
)
from kuchipaku.sound import SoundTrack
from kuchipaku.speech.errors import SpeechQueueFullError
from kuchipaku.speech.protocol import SpokenSentence, Synthesizer
from kuchipaku.speech.text import prepare
from kuchipaku.speech.utterance import Progress, Utterance
from kuchipaku.timeline import Timeline
from kuchipaku_tha.errors import KuchipakuError

_logger = logging.getLogger(__name__)

QUEUE_SIZE = 32
"""Utterances that may wait; more are refused."""
LEAD_S = 0.06
"""From the moment a sentence is ready to its first sound: time for the mouth to anticipate it."""
LOOK_AHEAD_S = 30.0
"""Synthesis waits while more sound than this is scheduled."""
HISTORY_S = 10.0
"""Cues older than this are forgotten."""
POLL_S = 0.1


class Speaker:
    """Owns one avatar's queue of utterances. Any thread may call it; one worker synthesizes.

    Without ``start`` nothing runs by itself: ``catch_up`` then synthesizes what is due in the caller's thread, which
    is how a file is rendered under a manual clock.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        clock: Clock,
        sound: SoundTrack,
        timeline: Timeline,
        agenda: Agenda,
        publish: Callable[[Event], None],
    ) -> None:
        self._synthesizer = synthesizer
        self._clock = clock
        self._sound = sound
        self._timeline = timeline
        self._agenda = agenda
        self._publish = publish
        self._ids = itertools.count(1)
        self._queue: deque[Progress] = deque()
        self._sounding: deque[Progress] = deque()
        self._next_start_s = 0.0
        self._wake = threading.Condition()
        self._synthesizing = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Utterances not yet wholly synthesized."""
        return len(self._queue)

    @property
    def speaking(self) -> bool:
        """Whether anything is being said, or is about to be."""
        return bool(self._queue) or self._clock.now_s() < self._sound.end_s

    def start(self) -> None:
        """Start the worker thread; harmless when it is running."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="kuchipaku-speech", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the worker thread after the sentence it is at; harmless when there is none."""
        if self._thread is not None:
            with self._wake:
                self._stopping = True
                self._wake.notify()
            self._thread.join()
            self._thread = None

    def speak(self, text: str, voice: str | None = None, *, interrupt: bool = False) -> Utterance:
        """Queue a text, or with ``interrupt`` say it instead of all that is said and queued; returns at once.

        Raises:
            SpeechTextError: the text cannot be spoken; see ``kuchipaku.speech.text.prepare``.
            UnknownVoiceError: no such voice.
            SpeechQueueFullError: ``QUEUE_SIZE`` utterances are waiting.
        """
        chosen = self._synthesizer.voice(voice)
        prepared = prepare(text, chosen)
        if interrupt:
            self.interrupt()
        with self._wake:
            if len(self._queue) >= QUEUE_SIZE:
                raise SpeechQueueFullError(
                    f"{QUEUE_SIZE} utterances are waiting already. Wait for one to finish, or interrupt."
                )
            utterance = Utterance(next(self._ids), text, chosen, prepared.sentences, prepared.warnings)
            self._queue.append(Progress(utterance))
            self._wake.notify()
        for warning in prepared.warnings:
            self._publish(SpeechWarning(self._clock.now_s(), utterance.id, warning))
        return utterance

    def interrupt(self) -> None:
        """Stop sound and mouth now and forget everything queued; synthesis under way is discarded."""
        with self._wake:
            now_s = self._clock.now_s()
            cut = [progress for progress in self._sounding if progress.end_s > now_s]
            cut += [progress for progress in self._queue if progress not in cut]
            self._queue.clear()
            self._sounding.clear()
            self._agenda.clear()
            self._sound.cut(now_s)
            self._timeline.cut_speech(now_s)
            self._next_start_s = now_s
        for progress in cut:
            self._publish(SpeakingFinished(now_s, progress.utterance.id, interrupted=True))

    def catch_up(self) -> None:
        """Synthesize all that is due by now, in the calling thread."""
        while self._step():
            pass

    def _run(self) -> None:
        self._load_default_voice()
        while True:
            with self._wake:
                if self._stopping:
                    return
                if self._due() is None:
                    self._wake.wait(POLL_S)
                    continue
            self._step()

    def _load_default_voice(self) -> None:
        try:
            self._synthesizer.load(self._synthesizer.voice(None))
        except KuchipakuError:
            _logger.exception("The default voice cannot be loaded; every utterance will fail")

    def _due(self) -> Progress | None:
        if not self._queue or self._sound.end_s > self._clock.now_s() + LOOK_AHEAD_S:
            return None
        return self._queue[0]

    def _step(self) -> bool:
        """Synthesize and schedule one sentence, if one is due."""
        with self._synthesizing:
            with self._wake:
                progress = self._due()
            if progress is None:
                return False
            utterance = progress.utterance
            try:
                sentence = self._synthesizer.synthesize(utterance.sentences[progress.next_sentence], utterance.voice)
            except KuchipakuError as error:
                self._fail(progress, str(error))
            except Exception as error:
                _logger.exception("Speech synthesis failed")
                self._fail(progress, f"The synthesizer failed: {error}")
            else:
                self._schedule(progress, sentence)
            return True

    def _schedule(self, progress: Progress, sentence: SpokenSentence) -> None:
        with self._wake:
            if progress not in self._queue:
                return
            now_s = self._clock.now_s()
            start_s = max(now_s + LEAD_S, self._next_start_s)
            self._timeline.visemes.forget_before(now_s - HISTORY_S)
            if sentence.samples.size:
                self._place(progress, sentence, start_s)
            progress.next_sentence += 1
            if progress.done:
                self._queue.popleft()
                finished_s = max(progress.end_s, now_s)
                self._agenda.add(SpeakingFinished(finished_s, progress.utterance.id, interrupted=False))

    def _place(self, progress: Progress, sentence: SpokenSentence, start_s: float) -> None:
        progress.end_s = self._sound.schedule(start_s, sentence.samples)
        self._next_start_s = progress.end_s + sentence.pause_s
        cues = [replace(cue, start_s=start_s + cue.start_s, end_s=start_s + cue.end_s) for cue in sentence.visemes]
        self._timeline.add_visemes(cues)
        if not progress.started:
            progress.started = True
            self._remember(progress)
            self._agenda.add(SpeakingStarted(start_s, progress.utterance.id, progress.utterance.text))
        for cue in cues:
            self._agenda.add(VisemeShown(max(cue.start_s, start_s), cue.viseme, cue.end_s - cue.start_s))

    def _remember(self, progress: Progress) -> None:
        now_s = self._clock.now_s()
        while self._sounding and self._sounding[0].done and self._sounding[0].end_s < now_s:
            self._sounding.popleft()
        self._sounding.append(progress)

    def _fail(self, progress: Progress, message: str) -> None:
        with self._wake:
            if progress not in self._queue:
                return
            self._queue.remove(progress)
        self._publish(SpeechFailed(self._clock.now_s(), progress.utterance.id, message))
