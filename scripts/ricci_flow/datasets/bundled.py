"""Kind `sklearn`: the small tables that come with scikit-learn."""

from collections.abc import Callable

from ricci_flow.datasets.checks import check_features
from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.request import Request, Sklearn
from ricci_flow.datasets.split import choose_classes, keep_classes, split_at_random
from ricci_flow.seeds import derive_generator, derive_seed


def load(request: Request, entry: Sklearn, say: Callable[[str], None]) -> Cloud:
    """Load a bundled table and split it at random, class by class (half by default).

    The digits are 8 x 8 images of values 0..16. Raises InputError for an unknown class.
    """
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{entry.table}")()
    X = check_features(bunch.data, "data", request.where)
    labels = bunch.target_names.astype(str)[bunch.target]
    classes = choose_classes(labels, entry.classes, request.where)
    names = (request.seed_name, request.name, "data")
    kept = keep_classes(X, labels, classes)
    train, test = split_at_random(
        kept, entry.test_fraction, derive_generator(*names), request.where
    )
    digits = entry.table == "digits"
    return Cloud(
        train=train,
        test=test,
        classes=classes,
        source=f"scikit-learn, load_{entry.table}",
        unit=16.0 if digits else None,
        image_shape=(8, 8) if digits else None,
        seed=derive_seed(*names),
        parameters={"table": entry.table, "test_fraction": entry.test_fraction},
    )
