"""Stage 1: labelled clouds of points to train and test on, from four kinds of source."""
