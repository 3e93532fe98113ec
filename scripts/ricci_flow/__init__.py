"""Does a neural network change the geometry of its data the way Ricci flow would?

One room per stage of the workflow; see reports/guide/files.md for the files that pass between them.
"""
