# What the blocks of a study are measured from, and what they make. Requires: STUDY.

BLOCKS = STUDY.blocks()
FURTHER_TABLES = (
    "further",
    "settings",
    "measures",
    "layer_measures",
    "along_layers",
    "policies",
    "local_settings",
    "local_comparison",
)


def coefficients_of(file):
    """Return a function for a table of coefficients, where a block measures excluded networks."""

    def path(wildcards):
        return of_ensemble("coefficients", file) if STUDY.of_excluded(wildcards.block) else []

    return path


def block_files(wildcards):
    """Return the tables that the further blocks made, and what says which networks are excluded."""
    files = []
    for block in BLOCKS:
        needed = [("measures", f"{block}.parquet")]
        if STUDY.of_excluded(block):
            needed += [("coefficients", "networks.parquet"), ("coefficients", "cell.parquet")]
        else:
            needed += [("measures", f"{block}.local.parquet")]
        for names in STUDY.block_ensembles(block):
            files += [result(f"{stage}/{'/'.join(names)}/{file}") for stage, file in needed]
    return files


def blocks_of(excluded):
    """Return the ensembles of every further block, of excluded networks or of the first ones."""
    return {
        block: ["/".join(names) for names in STUDY.block_ensembles(block)]
        for block in BLOCKS
        if STUDY.of_excluded(block) == excluded
    }
