# Stage 6. Requires training, geometry. Makes coefficients/<ensemble>/{networks,cell}.parquet.


rule compute_coefficients:
    input:
        geometry=rules.measure_geometry.output.table,
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
        threshold=threshold_flag,
        seed_name=STUDY.seed_name,
        code=code_of("compute_coefficients"),
        libraries=libraries_of("compute_coefficients"),
    message:
        f"coefficients {ENSEMBLE_LABEL}"
    shell:
        "python -m compute_coefficients --geometry {input.geometry} --networks {input.networks}"
        " {params.threshold} --seed-name {params.seed_name}"
        " --network-table {output.networks} --cell-table {output.cell} --threads {threads}"
        " --job coefficients/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
