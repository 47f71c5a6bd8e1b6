"""Fits one field after the other and tells how far all of them are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kuchipaku_tha.field import FieldDesign, PoseField, fit_field
from kuchipaku_tha.pose import Pose

FitListener = Callable[[str, float], None]
"""Told what is being fitted, in words, and the finished share of all fitting, 0 to 1."""


class Fitter:
    """Fits the fields of one character.

    Args:
        fields: how many there will be.
        effort: share of the full training, above 0 to 1.
        seed: of the training.
        listener: told about progress.
    """

    def __init__(self, fields: int, effort: float, seed: int, listener: FitListener) -> None:
        self._fields = fields
        self._effort = effort
        self._listener = listener
        self._rng = np.random.default_rng(seed)
        self._finished = 0

    def fit(
        self,
        poses: Pose,
        values: NDArray[np.float32],
        inputs: NDArray[np.int32],
        design: FieldDesign,
        words: str,
        importance: NDArray[np.float32] | None = None,
    ) -> PoseField:
        """Fit the next field, see :func:`kuchipaku_tha.field.fit_field`; ``words`` say to a user what it is."""

        def report(fraction: float) -> None:
            self._listener(words, (self._finished + fraction) / self._fields)

        design = replace(design, steps=max(1, round(design.steps * self._effort)))
        with threadpool_limits(limits=1, user_api="blas"):
            field = fit_field(poses, values, inputs, design, self._rng, report, importance)
        self._finished += 1
        return field
