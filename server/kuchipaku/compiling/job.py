"""One compile job and what is told about it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from enum import StrEnum

from kuchipaku.broadcast import Broadcast
from kuchipaku.compiling.pace import Pace
from kuchipaku.compiling.request import CompileRequest
from kuchipaku_tha.advice.advice import Advice


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed.

    Attributes:
        code: stable machine-readable name, kebab-case.
        message: what is wrong and what to do.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job at one moment.

    Attributes:
        id: of the job.
        request: what is compiled.
        state: where it stands.
        jobs_ahead: how many are compiled before it.
        usable: whether the character can be shown, in the best quality finished so far.
        quality: that is being compiled, or was last.
        stage: of it, ``loading`` before the first.
        words: what is being done, in words for a user.
        fraction: finished share of that quality, 0 to 1.
        seconds_left: until it is finished; None while it cannot be told.
        error: why it failed; None if it did not.
        advice: what might be better about the picture.
    """

    id: str
    request: CompileRequest
    state: JobState
    jobs_ahead: int
    usable: bool
    quality: str
    stage: str
    words: str
    fraction: float
    seconds_left: float | None
    error: JobError | None
    advice: tuple[Advice, ...]


@dataclass
class Job:
    """What the manager keeps of a job; guarded by its lock."""

    id: str
    request: CompileRequest
    advice: tuple[Advice, ...] = ()
    reports: Broadcast[JobReport] = field(default_factory=Broadcast)
    state: JobState = JobState.WAITING
    usable: bool = False
    quality: str = ""
    stage: str = "waiting"
    words: str = "waiting"
    fraction: float = 0.0
    pace: Pace = field(default_factory=Pace)
    error: JobError | None = None
    process: subprocess.Popen[str] | None = None

    def restart(self, request: CompileRequest) -> None:
        """Wait again, for another request."""
        self.request = request
        self.state = JobState.WAITING
        self.quality = request.steps[0].quality
        self.stage = self.words = "waiting"
        self.fraction = 0.0
        self.pace = Pace()
        self.error = None

    def report(self, jobs_ahead: int) -> JobReport:
        """The job now."""
        return JobReport(
            id=self.id,
            request=self.request,
            state=self.state,
            jobs_ahead=jobs_ahead,
            usable=self.usable,
            quality=self.quality,
            stage=self.stage,
            words=self.words,
            fraction=self.fraction,
            seconds_left=None if self.state.ended else self.pace.seconds_left,
            error=self.error,
            advice=self.advice,
        )
