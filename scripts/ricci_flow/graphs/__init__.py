"""Stage 4: neighbour lists of every layer."""
