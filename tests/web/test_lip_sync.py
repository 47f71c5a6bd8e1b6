"""What a viewer receives of a built-in character: lips and sound that belong together."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku.avatars import AvatarRegistry
from kuchipaku.events import Event, VisemeShown
from kuchipaku.mailbox import Mailbox
from kuchipaku.visemes import SHAPES
from kuchipaku_tha.character import Character
from kuchipaku_tha.pose import PARAMETERS, neutral_pose, pose_from
from tests.waiting import eventually
from tests.web.peer import Peer, watching

SENTENCE = "Papa and mama bought a big banana, and we all ate it outside."
LOUD = 300
"""Mean amplitude, of 32768, above which a piece of 20 ms is heard."""


async def test_the_mouth_follows_the_visemes_and_the_sound(
    server_url: str, registry: AvatarRegistry, character: Character
) -> None:
    avatar = registry.create("speaker", character, seed=1)
    avatar.set_pose({parameter.name: 0.0 for parameter in PARAMETERS if parameter.group == "rotation"})
    events = avatar.subscribe_events()
    async with watching(server_url, avatar) as (peer, _):
        await asyncio.sleep(1.0)
        avatar.speak(SENTENCE)
        await asyncio.to_thread(eventually, lambda: not avatar.speaking, 60)
        await asyncio.sleep(0.7)
    cues = viseme_cues(events)
    begin_s, end_s = cues[0].time_s, cues[-1].time_s + cues[-1].duration_s
    at_s, opening = openings(peer, character, begin_s)
    spoken = (at_s > begin_s) & (at_s < end_s + 0.5)

    correlation, lag_s = best_match(at_s[spoken], opening[spoken], cues)
    assert correlation > 0.5, f"{correlation:.2f} at a delay of {1000 * lag_s:.0f} ms"
    assert np.percentile(opening[spoken], 90) > 2 * np.percentile(opening[~spoken], 90)

    heard_s = [moment_s for moment_s, level in peer.loudness if level > LOUD]
    assert heard_s[0] == pytest.approx(begin_s, abs=1.0)
    assert heard_s[-1] == pytest.approx(end_s, abs=1.0)


def viseme_cues(events: Mailbox[Event]) -> list[VisemeShown]:
    """The visemes among the events so far."""
    return [event for event in (events.get(0) for _ in range(len(events))) if isinstance(event, VisemeShown)]


def openings(peer: Peer, character: Character, begin_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each received picture came, and how much its mouth differs from the closed one before the speech."""
    rows, columns = mouth_box(character)
    at_s = np.array([moment_s for moment_s, _ in peer.pictures])
    mouths = np.array([picture[rows, columns] for _, picture in peer.pictures], np.float32)
    closed = np.median(mouths[at_s < begin_s], axis=0)
    return at_s, np.abs(mouths - closed).mean(axis=(1, 2, 3)).astype(np.float64)


def mouth_box(character: Character) -> tuple[slice, slice]:
    """Rows and columns of the picture that change when the mouth opens."""
    morpher = character.morpher()
    shut, wide = morpher.render(neutral_pose()), morpher.render(pose_from({"mouth_aaa": 1.0}))
    changed = np.abs(wide.astype(int) - shut).max(axis=2) > 40
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def best_match(at_s: NDArray[np.float64], opening: NDArray[np.float64], cues: list[VisemeShown]) -> tuple[float, float]:
    """Greatest correlation of the measured opening with the cues', and the delay at which it occurs."""

    def correlation(lag_s: float) -> float:
        wanted = [wanted_opening(moment_s - lag_s, cues) for moment_s in at_s]
        return float(np.corrcoef(wanted, opening)[0, 1])

    return max((correlation(lag_s), lag_s) for lag_s in np.arange(-0.1, 0.8, 0.02))


def wanted_opening(moment_s: float, cues: list[VisemeShown]) -> float:
    """How far the cues open the mouth on average within 0.1 s, as lips take that long to move."""
    low_s, high_s = moment_s - 0.05, moment_s + 0.05
    opened = 0.0
    for cue in cues:
        overlap_s = min(high_s, cue.time_s + cue.duration_s) - max(low_s, cue.time_s)
        opened += max(0.0, overlap_s) * float(SHAPES[cue.viseme].morphs.sum())
    return opened / (high_s - low_s)
