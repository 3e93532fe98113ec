# Beside the stages. Requires datasets, training, activations, coefficients. Makes
# robustness/<ensemble>/{variants,policies}, statistics/{robustness,robustness_variants,policies}.
ROBUST = ["/".join(names) for names in STUDY.robustness_ensembles()]


rule measure_robustness:
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
        layers=of_ensemble("activations", "layers.safetensors"),
        weights=weights_of,
        coefficients=rules.compute_coefficients.output.networks,
        cell=rules.compute_coefficients.output.cell,
    output:
        table=of_ensemble("robustness", "variants.parquet"),
        policies=of_ensemble("robustness", "policies.parquet"),
    log:
        log_file(f"robustness/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"robustness/{ENSEMBLE}")
    priority: 50
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1500),
        runtime=grown(60),
    params:
        weights=lambda wildcards, input: flags({"weights": input.get("weights") or None}),
        variants=STUDY.config.robustness.variants,
        k_fractions=STUDY.config.robustness.k_fractions,
        networks=STUDY.config.robustness.networks,
        draws=STUDY.config.robustness.draws,
        scale=lambda wildcards: recipe_of(wildcards).scale,
        seed_name=STUDY.seed_name,
        code=code_of("measure_robustness"),
    message:
        f"robustness {ENSEMBLE_LABEL}"
    shell:
        "python -m measure_robustness --data {input.data} --facts {input.facts}"
        " --layers {input.layers} {params.weights}"
        " --coefficients {input.coefficients} --cell {input.cell}"
        " --names {wildcards.data_set} {wildcards.architecture} {wildcards.condition}"
        " --variants {params.variants} --k-fractions {params.k_fractions}"
        " --networks {params.networks} --draws {params.draws} --scale {params.scale}"
        " --seed-name {params.seed_name} --table {output.table} --policies {output.policies}"
        " --threads {threads}"
        " --job robustness/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"


rule summarise_robustness:
    input:
        [result(f"robustness/{ensemble}/variants.parquet") for ensemble in ROBUST],
        [result(f"robustness/{ensemble}/policies.parquet") for ensemble in ROBUST],
        [result(f"coefficients/{ensemble}/networks.parquet") for ensemble in ROBUST],
        [result(f"coefficients/{ensemble}/cell.parquet") for ensemble in ROBUST],
    output:
        summary=result("statistics/robustness.parquet"),
        variants=result("statistics/robustness_variants.parquet"),
        policies=result("statistics/policies.parquet"),
    log:
        log_file("robustness/summary"),
    benchmark:
        benchmark_file("robustness/summary")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(30),
    params:
        root=lambda wildcards, output: Path(output.summary).parent.parent,
        folder=lambda wildcards, output: Path(output.summary).parent,
        ensembles=ROBUST,
        code=code_of("summarise_robustness"),
    message:
        "robustness summary"
    shell:
        "python -m summarise_robustness --root {params.root} --ensembles {params.ensembles}"
        " --output {params.folder} --threads {threads} --job robustness --log {log}"
