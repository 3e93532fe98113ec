# Data sets that bring the activations of networks that were trained elsewhere, or draw layers.


rule read_activations:
    """
    Requires the arrays that a data set brings, if any; its facts, so that whatever is wrong ends the run first.
    Makes the layers and the accuracies of an ensemble, as training would.
    """
    input:
        path=file_of,
        facts=rules.make_dataset.output.facts,
    output:
        layers=of_ensemble("activations", "layers.safetensors"),
        networks=of_ensemble("training", "networks.parquet"),
    log:
        log_file(f"activations/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"activations/{ENSEMBLE}")
    wildcard_constraints:
        data_set=one_of(STUDY.given()),
        condition=one_of(STUDY.given_conditions()),
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000, by_names(NEEDS.training)),
        runtime=grown(30),
        gate=1,
    params:
        job=job(
            names_of,
            source=lambda wildcards: STUDY.source(wildcards.data_set),
            seed_name=STUDY.seed_name,
            test_points=STUDY.config.test_points,
        ),
        content=content_behind,
        code=lambda wildcards: code_of("read_activations", [STUDY.module(wildcards.data_set)]),
    message:
        f"activations {ENSEMBLE_LABEL}"
    shell:
        entry("read_activations", "output.layers", "network_table=output.networks")
