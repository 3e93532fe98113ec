"""Tables of the networks: what was trained, and how training went."""

from ricci_flow.tables.keys import CHECKPOINT_COLUMNS, ENSEMBLE_COLUMNS, NETWORK
from ricci_flow.tables.schema import FLOAT, INT, LONG, Column, Table, maybe

MARGIN = Column(
    "margin",
    FLOAT,
    "mean over test points: logit of the class less the largest other one, that of class 0 being "
    "0 where there is one logit",
)
TEST_ACCURACY = maybe(Column("test_accuracy", FLOAT, "accuracy on the test points", "share"))
TEST_LOSS = maybe(Column("test_loss", FLOAT, "cross-entropy on the test points", "nats"))
WEIGHT_NORM = Column(
    "weight_norm", FLOAT, "root of the sum of squared Frobenius norms of all weight matrices"
)

NETWORKS = Table(
    "training/*/networks.parquet",
    "One row per network: how well it is trained.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        maybe(Column("seed", LONG, "seed of its random streams; null of activations from outside")),
        maybe(
            Column(
                "epochs",
                INT,
                "whole epochs trained, fewer than asked for where it stopped before; null of given "
                "activations",
                "epochs",
            )
        ),
        maybe(Column("train_accuracy", FLOAT, "accuracy on the rows trained on", "share")),
        maybe(Column("train_loss", FLOAT, "cross-entropy on these", "nats")),
        maybe(Column("validation_accuracy", FLOAT, "accuracy on the rows held out", "share")),
        maybe(Column("validation_loss", FLOAT, "cross-entropy on these", "nats")),
        TEST_ACCURACY,
        TEST_LOSS,
        maybe(MARGIN),
        maybe(WEIGHT_NORM),
    ),
)

HISTORY = Table(
    "training/*/history.parquet",
    "One row per network and epoch that it was trained for.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        Column("epoch", INT, "epoch, from 1"),
        Column("loss", FLOAT, "mean of the loss over the epoch, running as in Keras", "nats"),
        Column("accuracy", FLOAT, "mean of the accuracy over the epoch", "share"),
        maybe(Column("validation_loss", FLOAT, "loss on the rows held out", "nats")),
        maybe(Column("validation_accuracy", FLOAT, "accuracy on the rows held out", "share")),
    ),
)

CHECKPOINTS = Table(
    "training/*/checkpoints.parquet",
    "One row per checkpoint and network that is measured there: how well it is trained. A network "
    "with fewer epochs (or steps) than the checkpoint had stopped before.",
    (
        *CHECKPOINT_COLUMNS,
        *NETWORKS.columns,
        Column("steps", LONG, "steps of the optimiser trained", "steps"),
    ),
)

TABLES = (NETWORKS, HISTORY, CHECKPOINTS)
