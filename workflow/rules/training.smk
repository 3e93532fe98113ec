# Networks of every condition that trains its own, or leaves them untrained.


rule train_ensemble:
    """
    Requires a data set.
    Makes the networks of an ensemble, their history and accuracies, and the values of their layers.
    """
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
    output:
        weights=of_ensemble("training", "weights.safetensors"),
        networks=of_ensemble("training", "networks.parquet"),
        history=of_ensemble("training", "history.parquet"),
        layers=of_ensemble("activations", "layers.safetensors"),
    log:
        log_file(f"training/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"training/{ENSEMBLE}")
    wildcard_constraints:
        data_set=one_of(name for name in STUDY.data_sets if name not in STUDY.given()),
        condition=one_of(STUDY.trained_conditions()),
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(900, by_names(NEEDS.training)),
        runtime=grown(35),
        gpu=lambda wildcards: gpus(STUDY.config.training.device),
        gate=1,
    params:
        job=job(
            names_of,
            by_names(STUDY.training),
            networks=networks_of,
            seed_name=STUDY.seed_name,
        ),
        code=lambda wildcards: code_of("train_ensemble", by_names(STUDY.network_modules)(wildcards)),
        own_code=by_names(STUDY.own_code),
    message:
        f"training {ENSEMBLE_LABEL}"
    shell:
        entry(
            "train_ensemble",
            "input.data",
            "input.facts",
            "output.weights",
            "network_table=output.networks",
            "output.history",
            "output.layers",
        )
