"""A condition without networks goes through the same stages, beside those that have them."""

import polars as pl

CONDITIONS = ("--config", 'conditions=["trained","untrained","random_features"]')
AFTER_ENSEMBLES = ("statistics", "figure ", "report", "explore", "config of the study", "manifest")


def test_random_features_train_nothing_and_touch_no_other_condition(study):
    jobs = study.plan(*CONDITIONS)
    ensembles = {job for job in jobs if not job.startswith(AFTER_ENSEMBLES)}
    stages = ("random features", "graphs", "measures", "coefficients")
    assert ensembles == {
        f"{stage} {data_set}/{architecture}/random_features"
        for stage in stages
        for data_set in ("rolls", "digits")
        for architecture in ("short", "long")
    }
    result = study.tiny(*CONDITIONS)
    assert result.status == 0, result.text
    accuracy = pl.read_parquet(study.folder / "results/tiny/statistics/accuracy.parquet")
    keys = ["data_set", "architecture", "network", "test_accuracy", "kept"]
    trained, drawn = (
        accuracy.filter(condition=name).select(keys) for name in ("trained", "random_features")
    )
    assert drawn.equals(trained)
    claims = pl.read_parquet(study.folder / "results/tiny/statistics/claims.parquet")
    assert "random_features" in claims["condition"].to_list()
