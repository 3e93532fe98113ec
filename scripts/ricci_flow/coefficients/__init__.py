"""Stage 6: Ricci coefficients of networks and cells."""
