"""The page on which readers follow the test points of single networks through the layers.

thinning says what of a study is shown, motion how points come to move smoothly, at_points what
colours them; content collects this and the numbers of the tables, packing and page write it.
"""
