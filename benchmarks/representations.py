"""Which representation of a character fits the teacher best? Polynomials, kernels and small networks on one basis.

    python -m benchmarks.representations [PICTURE] [--turns 600] [--faces 1500] [--json]

Takes what the compiler drew of a picture (and lets the teacher draw what is missing); a tenth of it is held out. Every
method gets the same samples, those on pixels the same basis. Errors are of the held-out samples: of the flow in px on
the character and of the warped picture against the teacher's in dB; of one eye with its brow in dB over its rectangle
(premultiplied sRGB).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from kuchipaku_tha.colour import linear_image_to_srgb
from kuchipaku_tha.compiled import CompiledMorpher, MorphData, box_canvas
from kuchipaku_tha.dense import Matrix, fit_dense
from kuchipaku_tha.drawing import CharacterSamples, draw_samples
from kuchipaku_tha.field import FieldDesign, principal_directions, solve_last_layer
from kuchipaku_tha.fitter import Fitter
from kuchipaku_tha.fitting import FLOW_DESIGN, PATCH_DESIGN
from kuchipaku_tha.head import place
from kuchipaku_tha.picture import load_picture, premultiply
from kuchipaku_tha.placement import to_box
from kuchipaku_tha.pose import PARAMETERS, ROTATION, Pose, neutral_pose
from kuchipaku_tha.regions import find_regions
from kuchipaku_tha.teacher import FACE_REGION, Teacher
from kuchipaku_tha.upper_fitting import fit_upper

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


def compare_flows(samples: CharacterSamples, teacher: Teacher) -> list[dict[str, object]]:
    """Fit and judge turns."""
    poses = samples.turns.poses
    flows = samples.turns.array("flow") - samples.neutral_turn.array("flow")[0]
    shape = flows.shape[1:]
    held_out = held_out_of(len(poses))
    pictures = [premultiply(linear_image_to_srgb(teacher.pose(pose).image)) for pose in track(poses[held_out], "turns")]
    seen = Samples(poses[:, ROTATION], flows.reshape(len(flows), -1), held_out, FLOW_DESIGN.components)

    def judge(name: str, predicted: Matrix) -> dict[str, object]:
        error_px, picture_db = [], []
        for flow, truth, picture in zip(predicted, seen.values[held_out], pictures, strict=True):
            on_character = cv2.resize(picture[..., 3], shape[:2], interpolation=cv2.INTER_AREA) > 127
            difference = (flow - truth).reshape(shape)[on_character]
            error_px.append(np.linalg.norm(difference, axis=-1).mean())
            warped = warp(premultiply(samples.box), flow.reshape(shape))
            picture_db.append(decibels(warped.astype(float) - picture))
        return {
            "what": "turn",
            "method": name,
            "flow_error_px": round(float(np.mean(error_px)), 3),
            "psnr_db": round(float(np.mean(picture_db)), 2),
        }

    rows = [judge("at rest", np.zeros_like(seen.values[held_out]))]
    rows += [judge(name, seen.predictions(fit)) for name, fit in FLOW_METHODS.items()]
    rows += [judge("the basis alone", seen.ceiling()), judge("the teacher's own", seen.values[held_out])]
    return rows


def held_out_of(count: int) -> NDArray[np.bool_]:
    """The last tenth: what comes before it are the first samples, as a compile with fewer would take."""
    return np.arange(count) >= count - count // 10


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


def compare_eyes(samples: CharacterSamples) -> list[dict[str, object]]:
    """Fit the character's left eye with its brow and judge."""
    neutral, probes, crops = (
        kind.array("crop").astype(np.float32) for kind in (samples.neutral_face, samples.probes, samples.faces)
    )
    regions = find_regions(neutral[0], probes, samples.probes.poses)
    region, poses = regions[0], samples.faces.poses
    area = slice(None), *region.area
    values = ((crops[area] - neutral[0][region.area]) * region.mask[..., None]).reshape(len(crops), -1)
    held_out = held_out_of(len(poses))

    def judge(name: str, predicted: Matrix) -> dict[str, object]:
        return {"what": "eye", "method": name, "psnr_db": round(decibels(predicted - values[held_out]), 2)}

    own = [index for index in region.inputs if not PARAMETERS[index].name.endswith("_right")]
    one_eye, both_eyes = (
        Samples(np.ascontiguousarray(poses[:, inputs]), values, held_out, PATCH_DESIGN.components)
        for inputs in (own, region.inputs)
    )
    rows = [judge("at rest", np.zeros_like(values[held_out]))]
    rows += [judge(f"pixels, {name}", both_eyes.predictions(fit)) for name, fit in PATCH_METHODS.items()]
    rows += [judge("pixels, network, this eye's values", one_eye.predictions(PATCH_METHODS["network"]))]
    rows += [judge("pixels, the basis alone", both_eyes.ceiling())]
    fewer = replace(samples, faces=samples.faces[: int(np.count_nonzero(~held_out))])
    eyes = tuple(one for one in regions if one.group != "mouth")
    upper = fit_upper(fewer, eyes, np.zeros_like(neutral[0]), Fitter(5, 1.0, 0, lambda _words, _share: None))
    drawn = np.zeros((int(np.count_nonzero(held_out)), *neutral[0].shape), np.float32)
    within = tuple(
        slice(side.start - whole.start, side.stop - whole.start)
        for side, whole in zip(upper.area, FACE_REGION, strict=True)
    )
    for face, pose in zip(drawn, poses[held_out], strict=True):
        face[within] = upper.residual(pose)
    return [*rows, judge("layers", drawn[area].reshape(len(drawn), -1))]


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "picture", type=Path, nargs="?", default=bundled_folder("characters") / "koharu" / "picture.png"
    )
    parser.add_argument("--turns", type=int, default=600)
    parser.add_argument("--faces", type=int, default=1500)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    picture = load_picture(arguments.picture)
    teacher = Teacher.load(threads=1)
    samples, _ = draw_samples(
        to_box(picture, place(picture, None, teacher)),
        teacher,
        face_count=arguments.faces,
        turn_count=arguments.turns,
        seed=0,
    )
    with threadpool_limits(limits=1, user_api="blas"):
        rows = compare_eyes(samples) + compare_flows(samples, teacher)
    table = Table("what", "method", "flow error, px", "PSNR, dB")
    for row in rows:
        table.add_row(*(str(row.get(key, "")) for key in ("what", "method", "flow_error_px", "psnr_db")))
    Console().print(table)
    if arguments.json:
        print(json.dumps({"turns": arguments.turns, "faces": arguments.faces, "rows": rows}))


if __name__ == "__main__":
    main()
