# Beside stages 4 to 7. Requires datasets, activations. Makes curvatures/<ensemble>/ and of them
# statistics/curvature*.parquet, for the ensembles of config key `curvatures`; nothing without it.
CURVATURE_TABLES = ("curvatures", "local", "partition")
CURVATURE_SUMMARIES = ("curvatures", "curvature_networks", "curvature_classes")


rule measure_curvatures:
    input:
        layers=rules.train_ensemble.output.layers,
        dataset=rules.make_dataset.output.tensors,
    output:
        **{name: of_ensemble("curvatures", f"{name}.parquet") for name in CURVATURE_TABLES},
    log:
        log_file(f"curvatures/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"curvatures/{ENSEMBLE}")
    priority: 40
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1500),
        runtime=grown(1440 if STUDY.costly_notions() else 60),
    params:
        notions=flags({"notions": STUDY.notions()}),
        k_fractions=sorted(STUDY.config.curvatures.k_fractions),
        networks=STUDY.config.curvatures.networks,
        seed_name=STUDY.seed_name,
        folder=lambda wildcards, output: Path(output.local).parent,
        # Beside the benchmarks, and like them no result: it differs from run to run.
        costs=benchmark_file(f"curvatures/{ENSEMBLE}").removesuffix("tsv") + "json",
        code=code_of("measure_curvatures", NOTIONS),
    message:
        f"curvatures {ENSEMBLE_LABEL}"
    shell:
        "python -m measure_curvatures --layers {input.layers} --dataset {input.dataset}"
        " {params.notions} --k-fractions {params.k_fractions} --networks {params.networks}"
        " --names {wildcards.data_set} {wildcards.architecture} {wildcards.condition}"
        " --seed-name {params.seed_name} --output {params.folder} --costs {params.costs}"
        " --threads {threads} --job curvatures/{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
        " --log {log}"


rule summarise_curvatures:
    input:
        **{
            name: [result(f"curvatures/{ensemble}/{name}.parquet") for ensemble in CURVED]
            for name in CURVATURE_TABLES
        },
    output:
        **{name: result(f"statistics/{name}.parquet") for name in CURVATURE_SUMMARIES},
    log:
        log_file("curvatures"),
    benchmark:
        benchmark_file("curvatures")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(30),
    params:
        root=lambda wildcards, output: Path(output.curvatures).parent.parent,
        folder=lambda wildcards, output: Path(output.curvatures).parent,
        ensembles=CURVED,
        code=code_of("summarise_curvatures"),
    message:
        "curvatures of all ensembles"
    shell:
        "python -m summarise_curvatures --root {params.root} --ensembles {params.ensembles}"
        " --output {params.folder} --threads {threads} --job curvatures --log {log}"
