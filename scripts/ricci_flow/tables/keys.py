"""Columns that many tables have: what a row is of."""

from typing import Literal

from ricci_flow.tables.schema import INT, TEXT, Column

# What checkpoints are counted in: passes over the training points, or steps of the optimiser.
CheckpointUnit = Literal["epochs", "steps"]

DATA_SET = Column("data_set", TEXT, "name of the data set")
ARCHITECTURE = Column("architecture", TEXT, "name of the architecture")
CONDITION = Column("condition", TEXT, "name of the condition")
MEASURE = Column("measure", TEXT, "name of the measure")
NETWORK = Column("network", INT, "number of the network in its ensemble, from 0")
CHECKPOINT = Column(
    "checkpoint",
    INT,
    "epochs or steps after which a network was kept; 0 is the initialisation",
    "as checkpoint_unit",
)
CHECKPOINT_UNIT = Column(
    "checkpoint_unit",
    TEXT,
    "what checkpoint counts: epochs, or steps (of the optimiser, one for each batch)",
)
CHECKPOINT_COLUMNS = (CHECKPOINT, CHECKPOINT_UNIT)
K = Column("k", INT, "neighbours of a point", "points")
DEPTH = Column("depth", INT, "hidden layers", "layers")

ENSEMBLE_COLUMNS = (DATA_SET, ARCHITECTURE, CONDITION)
# One cell under one condition and measure.
CELL_COLUMNS = (CONDITION, MEASURE, DATA_SET, ARCHITECTURE)

CELL = ["data_set", "architecture"]
ENSEMBLE = [*CELL, "condition"]
NETWORK_KEYS = [*ENSEMBLE, "network"]
CELL_KEYS = ["condition", "measure", *CELL]
