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
    parser.add_argument("--widths", type=int, nargs="+", required=True, help="hidden layers")
    parser.add_argument("--networks", type=int, default=36, help="how many networks")
    add_seed_name(parser)
    recipe = parser.add_argument_group("recipe")
    recipe.add_argument("--epochs", type=int, default=50, help="0 leaves networks untrained")
    recipe.add_argument("--batch-size", type=int, default=32, help="rows a step")
    recipe.add_argument("--learning-rate", type=float, default=0.001, help="of RMSprop")
    recipe.add_argument("--validation", choices=("tail", "random", "none"), default="random")
    recipe.add_argument("--validation-fraction", type=float, default=0.2, help="held out")
    add_scale(recipe)
    recipe.add_argument("--activation", choices=("relu", "linear"), default="relu")
    recipe.add_argument("--labels", choices=("true", "shuffled"), default="true")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--weights", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--layers", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--networks-table", type=Path, required=True, help="output (Parquet)")
    parser.add_argument("--history", type=Path, required=True, help="output (Parquet)")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Run the stage."""
    from ricci_flow.datasets.stored import read_scaled
    from ricci_flow.networks.draws import Streams
    from ricci_flow.networks.ensemble import Data, train_ensemble
    from ricci_flow.networks.forward import forward_layers
    from ricci_flow.networks.recipe import Recipe
    from ricci_flow.networks.tables import history_table, networks_table
    from ricci_flow.storage import write_table, write_tensors

    recipe = Recipe(
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        validation=arguments.validation,
        validation_fraction=arguments.validation_fraction,
        activation=arguments.activation,
        labels=arguments.labels,
    )
    scaled = read_scaled(arguments.data, arguments.facts, arguments.scale)
    ensemble = train_ensemble(
        Data(scaled["X_train"], scaled["y_train"], scaled["X_test"], scaled["y_test"]),
        Streams(arguments.seed_name, arguments.data_set, arguments.architecture),
        range(arguments.networks),
        arguments.widths,
        recipe,
        device=arguments.device,
        say=progress,
    )
    keys = {name: getattr(arguments, name) for name in ("data_set", "architecture", "condition")}
    write_tensors(arguments.weights, ensemble.parameters, {"activation": recipe.activation})
    layers = forward_layers(ensemble.parameters, scaled["X_test"], recipe.activation)
    write_tensors(arguments.layers, layers)
    write_table(arguments.networks_table, networks_table(ensemble, recipe.epochs, **keys))
    write_table(arguments.history, history_table(ensemble, **keys))


if __name__ == "__main__":
    raise SystemExit(run_entry(parse(), body))
