"""The claims of a paper, one module per claim, and what decides whether they are reproduced."""
