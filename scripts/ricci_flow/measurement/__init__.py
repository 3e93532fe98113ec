"""Measuring the layers of networks: which measures, on which graphs, of which points."""
