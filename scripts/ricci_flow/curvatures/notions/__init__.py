"""Notions of curvature, one a file: COST, OPTIONS and `curvature(graph, **options)`."""
