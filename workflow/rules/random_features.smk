# Conditions with `gaussian_of`: layers without networks.


rule draw_random_features:
    """
    Requires the layers and accuracies of the condition that is matched.
    Makes Gaussian layers of the same means and covariances.
    """
    input:
        layers=matched("activations", "layers.safetensors"),
        networks=matched("training", "networks.parquet"),
    output:
        layers=of_ensemble("activations", "layers.safetensors"),
        networks=of_ensemble("training", "networks.parquet"),
    log:
        log_file(f"random_features/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"random_features/{ENSEMBLE}")
    wildcard_constraints:
        condition=one_of(STUDY.gaussian_conditions()),
    priority: 10
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000, by_names(NEEDS.random_features)),
        runtime=grown(30),
    params:
        job=job(names_of, count=networks_of, seed_name=STUDY.seed_name),
        code=code_of("draw_random_features"),
    message:
        f"random features {ENSEMBLE_LABEL}"
    shell:
        entry(
            "draw_random_features",
            "input.layers",
            "input.networks",
            "drawn=output.layers",
            "network_table=output.networks",
        )
