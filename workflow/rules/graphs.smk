# Nearest neighbours in every layer.


rule build_graphs:
    """
    Requires the activations of an ensemble.
    Makes the neighbour lists of every network and layer up to the largest k, and a table of ties.
    """
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
        mem_mb=grown(1100, by_names(NEEDS.graphs)),
        runtime=grown(5),
    params:
        job=job(largest_k, names=ensemble_names),
        code=code_of("build_graphs"),
    message:
        f"graphs {ENSEMBLE_LABEL}"
    shell:
        entry("build_graphs", "input.layers", "output.neighbours", "output.ties")
