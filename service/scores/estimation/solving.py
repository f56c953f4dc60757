"""Solves the reduced equations: by conjugate gradients, or with their whole inverse.

Pure. The law: the same bytes on any number of cores, so dense work is done in tiles too
small for BLAS to share among threads, in an order of our own.
"""

from typing import Final

import numpy as np

from service.scores.estimation.model import Floats
from service.scores.estimation.system import System, times

TILE: Final = 64
"""OpenBLAS multiplies up to 64 x 64 x 64 in one thread."""
TOGETHER: Final = 32
"""Right sides solved at once: as many as the processor's cache holds."""
MOST: Final = 1_000
"""Iterations before a solution is taken as it stands."""
TINY: Final = 1e-300


def solve(
    system: System,
    right: Floats,
    tolerance: float,
    *,
    start: Floats | None = None,
    inverse: Floats | None = None,
) -> Floats:
    """Solve S x = right (kept levels by columns) by preconditioned conjugate gradients.

    Until every column's residual, in the norm of the preconditioner, is `tolerance` of
    its right side's. Preconditioned by the diagonal, or by S⁻¹ where that is known.
    """
    found = np.empty_like(right)
    for at in range(0, right.shape[1], TOGETHER):
        these = slice(at, at + TOGETHER)
        first = None if start is None else np.ascontiguousarray(start[:, these])
        columns = np.ascontiguousarray(right[:, these])
        found[:, these] = _solved(system, columns, tolerance, first, inverse)
    return found


def _solved(
    system: System,
    right: Floats,
    tolerance: float,
    start: Floats | None,
    inverse: Floats | None,
) -> Floats:
    over = 1 / system.diagonal[:, None]

    def eased(values: Floats) -> Floats:
        if inverse is not None:
            return product(inverse, values)
        return values * over

    found = np.zeros_like(right) if start is None else start.copy()
    rest = right.copy() if start is None else right - times(system, found)
    goal = tolerance**2 * _dots(right, eased(right)) + TINY
    near = eased(rest)
    size = _dots(rest, near)
    along = near.copy()
    iterations = 0
    while bool((size > goal).any()) and iterations < MOST:
        image = times(system, along)
        step = size / np.maximum(_dots(along, image), TINY)
        found += step * along
        rest -= step * image
        near = eased(rest)
        before, size = size, _dots(rest, near)
        along *= size / np.maximum(before, TINY)
        along += near
        iterations += 1
    return found


def _dots(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", one, other))


def whole(system: System) -> tuple[Floats, float]:
    """Return S⁻¹ and log |S|, by sweeping tile after tile.

    Raises `numpy.linalg.LinAlgError` where S is not positive definite to rounding.
    """
    size = len(system.own)
    tiles = -(-size // TILE)
    table = _tiled(_dense(system), tiles, tiles)
    for at in range(size, tiles * TILE):  # Past the end, the identity.
        table[-1, -1, at % TILE, at % TILE] = 1.0
    logarithm = 0.0
    for at in range(tiles):
        lower = np.linalg.cholesky(table[at, at])
        logarithm += 2 * float(np.log(np.diagonal(lower)).sum())
        _sweep(table, at)
    inverse = -_flat(table)[:size, :size]
    return np.tril(inverse) + np.tril(inverse, -1).T, logarithm


def _sweep(table: Floats, at: int) -> None:
    """Sweep one tile of a symmetric table of which the lower half is kept, in place.

    Once every tile is swept, the table is minus its inverse (Goodnight, The American
    Statistician 33, 1979).
    """
    tiles = len(table)
    pivot = np.linalg.inv(table[at, at])
    pivot = (pivot + pivot.T) / 2
    column = table[:, at].copy()
    column[:at] = table[at, :at].transpose(0, 2, 1)
    eased = column @ pivot
    turned = column.transpose(0, 2, 1)
    for line in range(tiles):
        if line != at:
            table[line, : line + 1] -= eased[line] @ turned[: line + 1]
    table[at + 1 :, at] = eased[at + 1 :]
    table[at, :at] = eased[:at].transpose(0, 2, 1)
    table[at, at] = -pivot


def _dense(system: System) -> Floats:
    """Return S in full, clusters and all."""
    spread = system.across * (1 / system.other)[None, :]
    found = -(spread @ system.back).toarray()
    found[np.diag_indices(len(found))] += system.own
    if len(system.clusters):
        shared = cluster_columns(system)
        found -= product(shared / system.clusters[None, :], shared.T)
    return np.asarray(found)


def cluster_columns(system: System) -> Floats:
    """Return B (1/θ)/D summed over each cluster: kept levels by clusters."""
    cluster = system.design.cluster
    columns = np.zeros((len(system.other), len(system.clusters)))
    columns[np.arange(len(columns)), cluster] = system.freed
    return np.asarray(system.across @ columns)


def product(one: Floats, other: Floats) -> Floats:
    """Return a matrix product, tile by tile in one order."""
    rows, middle, columns = one.shape[0], one.shape[1], other.shape[1]
    height, depth, width = (-(-n // TILE) for n in (rows, middle, columns))
    left, right = _tiled(one, height, depth), _tiled(other, depth, width)
    found = np.zeros((height, width, TILE, TILE))
    for line in range(height):
        for at in range(depth):
            found[line] += left[line, at] @ right[at]
    return _flat(found)[:rows, :columns]


def _tiled(values: Floats, height: int, width: int) -> Floats:
    padded = np.zeros((height * TILE, width * TILE))
    padded[: values.shape[0], : values.shape[1]] = values
    split = padded.reshape(height, TILE, width, TILE)
    return np.ascontiguousarray(split.transpose(0, 2, 1, 3))


def _flat(tiles: Floats) -> Floats:
    height, width = tiles.shape[:2]
    return tiles.transpose(0, 2, 1, 3).reshape(height * TILE, width * TILE)
