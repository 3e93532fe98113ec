# Stages 2 and 3. Requires datasets. Makes training/<ensemble>/{weights,networks,history} and
# activations/<ensemble>/layers.


rule train_ensemble:
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
        condition=one_of(STUDY.trained_conditions()),
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(900),
        runtime=grown(35),
        gpu=training_gpus,
        gate=1,
    params:
        networks=networks_of,
        recipe=recipe_flags,
        seed_name=STUDY.seed_name,
        code=lambda wildcards: code_of("train_ensemble", network_modules(wildcards)),
    message:
        f"training {ENSEMBLE_LABEL}"
    shell:
        "python -m train_ensemble --data {input.data} --facts {input.facts}"
        " --data-set {wildcards.data_set} --architecture {wildcards.architecture}"
        " --condition {wildcards.condition}"
        " --networks {params.networks} --seed-name {params.seed_name} {params.recipe}"
        " --weights {output.weights} --networks-table {output.networks}"
        " --history {output.history} --layers {output.layers} --threads {threads}"
        " --job training/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
