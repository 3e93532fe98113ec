"""Stage 5: curvature and geodesics of every layer's graph."""
