"""What wear paths learn from lives that failed: directions and noise, one shape for all, what is usual, and where lives end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.catalogue.transforms import WearPaths
from pdm.errors import TooLittleData
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints
from pdm.learning.transforms.paths import FittedPaths, PathModel
from pdm.learning.transforms.step import AGE, COUNTS, POSITION, Lesson, values

SHAPES = (1.0, 1.5, 2.0)
CAUTION = 0.6
"""No path is quite right: a reading weighs less than its noise alone would say (a tempered posterior, Grünwald 2012)."""
GROWTHS = np.exp(np.linspace(np.log(0.3), np.log(16.0), 28))
"""Rate times age ** shape at the end of a life: from nearly straight to a bend in its last tenth."""
RATES = 11
REACH = 2.5
"""The rates that are weighed: so many, as far as this many standard deviations from the usual one."""
MIN_LIVES = 2
_ROWS = 12
_LAST, _FIRST = 10, 20
_SIGNAL = 4.0
"""A direction counts when lives move along it by twice the noise of one reading or more."""
_LIVES_PER_DIRECTION = 3


@dataclass(frozen=True, eq=False)
class _Path:
    """One life's own path: log rate, level, gain, where it ended, how far its readings lie from it, and the neighbours' products."""

    log_rate: float
    level: Floats
    gain: Floats
    end: Floats
    errors: float
    products: float
    rows: int


def fit(transform: WearPaths, lesson: Lesson) -> FittedPaths:
    """Learn the paths of lives that were seen to their failure.

    Raises:
        TooLittleData: fewer than two lives of a dozen readings failed, or nothing moves along with wear.
    """
    channels = tuple(channel.name for channel in transform.chosen(lesson.channels))
    readings, labels = lesson.readings, lesson.labels
    x, age = values(readings, channels), readings[AGE].to_numpy(dtype=np.float64)
    usable = np.isfinite(x).all(axis=1) & labels.kept & labels.observed & readings[COUNTS].to_numpy(dtype=bool)
    lives = [
        rows
        for rows in _by_life(labels.life, readings[POSITION].to_numpy(dtype=np.float64), usable)
        if len(rows) >= _ROWS
    ]
    if len(lives) < MIN_LIVES:
        raise TooLittleData(
            f"wear paths of class {lesson.asset_class.name} need {MIN_LIVES} lives of {_ROWS} readings seen to their failure: "
            f"there are {len(lives)}",
            hint="expected values and limits need no failures",
        )
    most = min(transform.directions, max(1, len(lives) // _LIVES_PER_DIRECTION))
    mean, mix, moved = _directions(x, lives, most)
    if not mix.shape[1]:
        raise TooLittleData(
            f"no channel of class {lesson.asset_class.name} moves along with wear by more than its noise"
        )
    y = [(x[rows] - mean) @ mix for rows in lives]
    ages = [age[rows] for rows in lives]
    spans = [float((age[rows] + labels.remaining[rows])[-1]) for rows in lives]
    shape, paths = _best_shape(y, ages, spans)
    model = _population(paths, _endings(moved, transform.endings, lesson.seed), mean, mix, shape, lesson)
    return FittedPaths(
        channels, model, transform.soon, transform.later, transform.outputs(lesson.channels, lesson.asset_class)
    )


def _by_life(life: Ints, position: Floats, usable: Bools) -> list[Ints]:
    """The usable rows of every life, in order of time."""
    rows = np.flatnonzero(usable & (life >= 0))
    rows = rows[np.lexsort((position[rows], life[rows]))]
    return [part.astype(np.int64) for part in np.split(rows, np.flatnonzero(np.diff(life[rows])) + 1) if len(part)]


def _directions(x: Floats, lives: list[Ints], most: int) -> tuple[Floats, Floats, Floats]:
    """Mean [inputs], mix [inputs, k] to directions in units of reading noise, and how far each life moved [lives, k].

    Noise is what neighbouring readings differ by. Directions: of the second moment of how far lives have moved when they end.
    """
    rows = np.concatenate(lives)
    mean, scale = x[rows].mean(axis=0), x[rows].std(axis=0)
    alive = scale > 1e-9
    scale = np.where(alive, scale, 1.0)
    z = np.where(alive, (x - mean) / scale, 0.0)
    steps = np.concatenate([np.diff(z[part], axis=0) for part in lives]) / np.sqrt(2.0)
    low, high = np.quantile(steps, [0.002, 0.998], axis=0)
    steps = np.clip(steps, low, high)
    variance, vectors = np.linalg.eigh(steps.T @ steps / len(steps))
    real = variance > 1e-6 * max(float(variance.max()), 1e-12)
    white = vectors[:, real] / np.sqrt(variance[real])
    ends = np.array([(z[part][-_LAST:].mean(axis=0) - z[part][:_FIRST].mean(axis=0)) @ white for part in lives])
    size, axes = np.linalg.eigh(ends.T @ ends / len(ends))
    order = np.argsort(size)[::-1][:most]
    kept = order[size[order] > _SIGNAL]
    mix = (white @ axes[:, kept]) / scale[:, None] * alive[:, None]
    return mean, mix, ends @ axes[:, kept]


def _best_shape(y: list[Floats], ages: list[Floats], spans: list[float]) -> tuple[float, list[_Path]]:
    """The shape with which all lives together lie nearest to their paths, and these paths."""
    tried = {
        shape: [_path(one, age, span, shape) for one, age, span in zip(y, ages, spans, strict=True)] for shape in SHAPES
    }
    best = min(tried, key=lambda shape: sum(path.errors for path in tried[shape]))
    return best, tried[best]


def _path(y: Floats, age: Floats, span: float, shape: float) -> _Path:
    """The path of one life whose length is known: least squares for every growth, and the growth that fits best."""
    x = np.exp(np.outer((age / span) ** shape, GROWTHS)) - 1.0
    inner, outer = x - x.mean(axis=0), y - y.mean(axis=0)
    slope = (inner.T @ outer) / (inner**2).sum(axis=0)[:, None]
    errors = (outer**2).sum() - (slope**2).sum(axis=1) * (inner**2).sum(axis=0)
    best = int(np.argmin(errors))
    gain = slope[best]
    level = y.mean(axis=0) - gain * x[:, best].mean()
    residual = y - level - np.outer(x[:, best], gain)
    return _Path(
        float(np.log(GROWTHS[best] / span**shape)),
        level,
        gain,
        level + gain * (np.exp(GROWTHS[best]) - 1.0),
        float((residual**2).sum()),
        float((residual[1:] * residual[:-1]).sum()),
        y.size,
    )


def _endings(moved: Floats, count: int, seed: int) -> Ints:
    """The kind of ending of every life, by where it had moved to; kinds that too few lives share are none."""
    direction = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    count = min(count, len(moved) // (2 * _LIVES_PER_DIRECTION))
    if count < 2 or len(np.unique(np.round(direction, 6), axis=0)) < count:
        return np.zeros(len(moved), dtype=np.int64)
    from sklearn.cluster import KMeans

    groups = KMeans(count, n_init=10, random_state=seed).fit(direction)
    order = np.lexsort(groups.cluster_centers_.T[::-1])
    names: Ints = np.argsort(order)[groups.labels_].astype(np.int64)
    enough = np.bincount(names, minlength=count) >= _LIVES_PER_DIRECTION
    return names if enough.all() else np.zeros(len(moved), dtype=np.int64)


def _population(paths: list[_Path], ending: Ints, mean: Floats, mix: Floats, shape: float, lesson: Lesson) -> PathModel:
    """What is usual for rate, level and gain in every kind of ending, and where lives of that kind end."""
    k, kinds = mix.shape[1], int(ending.max()) + 1
    rates = np.array([path.log_rate for path in paths])
    usual, spread = float(rates.mean()), max(float(rates.std()), 0.05)
    grid = usual + spread * np.linspace(-REACH, REACH, RATES)
    rows = sum(path.rows for path in paths)
    noise = sum(path.errors for path in paths) / rows
    alike = np.clip(sum(path.products for path in paths) / max(noise * rows, 1e-12), 0.0, 0.95)
    scores, means = np.empty((kinds, RATES)), np.empty((kinds, RATES, 2 * k))
    precisions, ends, limits = np.empty((kinds, 2 * k, 2 * k)), np.empty((kinds, k)), np.empty((kinds, 2))
    for kind in range(kinds):
        own = [path for path, name in zip(paths, ending, strict=True) if name == kind]
        rate, count = np.array([path.log_rate for path in own]), len(own)
        centre = (rate.sum() + 2 * usual) / (count + 2)
        variance = (((rate - centre) ** 2).sum() + 2 * spread**2) / (count + 2)
        prior = np.exp(-0.5 * (grid - centre) ** 2 / variance)
        both = np.array([np.concatenate([path.level, path.gain]) for path in own])
        usual_both, by_rate, covariance = _given_rate(both, rate - centre, variance, noise)
        means[kind] = usual_both + np.outer(grid - centre, by_rate)
        precisions[kind] = np.linalg.inv(covariance)
        scores[kind] = np.log(prior / prior.sum()) + np.log((count + 1) / (len(paths) + kinds))
        scores[kind] += 0.5 * np.linalg.slogdet(precisions[kind])[1]
        scores[kind] -= 0.5 * np.einsum("ti,ij,tj->t", means[kind], precisions[kind], means[kind])
        ends[kind], limits[kind] = _end(
            np.array([path.end for path in own]), np.array([path.level for path in own]), noise
        )
    return PathModel(
        mean,
        mix,
        np.exp(grid),
        shape,
        scores,
        means,
        precisions,
        ends,
        limits,
        CAUTION * float((1.0 - alike) / (1.0 + alike) / noise),
        lesson.cap,
        lesson.asset_class.axis.step,
    )


def _given_rate(both: Floats, rate: Floats, variance: float, noise: float) -> tuple[Floats, Floats, Floats]:
    """Mean of (level, gain), its slope in the log rate (centred), and the covariance around it; few lives get a wide one."""
    count, size = both.shape
    design = np.column_stack([np.ones(count), rate])
    faint = np.diag([0.0, 0.02 * count * variance])
    line = np.linalg.solve(design.T @ design + faint + 1e-12 * np.eye(2), design.T @ both)
    residual = both - design @ line
    covariance = residual.T @ residual / max(count - 2, 1)
    # A handful of lives says little about how lives differ: as much again as half of what is usual, shared among them.
    open_yet = 0.25 * np.square(both).mean(axis=0) / count**2
    covariance = covariance + np.diag(0.05 * np.diag(covariance) + open_yet) + 0.02 * noise * np.eye(size)
    return line[0], line[1], covariance


def _end(ends: Floats, levels: Floats, noise: float) -> tuple[Floats, Floats]:
    """The direction in which lives end most alike, measured by how far they went, and (limit, variance) along it."""
    count, k = ends.shape
    way = ends.mean(axis=0) - levels.mean(axis=0)
    apart = ends - ends.mean(axis=0)
    spread = apart.T @ apart / max(count - 1, 1) + noise * np.eye(k)
    direction = np.linalg.solve(spread, way)
    direction = direction / float(direction @ way)
    along = ends @ direction
    return direction, np.array([along.mean(), float(along.var()) * count / max(count - k, 1) + 0.1 / count**2])
