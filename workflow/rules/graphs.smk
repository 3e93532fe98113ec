# Stage 4. Requires activations. Makes graphs/<ensemble>/{neighbours,ties}.


rule build_graphs:
    input:
        layers=rules.train_ensemble.output.layers,
    output:
        neighbours=large(of_ensemble("graphs", "neighbours.safetensors")),
        ties=of_ensemble("graphs", "ties.parquet"),
    log:
        log_file(f"graphs/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"graphs/{ENSEMBLE}")
    priority: 20
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1100),
        runtime=grown(5),
    params:
        k=lambda wildcards: k_flags(wildcards, largest_only=True),
        code=code_of("build_graphs"),
    message:
        f"graphs {ENSEMBLE_LABEL}"
    shell:
        "python -m build_graphs --layers {input.layers} {params.k}"
        " --names {wildcards.data_set} {wildcards.architecture} {wildcards.condition}"
        " --neighbours {output.neighbours} --ties {output.ties} --threads {threads}"
        " --job graphs/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
