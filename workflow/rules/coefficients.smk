# Ricci coefficients of every network, and how they depend on k.


rule compute_coefficients:
    """
    Requires what was measured and the accuracies of an ensemble's networks.
    Makes the Ricci coefficients of every network at every k, and of the ensemble as a whole.
    """
    input:
        measures=rules.measure.output.table,
        networks=rules.train_ensemble.output.networks,
    output:
        networks=of_ensemble("coefficients", "networks.parquet"),
        cell=of_ensemble("coefficients", "cell.parquet"),
    log:
        log_file(f"coefficients/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"coefficients/{ENSEMBLE}")
    priority: 40
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(500),
        runtime=grown(5),
    params:
        job=job(
            accuracy_threshold=lambda w: STUDY.threshold_of(w.data_set, w.condition),
            seed_name=STUDY.seed_name,
        ),
        code=code_of("compute_coefficients"),
    message:
        f"coefficients {ENSEMBLE_LABEL}"
    shell:
        entry(
            "compute_coefficients",
            "input.measures",
            "input.networks",
            "network_table=output.networks",
            "cell_table=output.cell",
        )
