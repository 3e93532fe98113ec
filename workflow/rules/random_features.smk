# Stage 3 of conditions with gaussian_of. Requires training, activations of the condition matched.
# Makes activations/<ensemble>/layers, training/<ensemble>/networks.


rule draw_random_features:
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
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        networks=networks_of,
        seed_name=STUDY.seed_name,
        code=code_of("draw_random_features"),
    message:
        f"random features {ENSEMBLE_LABEL}"
    shell:
        "python -m draw_random_features --layers {input.layers} --networks-table {input.networks}"
        " --data-set {wildcards.data_set} --architecture {wildcards.architecture}"
        " --condition {wildcards.condition} --networks {params.networks}"
        " --seed-name {params.seed_name} --drawn {output.layers}"
        " --drawn-networks {output.networks} --threads {threads}"
        " --job random_features/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
