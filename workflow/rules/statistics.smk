# Everything that is computed from all ensembles of a study at once.
TABLES = (
    "accuracy",
    "cells",
    "networks",
    "funnel",
    "excluded",
    "regression",
    "within_cells",
    "layers",
    "pairs",
    "ties",
    "comparison",
    "fit",
    "claims",
    "ledger",
    "nulls",
    "fixed_k",
    "beyond_controls",
    "null_laws",
    "held_out",
    "accuracy_link",
    "baselines",
    "k_curves",
    "published_curves",
)


rule compute_statistics:
    """
    Requires accuracies, ties, measures and coefficients of all ensembles, and the published values; for claims on
    early stopping, where each network would stop.
    Makes the tables of the study and the numbers of the report's sentences.
    """
    input:
        of_all_ensembles("training", "networks.parquet"),
        of_all_ensembles("graphs", "ties.parquet"),
        of_all_ensembles("measures", "main.parquet"),
        of_all_ensembles("coefficients", "networks.parquet"),
        of_all_ensembles("coefficients", "cell.parquet"),
        block_files if STUDY.judges_blocks() else [],
        published=from_outside(STUDY.published()),
        stopping=(
            rules.summarise_checkpoints.output.early_stopping if STUDY.judges_stopping() else []
        ),
    output:
        **{name: shown_table(name) for name in TABLES},
        summary=result("statistics/summary.json"),
    log:
        log_file("statistics"),
    benchmark:
        benchmark_file("statistics")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(3000),
        runtime=grown(10),
    params:
        job=job(
            study=STUDY.name,
            ensembles=ENSEMBLES,
            thresholds={name: STUDY.threshold(name) for name in STUDY.data_sets},
            architectures=STUDY.shapes(),
            groups=STUDY.groups(),
            claims=STUDY.config.claims,
            blocks=blocks_of(excluded=False) if STUDY.judges_blocks() else {},
            published_names=STUDY.published_names(),
            unfiltered=STUDY.unfiltered(),
            controls=STUDY.controls(),
            drawn=STUDY.gaussian_conditions(),
            networks=STUDY.networks(STUDY.primary),
            control_networks=STUDY.control_networks(),
            confidence=STUDY.config.confidence,
            primary_condition=STUDY.primary,
            primary_measure=STUDY.config.geometry.primary_measure,
            seed_name=STUDY.seed_name,
        ),
        content=content_of(STUDY.published()),
        root=lambda wildcards, output: Path(output.summary).parent.parent,
        folder=lambda wildcards, output: Path(output.summary).parent,
        code=code_of("compute_statistics"),
    message:
        "statistics"
    shell:
        entry(
            "compute_statistics",
            "params.root",
            "input.published",
            "input.stopping",
            "output=params.folder",
        )
