"""Time of training per network: the two trainers against a plain sequential torch loop.

All run in one process on the same data, initial weights and batches; the ratios are what counts.
Differences are of the weights, between each trainer and the sequential loop, after a few steps.
"""

import argparse

import common
import numpy as np
import torch

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows, draw_weights
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task
from ricci_flow.networks.trainers.fused.trainer import FusedTrainer
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer

CASES = {
    "784-50x5-1": (12000, 784, [50] * 5),
    "784-25x11-1": (12000, 784, [25] * 11),
    "3-25x5-1": (1000, 3, [25] * 5),
}
RECIPE = Recipe()


def make_data(n: int, d: int, alive: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return features in [0, 1), zero past the share `alive` of columns, and learnable labels."""
    generator = np.random.default_rng(seed)
    X = generator.random((n, d))
    X[:, round(alive * d) :] = 0
    y = X[:, 0] + X[:, 1] > 1
    return X.astype(np.float32), y.astype(np.uint8)


def train_sequentially(
    weights: list[np.ndarray], X: np.ndarray, y: np.ndarray, order: np.ndarray
) -> list[np.ndarray]:
    """Train one network on the rows `order` as one would write it in torch; return its weights."""
    layers: list[torch.nn.Module] = []
    for w in weights:
        linear = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T))
            linear.bias.zero_()
        layers += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser = torch.optim.RMSprop(
        model.parameters(), lr=RECIPE.learning_rate, alpha=0.9, eps=1e-7
    )
    measure = torch.nn.BCEWithLogitsLoss()
    points, labels = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32))
    for rows in torch.from_numpy(order).split(RECIPE.batch_size):
        optimiser.zero_grad()
        measure(model(points[rows])[:, 0], labels[rows]).backward()
        optimiser.step()
    return [
        layer.weight.detach().numpy().T for layer in model if isinstance(layer, torch.nn.Linear)
    ]


def compare(name: str, networks: int, steps: int, repeats: int, alive: float) -> None:
    """Print one line a trainer for one case."""
    n, d, widths = CASES[name]
    X, y = make_data(n, d, alive)
    streams = Streams("benchmark", "random", name)
    rows = draw_rows(streams, range(networks), n, RECIPE)
    labels = draw_labels(streams, range(networks), y, rows, RECIPE)
    order = next(draw_orders(streams, range(networks), rows.kept, 1))[
        :, : steps * RECIPE.batch_size
    ]
    few = order[:, : 3 * RECIPE.batch_size]
    weights = draw_weights(streams, range(networks), [d, *widths, 1])
    task = Task(Architecture.dense(*widths), RECIPE, (d,), 1, streams, range(networks), X, labels)
    plain = train_sequentially([w[0] for w in weights], X, y, few[0])
    base = common.clock(
        lambda: train_sequentially([w[0] for w in weights], X, y, order[0]), repeats
    )
    count = order.shape[1] / RECIPE.batch_size
    print(f"{name}  sequential  {base / count * 1e6:8.1f} us a step and network")
    for kind in (TorchTrainer, FusedTrainer):
        trainer = kind(task)
        trainer.run_batches(few, 0)
        found = trainer.parameters()
        worst = max(float(abs(found[f"W{i}"][0] - w).max()) for i, w in enumerate(plain, 1))
        took = common.clock(lambda: trainer.run_batches(order, 0), repeats) / networks  # noqa: B023
        print(
            f"{name}  {kind.__name__:15}{took / count * 1e6:7.1f} us  "
            f"ratio {base / took:5.1f}  difference {worst:.1e}"
        )


def main() -> None:
    """Parse the command line and compare every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=36)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--alive", type=float, default=1.0, help="share of columns not zero")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for name in CASES:
        compare(name, **vars(arguments))


if __name__ == "__main__":
    main()
