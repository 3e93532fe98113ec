# Measures of the layers: of the study's main block, and of its further ones.


rule measure:
    """
    Requires the graphs of an ensemble, and where a measure needs the points its activations.
    Makes the study's own measures of every network, layer and k, with geodesic mass and hops.
    """
    input:
        data=rules.make_dataset.output.tensors,
        neighbours=rules.build_graphs.output.neighbours,
        layers=rules.train_ensemble.output.layers if STUDY.needs_points("main") else [],
    output:
        table=of_ensemble("measures", "main.parquet"),
        local_table=of_ensemble("measures", "main.local.parquet"),
    log:
        log_file(f"measures/{ENSEMBLE}/main"),
    benchmark:
        benchmark_file(f"measures/{ENSEMBLE}/main")
    priority: 30
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(600, by_names(NEEDS.measures)),
        runtime=grown(1440 if STUDY.is_costly("main") else 40),
    params:
        job=job(k_of, names=ensemble_names, measures=STUDY.block_job("main")["measures"]),
        code=code_of("measure", STUDY.block_modules("main")),
    message:
        f"measures {ENSEMBLE_LABEL}"
    shell:
        entry(
            "measure",
            "input.data",
            "input.neighbours",
            "input.layers",
            "output.table",
            "output.local_table",
        )


rule measure_further:
    """
    Requires the activations of an ensemble, its data set and weights; for excluded networks what tells them.
    Makes what a further block measures of some networks: one long table, and one point by point.
    """
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
        layers=rules.train_ensemble.output.layers,
        weights=weights_of,
        coefficients=coefficients_of("networks.parquet"),
        cell=coefficients_of("cell.parquet"),
    output:
        table=of_ensemble("measures", "{block}.parquet"),
        local_table=of_ensemble("measures", "{block}.local.parquet"),
    log:
        log_file(f"measures/{ENSEMBLE}/{{block}}"),
    benchmark:
        benchmark_file(f"measures/{ENSEMBLE}/{{block}}")
    wildcard_constraints:
        block=one_of(BLOCKS),
    priority: 50
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1500, memory_of_block),
        runtime=grown(1440 if any(STUDY.is_costly(block) for block in BLOCKS) else 60),
    params:
        job=job(
            lambda wildcards: STUDY.block_job(wildcards.block),
            names=ensemble_names,
            scale=lambda wildcards: recipe_of(wildcards).scale,
            seed_name=STUDY.seed_name,
        ),
        # Next to the benchmarks. Like them it is no result: it differs from run to run.
        costs=benchmark_file(f"measures/{ENSEMBLE}/{{block}}").removesuffix("tsv") + "json",
        code=lambda wildcards: code_of("measure", STUDY.block_modules(wildcards.block)),
    message:
        f"measures {{wildcards.block}} {ENSEMBLE_LABEL}"
    shell:
        entry(
            "measure",
            "input.data",
            "input.facts",
            "input.layers",
            "input.weights",
            "input.coefficients",
            "input.cell",
            "output.table",
            "output.local_table",
            "params.costs",
        )


rule summarise_measures:
    """
    Requires what the further blocks measured.
    Makes the coefficients of their networks, and summaries over the study.
    """
    input:
        block_files,
        published=from_outside(STUDY.published()),
    output:
        **{name: result(f"statistics/{name}.parquet") for name in FURTHER_TABLES},
    log:
        log_file("measures"),
    benchmark:
        benchmark_file("measures")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(30),
    params:
        job=job(
            blocks=blocks_of(excluded=False),
            excluded=blocks_of(excluded=True),
            settings={block: STUDY.settings_of(block) for block in blocks_of(excluded=True)},
            groups=STUDY.groups(),
            confidence=STUDY.config.confidence,
            seed_name=STUDY.seed_name,
        ),
        content=content_of(STUDY.published()),
        root=lambda wildcards, output: Path(output.further).parent.parent,
        folder=lambda wildcards, output: Path(output.further).parent,
        code=code_of("summarise_measures"),
    message:
        "further measures"
    shell:
        entry("summarise_measures", "params.root", "input.published", "output=params.folder")
