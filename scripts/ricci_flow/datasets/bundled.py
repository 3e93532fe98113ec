"""Kind `sklearn`: the small tables that come with scikit-learn."""

from ricci_flow.datasets.checks import check_features
from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.request import Request
from ricci_flow.datasets.split import choose_classes, keep_classes, split_at_random
from ricci_flow.seeds import derive_generator, derive_seed

TABLES = ("digits", "breast_cancer", "wine", "iris")


def load_bundled(request: Request) -> Cloud:
    """Load a bundled table and split it at random, class by class (half by default).

    The digits are 8 x 8 images of values 0..16. Raises InputError for an unknown table or class.
    """
    if request.table not in TABLES:
        raise request.reject("table", f"use one of: {', '.join(TABLES)}")
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{request.table}")()
    X = check_features(bunch.data, "data", request.where)
    labels = bunch.target_names.astype(str)[bunch.target]
    classes = choose_classes(labels, request.classes, request.where)
    fraction = 0.5 if request.test_fraction is None else request.test_fraction
    names = (request.seed_name, request.name, "data")
    kept = keep_classes(X, labels, classes)
    train, test = split_at_random(kept, fraction, derive_generator(*names), request.where)
    digits = request.table == "digits"
    return Cloud(
        train=train,
        test=test,
        classes=classes,
        source=f"scikit-learn, load_{request.table}",
        unit=16.0 if digits else None,
        image_shape=(8, 8) if digits else None,
        seed=derive_seed(*names),
        parameters={"table": request.table, "test_fraction": fraction},
    )
