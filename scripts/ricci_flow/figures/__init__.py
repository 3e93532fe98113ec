"""Stage 8: the figures, one module each; every draw function returns a Matplotlib figure."""
