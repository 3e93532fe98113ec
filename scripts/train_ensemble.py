"""Training and activations stage: train the networks of one ensemble, write their layers."""

import argparse
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_scale, add_seed_name


def parse() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = make_parser("Train the networks of one data set x architecture x condition.")
    parser.add_argument("--data", type=Path, required=True, help="data set (safetensors)")
    parser.add_argument("--facts", type=Path, required=True, help="its facts (JSON)")
    parser.add_argument("--data-set", required=True, help="name of the data set")
    parser.add_argument("--architecture", required=True, help="name of the architecture")
    parser.add_argument("--condition", required=True, help="name of the condition")
    parser.add_argument("--entry", required=True, help="of the architecture in its catalogue, JSON")
    parser.add_argument("--networks", type=int, default=36, help="how many networks")
    add_seed_name(parser)
    parser.add_argument(
        "--recipe", default="{}", help="keys of a recipe (networks/recipe.py), JSON"
    )
    add_scale(parser)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--weights", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--layers", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--networks-table", type=Path, required=True, help="output (Parquet)")
    parser.add_argument("--history", type=Path, required=True, help="output (Parquet)")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Run the stage."""
    import json

    from ricci_flow.datasets.stored import read_scaled
    from ricci_flow.networks.architecture import read_architecture
    from ricci_flow.networks.draws import Streams
    from ricci_flow.networks.ensemble import Data, train_ensemble
    from ricci_flow.networks.recipe import read_recipe
    from ricci_flow.networks.tables import history_table, networks_table
    from ricci_flow.storage import read_json, write_table, write_tensors
    from ricci_flow.tables.training import HISTORY, NETWORKS

    architecture = read_architecture(json.loads(arguments.entry), arguments.architecture)
    recipe = read_recipe(json.loads(arguments.recipe))
    scaled = read_scaled(arguments.data, arguments.facts, arguments.scale)
    facts = read_json(arguments.facts, ("classes",))
    ensemble = train_ensemble(
        Data(
            *(scaled[name] for name in ("X_train", "y_train", "X_test", "y_test")),
            classes=len(facts["classes"]),
            image_shape=facts.get("image_shape"),
        ),
        Streams(arguments.seed_name, arguments.data_set, arguments.architecture),
        range(arguments.networks),
        architecture,
        recipe,
        device=arguments.device,
        say=progress,
    )
    keys = {name: getattr(arguments, name) for name in ("data_set", "architecture", "condition")}
    activation = recipe.activation or architecture.activation
    write_tensors(arguments.weights, ensemble.parameters, {"activation": activation})
    write_tensors(arguments.layers, ensemble.layers)
    networks = networks_table(ensemble, recipe.epochs, **keys)
    write_table(arguments.networks_table, NETWORKS.check(networks))
    write_table(arguments.history, HISTORY.check(history_table(ensemble, **keys)))


if __name__ == "__main__":
    raise SystemExit(run_entry(parse(), body))
