"""The stage's one call: from a request to the arrays and facts of its two files."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from ricci_flow.datasets.cloud import Cloud, cloud_facts, cloud_tensors, finish_cloud
from ricci_flow.datasets.drawn_points import draw_test_points
from ricci_flow.datasets.fingerprint import check_sha256, content_sha256
from ricci_flow.datasets.request import Given, Outside, Request, Synthetic


def make_data_set(
    request: Request, say: Callable[[str], None]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Make a data set.

    say: told, line by line, what is worth knowing. Rows come class by class (all of y = 0, then
    all of y = 1, ...) in both parts and for every kind, as in the code released with the paper;
    within a class they keep the order of their source. Values are raw; see `scale`.

    Returns the tensors (X_train (n_train, features) and X_test (n_test, features) float32, or
    float64 where raw values need it; y_train and y_test uint8; of given layers y_test alone;
    X_spare and y_spare where only a part of the test points was drawn) and the facts, both as
    reports/guide/files.md describes them. Raises InputError, one line, where what the request
    names is wrong.
    """
    entry = request.entry
    if isinstance(entry, Given):
        given = import_module(f"ricci_flow.datasets.{entry.module}")
        tensors, facts = given.load(request, entry)
        for note in facts["notes"]:
            say(note)
        return tensors, facts
    cloud = finish_cloud(_load(request, say), request)
    if not isinstance(entry, Synthetic):
        sha256 = content_sha256(cloud)
        check_sha256(sha256, request, entry.sha256 if isinstance(entry, Outside) else None)
        cloud = replace(cloud, parameters={**cloud.parameters, "sha256": sha256})
    cloud, spare = draw_test_points(cloud, request.test_points, request.seed_name, request.name)
    facts = cloud_facts(cloud, request)
    for note in cloud.notes:
        say(f"warning: {note}")
    constant = int(np.sum(cloud.train.X.min(axis=0) == cloud.train.X.max(axis=0)))
    if constant:
        say(f"{constant} of {facts['features']} features are constant over the training rows")
    say(
        f"{facts['n_train']} training and {facts['n_test']} test points, {facts['features']} "
        f"features: {facts['source']}"
    )
    left_over = {} if spare is None else {"X_spare": spare.X, "y_spare": spare.y}
    return cloud_tensors(cloud) | left_over, facts


def _load(request: Request, say: Callable[[str], None]) -> Cloud:
    # A kind's module imports only what it needs: scikit-learn alone takes a second.
    module = import_module(f"ricci_flow.datasets.{request.entry.module}")
    cloud: Cloud = module.load(request, request.entry, say)
    return cloud
