"""Activations stage: write the test set after every hidden layer of an ensemble's networks."""

import argparse
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_scale


def parse() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = make_parser("Write the test set after every hidden layer of an ensemble's networks.")
    parser.add_argument("--data", type=Path, required=True, help="data set (safetensors)")
    parser.add_argument("--facts", type=Path, required=True, help="its facts (JSON)")
    parser.add_argument("--weights", type=Path, required=True, help="weights (safetensors)")
    add_scale(parser)
    parser.add_argument("--layers", type=Path, required=True, help="output (safetensors)")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Run the stage."""
    from ricci_flow.activations.forward import forward_layers
    from ricci_flow.activations.weights import read_weights
    from ricci_flow.datasets.stored import read_scaled
    from ricci_flow.storage import write_tensors

    X = read_scaled(arguments.data, arguments.facts, arguments.scale, ("X_test",))["X_test"]
    parameters, activation = read_weights(arguments.weights, X.shape[1])
    layers = forward_layers(parameters, X, activation)
    write_tensors(arguments.layers, layers)
    progress(f"{len(layers)} layers of {len(parameters['W1'])} networks", always=True)


if __name__ == "__main__":
    raise SystemExit(run_entry(parse(), body))
