# Stage 3. Requires datasets, training. Makes activations/<ensemble>/layers.


rule dump_activations:
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
        weights=rules.train_ensemble.output.weights,
    output:
        layers=of_ensemble("activations", "layers.safetensors"),
    log:
        log_file(f"activations/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"activations/{ENSEMBLE}")
    wildcard_constraints:
        condition=one_of(STUDY.trained_conditions()),
    priority: 10
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(600),
        runtime=grown(5),
    params:
        scale=lambda wildcards: recipe_of(wildcards)["scale"],
        code=code_of("dump_activations"),
        libraries=libraries_of("dump_activations"),
    message:
        f"activations {ENSEMBLE_LABEL}"
    shell:
        "python -m dump_activations --data {input.data} --facts {input.facts}"
        " --weights {input.weights} --scale {params.scale} --layers {output.layers}"
        " --threads {threads}"
        " --job activations/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"
