"""Activations stage: what every hidden layer makes of the test set."""
