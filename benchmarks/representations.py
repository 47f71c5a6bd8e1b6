"""Which representation of a character fits the teacher best? Polynomials, kernels and small networks on one basis.

    python benchmarks/representations.py [PICTURE] [--turns 250] [--faces 900] [--json]

The teacher draws turns and faces of one picture (minutes); a fifth of them is held out. Every method gets the same
samples and the same basis. Errors are of the held-out samples: of the flow in px on the character and of the warped
picture against the teacher's in dB, of the eye with its brow in dB over its rectangle (premultiplied sRGB).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from kuchipaku.paths import bundled_folder
from kuchipaku_tha.colour import linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.compiled import CompiledMorpher, MorphData, box_canvas
from kuchipaku_tha.dense import Matrix, fit_dense
from kuchipaku_tha.field import FieldDesign, principal_directions, solve_last_layer
from kuchipaku_tha.fitting import FLOW_DESIGN, PATCH_DESIGN
from kuchipaku_tha.flow import coarse_flow
from kuchipaku_tha.picture import load_picture, premultiply
from kuchipaku_tha.placement import place_whole, to_box
from kuchipaku_tha.pose import ROTATION, Pose, neutral_pose
from kuchipaku_tha.regions import find_regions
from kuchipaku_tha.sampling import face_poses, probe_poses, turn_poses
from kuchipaku_tha.teacher import Teacher

Predict: TypeAlias = Callable[[Matrix], Matrix]
"""From pose values (poses, inputs) to coefficients (poses, components)."""
Fit: TypeAlias = Callable[[Matrix, Matrix, int], Predict]
"""From inputs, coefficients and a seed to a prediction."""


@dataclass(frozen=True)
class Samples:
    """What the teacher drew.

    Attributes:
        inputs: pose values, (samples, inputs).
        values: what they add, flattened, (samples, size).
        held_out: which samples no method may see.
        components: size of the basis.
    """

    inputs: Matrix
    values: Matrix
    held_out: NDArray[np.bool_]
    components: int

    def predictions(self, fit: Fit) -> Matrix:
        """The held-out values as a method predicts them, zero at the neutral pose."""
        seen = ~self.held_out
        basis = principal_directions(self.values[seen], self.components)
        predict = fit(self.inputs[seen], self.values[seen] @ basis.T, 0)
        rest = predict(np.zeros((1, self.inputs.shape[1]), np.float32))
        return np.asarray((predict(self.inputs[self.held_out]) - rest) @ basis, np.float32)

    def ceiling(self) -> Matrix:
        """The held-out values as the basis alone can show them."""
        basis = principal_directions(self.values[~self.held_out], self.components)
        return np.asarray(self.values[self.held_out] @ basis.T @ basis, np.float32)


def monomials(inputs: Matrix, degree: int) -> Matrix:
    """All products of up to ``degree`` inputs, (samples, terms)."""
    columns = [np.ones(len(inputs), np.float32)]
    for order in range(1, degree + 1):
        chosen = combinations_with_replacement(range(inputs.shape[1]), order)
        columns += [np.prod(inputs[:, list(term)], axis=1) for term in chosen]
    return np.stack(columns, axis=1)


def polynomial(degree: int) -> Fit:
    """Ridge regression on monomials, each order punished ten times more than the one below."""

    def fit(inputs: Matrix, targets: Matrix, _seed: int) -> Predict:
        terms = monomials(inputs, degree)
        orders = [0] + [
            order
            for order in range(1, degree + 1)
            for _ in combinations_with_replacement(range(inputs.shape[1]), order)
        ]
        penalty = np.diag(1e-5 * 10.0 ** np.array(orders, float))
        weights = np.linalg.solve(terms.T @ terms + penalty, terms.T @ targets)
        return lambda new: np.asarray(monomials(new, degree) @ weights, np.float32)

    return fit


def kernel(length: float) -> Fit:
    """Kernel ridge regression with Matérn 3/2."""

    def covariance(a: Matrix, b: Matrix) -> NDArray[np.float64]:
        distance = np.sqrt(3) * cdist(a, b) / length
        return np.asarray((1 + distance) * np.exp(-distance))

    def fit(inputs: Matrix, targets: Matrix, _seed: int) -> Predict:
        weights = np.linalg.solve(covariance(inputs, inputs) + 1e-2 * np.eye(len(inputs)), targets)
        return lambda new: np.asarray(covariance(new, inputs) @ weights, np.float32)

    return fit


def network(design: FieldDesign) -> Fit:
    """A small dense network, trained as the compiler does."""

    def fit(inputs: Matrix, targets: Matrix, seed: int) -> Predict:
        trained = fit_dense(inputs, targets, design.hidden, np.random.default_rng(seed), design.schedule(len(inputs)))
        return solve_last_layer(trained, inputs, targets)

    return fit


FLOW_METHODS: dict[str, Fit] = {
    "linear": polynomial(1),
    "quadratic": polynomial(2),
    "cubic": polynomial(3),
    "quartic": polynomial(4),
    "kernel ridge": kernel(3.0),
    "network": network(FLOW_DESIGN),
}
PATCH_METHODS: dict[str, Fit] = {
    "linear": polynomial(1),
    "quadratic": polynomial(2),
    "kernel ridge": kernel(1.5),
    "network": network(PATCH_DESIGN),
}


def decibels(error: NDArray[np.floating]) -> float:
    """Peak signal-to-noise ratio for values in [0, 255]."""
    return float(10 * np.log10(255**2 / np.mean(np.square(error, dtype=np.float64))))


def compare_flows(teacher: Teacher, source: NDArray[np.uint8], count: int) -> list[dict[str, object]]:
    """Sample turns, fit and judge."""
    poses = turn_poses(count, seed=1)
    rest = coarse_flow(teacher.pose(neutral_pose()))
    flows, pictures = [], []
    held_out = np.arange(count) % 5 == 4
    for index, pose in enumerate(track(poses, "turns")):
        result = teacher.pose(pose)
        flows.append(coarse_flow(result) - rest)
        if held_out[index]:
            pictures.append(premultiply(linear_image_to_srgb(result.image)))
    samples = Samples(poses[:, ROTATION], np.stack(flows).reshape(count, -1), held_out, FLOW_DESIGN.components)
    shape = flows[0].shape

    def judge(name: str, predicted: Matrix) -> dict[str, object]:
        error_px, picture_db = [], []
        for flow, truth, picture in zip(predicted, samples.values[held_out], pictures, strict=True):
            on_character = cv2.resize(picture[..., 3], shape[:2], interpolation=cv2.INTER_AREA) > 127
            difference = (flow - truth).reshape(shape)[on_character]
            error_px.append(np.linalg.norm(difference, axis=-1).mean())
            warped = warp(premultiply(source), flow.reshape(shape))
            picture_db.append(decibels(warped.astype(float) - picture))
        return {
            "what": "turn",
            "method": name,
            "flow_error_px": round(float(np.mean(error_px)), 3),
            "psnr_db": round(float(np.mean(picture_db)), 2),
        }

    rows = [judge("at rest", np.zeros_like(samples.values[held_out]))]
    rows += [judge(name, samples.predictions(fit)) for name, fit in FLOW_METHODS.items()]
    rows += [judge("the basis alone", samples.ceiling()), judge("the teacher's own", samples.values[held_out])]
    return rows


def warp(picture: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture under a fixed flow, drawn by the compiled morpher itself."""

    class Fixed:
        shape = flow.shape

        def __call__(self, pose: Pose) -> NDArray[np.float32]:
            del pose
            return flow

    pose = neutral_pose()
    pose[ROTATION] = 1
    data = MorphData(Fixed(), np.zeros_like(flow), ())  # type: ignore[arg-type]
    return CompiledMorpher(box_canvas(picture, data)).render(pose)


def compare_patches(teacher: Teacher, count: int) -> list[dict[str, object]]:
    """Sample faces, fit the character's left eye with its brow and judge."""
    probes = np.stack(probe_poses())
    poses = np.concatenate((probes, face_poses(count, seed=1)))
    crops = np.stack(
        [
            premultiply(linear_image_to_srgb(teacher.face(pose).crop))[..., :3].astype(np.float32)
            for pose in track([neutral_pose(), *poses], "faces")
        ]
    )
    neutral, crops = crops[0], crops[1:]
    region = find_regions(neutral, crops[: len(probes)], probes)[0]
    values = (crops - neutral)[(slice(None), *region.area)].reshape(len(crops), -1)
    held_out = (np.arange(len(poses)) % 5 == 4) & (np.arange(len(poses)) >= len(probes))
    samples = Samples(np.ascontiguousarray(poses[:, region.inputs]), values, held_out, PATCH_DESIGN.components)

    def judge(name: str, predicted: Matrix) -> dict[str, object]:
        return {"what": "eye", "method": name, "psnr_db": round(decibels(predicted - values[held_out]), 2)}

    rows = [judge("at rest", np.zeros_like(values[held_out]))]
    rows += [judge(name, samples.predictions(fit)) for name, fit in PATCH_METHODS.items()]
    return [*rows, judge("the basis alone", samples.ceiling())]


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "picture", type=Path, nargs="?", default=bundled_folder("characters") / "koharu" / "picture.png"
    )
    parser.add_argument("--turns", type=int, default=250)
    parser.add_argument("--faces", type=int, default=900)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    picture = load_picture(arguments.picture)
    source = to_box(picture, place_whole(picture))
    teacher = Teacher.load()
    teacher.set_picture(srgb_to_linear_image(source))
    with threadpool_limits(limits=1, user_api="blas"):
        rows = compare_flows(teacher, source, arguments.turns) + compare_patches(teacher, arguments.faces)
    table = Table("what", "method", "flow error, px", "PSNR, dB")
    for row in rows:
        table.add_row(*(str(row.get(key, "")) for key in ("what", "method", "flow_error_px", "psnr_db")))
    Console().print(table)
    if arguments.json:
        print(json.dumps({"turns": arguments.turns, "faces": arguments.faces, "rows": rows}))


if __name__ == "__main__":
    main()
