"""Networks: what they are made of, how they are trained, and what their layers make of points.

`ensemble.train_ensemble` trains, `trainers` holds what does the arithmetic, `recipe` says what can
be asked for, `draws` makes every random choice, `forward` gives the hidden layers.
"""
