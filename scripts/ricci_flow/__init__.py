"""Does a neural network change the geometry of its data the way Ricci flow would?

A package per stage of the workflow; reports/guide/files.md has the files that pass between them.
"""
