"""Training stage: all networks of one ensemble, together.

`ensemble.train_ensemble` is the way in; `recipe` says what can be asked for, `draws` makes every
random choice, `fused` (CPU) and `stacked` (CUDA, and the reference) do the arithmetic.
"""
