"""Architectures with too few layers for some numbers: the others, and the reason."""

import polars as pl

from tests.workflow.runner import pages_of

TOO_FEW = "3 layers, a coefficient needs 4"
NO_Z = "4 layers, z needs 5: not in the regression"


def test_three_and_four_layers_are_measured_as_far_as_they_can_be(empty):
    empty.config = "tiny/mini.yaml"
    catalogue = empty.folder / "tiny/architectures.yaml"
    catalogue.write_text("three:\n  widths: [6, 6, 6]\nfour:\n  widths: [6, 6, 6, 6]\n", "utf-8")
    empty.edit("tiny/mini.yaml", "[short]", "[three, four]")
    empty.edit("tiny/mini.yaml", "epochs: 2", "epochs: 30")  # until they are kept
    empty.edit(
        "tiny/mini.yaml",
        "curvatures: { measures: [] }",
        "curvatures: { measures: [augmented_forman] }",
    )
    run = empty.tiny()
    assert run.status == 0, run.text
    warnings = [line for line in run.text.splitlines() if line.startswith("warning: ")]
    assert [line.split("'")[1] for line in warnings] == ["three.widths", "four.widths"]

    def of_three(path, column):
        name = f"results/mini/{path}/rolls/three/trained/{column[0]}.parquet"
        return set(pl.read_parquet(empty.folder / name)[column[1]])

    assert of_three("coefficients", ("networks", "reason")) == {TOO_FEW}
    assert of_three("measures", ("curvatures.local", "local_reason")) == {TOO_FEW}
    assert None not in of_three("measures", ("curvatures", "mean"))
    assert None not in of_three("measures", ("main", "value"))
    # Pooled over networks there are pairs enough.
    assert any(rho is not None for rho in of_three("coefficients", ("cell", "rho")))

    statistics = empty.folder / "results/mini/statistics"
    further = pl.read_parquet(statistics / "further.parquet")
    assert set(further.filter(architecture="three")["reason"]) == {TOO_FEW}
    excluded = pl.read_parquet(statistics / "excluded.parquet")
    assert set(excluded.filter(architecture="three")["reason"]) == {TOO_FEW}
    four = pl.read_parquet(statistics / "networks.parquet").filter(
        pl.col("rho").is_not_null(), architecture="four"
    )
    assert len(four)
    assert set(four["reason"]) == {NO_Z}
    assert set(four["z_printed"]) == {None}
    page = pages_of(empty.folder / "results/mini")
    assert TOO_FEW in page
