"""What data sets of given layers have in common, whether these were brought or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ricci_flow.datasets.drawn_points import draw_rows, drawn_note
from ricci_flow.datasets.request import Request

FEWEST_LAYERS = 3


@dataclass(frozen=True)
class Outline:
    """What the arrays are: networks, points, and the width of every layer.

    layers: the names of their arrays; unused: those of arrays that are neither layers nor the
    labels asked for.
    """

    networks: int
    points: int
    widths: tuple[int, ...]
    layers: tuple[str, ...]
    unused: tuple[str, ...] = ()


def given_data_set(
    request: Request,
    outline: Outline,
    source: str,
    notes: Sequence[str],
    classes: Sequence[str],
    y: np.ndarray,
    parameters: Mapping[str, Any] = {},
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return tensors and facts of a data set that is known by layers alone.

    y: class of every point, (n,) uint8, empty where there are no labels. Tensors: y_test, of the
    points that are drawn where only a part is measured.
    """
    rows = draw_rows(outline.points, request.test_points, request.seed_name, request.name)
    points = outline.points if rows is None else len(rows)
    y = y if rows is None or not len(y) else y[rows]
    counts = np.bincount(y, minlength=len(classes)).tolist()
    said = list(notes)
    if rows is not None:
        said.append(drawn_note(outline.points, points, request.seed_name, request.name))
    unknown = ("n_train", "features", "counts_train", "larger_class_train", "unit", "scale")
    facts = {
        "data_set": request.name,
        "kind": request.entry.kind,
        "n_test": points,
        "classes": list(classes),
        "counts_test": counts,
        "larger_class_test": max(counts) / len(y) if counts else None,
        "image_shape": None,
        "seed": None,
        "source": source,
        "parameters": {
            "networks": outline.networks,
            "widths": list(outline.widths),
            "layers": list(outline.layers),
            **parameters,
        },
        "notes": said,
        "beyond_float32": [],
    }
    return {"y_test": y}, facts | dict.fromkeys(unknown)
