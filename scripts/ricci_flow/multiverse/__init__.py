"""Every claim judged under every defensible choice, and what the verdict depends on.

Steegen et al. 2016 (a multiverse of analyses) and Simonsohn et al. 2020 (specification curves).
"""
