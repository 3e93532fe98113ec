# Conditions with `gaussian_of`: layers without networks.


rule draw_random_features:
    """
    Requires the layers and accuracies of the condition that is matched.
    Makes Gaussian layers of the same means and covariances, or of covariances that a theory of the networks gives.
    """
    input:
        layers=matched("activations", "layers.safetensors"),
        networks=matched("training", "networks.parquet"),
        data=behind_closed_form("safetensors"),
        facts=behind_closed_form("json"),
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
        job=job(names_of, by_names(STUDY.closed_form), count=networks_of, seed_name=STUDY.seed_name),
        code=lambda wildcards: code_of(
            "draw_random_features", by_names(STUDY.closed_form_modules)(wildcards)
        ),
    message:
        f"random features {ENSEMBLE_LABEL}"
    shell:
        entry(
            "draw_random_features",
            "input.layers",
            "input.networks",
            "input.data",
            "input.facts",
            "drawn=output.layers",
            "network_table=output.networks",
        )
