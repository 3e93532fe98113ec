# Stage 5. Requires graphs. Makes geometry/<ensemble>/layers.parquet.


rule measure_geometry:
    input:
        neighbours=rules.build_graphs.output.neighbours,
    output:
        table=of_ensemble("geometry", "layers.parquet"),
    log:
        log_file(f"geometry/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"geometry/{ENSEMBLE}")
    priority: 30
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(600),
        runtime=grown(40),
    params:
        k=k_flags,
        conventions=STUDY.config.geometry.conventions,
        code=code_of("measure_geometry"),
    message:
        f"geometry {ENSEMBLE_LABEL}"
    shell:
        "python -m measure_geometry --neighbours {input.neighbours} {params.k}"
        " --conventions {params.conventions}"
        " --names {wildcards.data_set} {wildcards.architecture} {wildcards.condition}"
        " --table {output.table} --threads {threads}"
        " --job geometry/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
