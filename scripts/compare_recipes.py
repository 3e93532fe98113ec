"""Compare the conditions of a study, as candidates for the paper's recipe, with its Figure 3.

The study is one that has run up to its statistics, such as config/search.yaml. Makes a table
(Parquet) and a README that shows it.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def compare_recipes(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the tables of a study, write the table of its recipes."""
    from ricci_flow.analysis.cells import cells_of, study_moments
    from ricci_flow.analysis.join import read_ensembles
    from ricci_flow.analysis.published import read_published
    from ricci_flow.analysis.recipes import recipe_table
    from ricci_flow.coefficients.inputs import layers_of
    from ricci_flow.report.recipes import recipes_page
    from ricci_flow.storage import read_table, write_table
    from ricci_flow.tables.keys import CELL_KEYS, ENSEMBLE
    from ricci_flow.tables.measures import MEASURES
    from ricci_flow.tables.recipes import RECIPES
    from ricci_flow.yaml_file import load_yaml

    root: Path = arguments.root
    accuracy = read_table(root / "statistics" / "accuracy.parquet")
    ensembles = [
        "/".join(row) for row in accuracy.select(ENSEMBLE).unique(maintain_order=True).rows()
    ]
    main = read_ensembles(root, "measures", "main.parquet", ensembles, MEASURES)
    geometry = layers_of(main)
    coefficients = read_ensembles(root, "coefficients", "networks.parquet", ensembles)
    catalogue = load_yaml(arguments.catalogue)
    data_sets = accuracy["data_set"].unique(maintain_order=True).to_list()
    published_names = {name: catalogue[name].get("variant_of", name) for name in data_sets}
    moments = study_moments(
        cells_of(geometry, accuracy, coefficients),
        geometry.select(CELL_KEYS).unique(maintain_order=True).rows(),
    )
    sizes = Counter(accuracy.select(ENSEMBLE).rows())
    table = recipe_table(
        moments,
        {key: sizes[key[2], key[3], key[0]] for key in moments},
        read_published(arguments.published, published_names)["figure3"],
        published_names,
        arguments.seen,
    )
    write_table(arguments.output / "recipes.parquet", RECIPES.check(table))
    (arguments.output / "table.md").write_text(recipes_page(table), "utf-8")
    progress.say(f"{len(table)} recipes compared in {arguments.output}")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--root", type=Path, required=True, help="results/<study>")
    parser.add_argument("--catalogue", type=Path, required=True, help="its catalogue of data sets")
    parser.add_argument("--published", type=Path, required=True, help="published values, YAML")
    parser.add_argument(
        "--seen", nargs="+", required=True, help="architectures that recipes are chosen on"
    )
    parser.add_argument("--output", type=Path, required=True, help="the folder to write")
    return run_entry(parser, compare_recipes, argv)


if __name__ == "__main__":
    sys.exit(main())
