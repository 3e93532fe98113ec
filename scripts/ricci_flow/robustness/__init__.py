"""Does the coefficient survive other graphs, other points, other layers, and rescaled units?"""
