# Networks at several times of their training, for the further blocks that ask for these. They are no
# part of the study's other stages, so that they run nothing of these again.

CHECKPOINT_BLOCKS = STUDY.checkpoint_blocks()


rule train_checkpoints:
    """
    Requires a data set.
    Makes the first networks of an ensemble as they are after some epochs, or steps, of their training, and their layers.
    They are trained again, together with all others of the ensemble, and so come out the same.
    """
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
    output:
        weights=of_ensemble("training", "checkpoints.safetensors"),
        networks=of_ensemble("training", "checkpoints.parquet"),
        layers=of_ensemble("activations", "checkpoints.safetensors"),
    log:
        log_file(f"checkpoints/{ENSEMBLE}"),
    benchmark:
        benchmark_file(f"checkpoints/{ENSEMBLE}")
    wildcard_constraints:
        condition=one_of(STUDY.trained_conditions()),
    priority: 50
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000, by_names(NEEDS.checkpoints)),
        runtime=grown(35),
        gpu=lambda wildcards: gpus(STUDY.config.training.device),
        gate=1,
    params:
        job=job(
            names_of,
            by_names(STUDY.training),
            networks=networks_of,
            checkpoints=by_names(STUDY.checkpoints),
            unit=STUDY.checkpoint_unit(),
            measured=by_names(STUDY.checkpoint_networks),
            seed_name=STUDY.seed_name,
        ),
        code=rules.train_ensemble.params.code,
        own_code=by_names(STUDY.own_code),
    message:
        f"checkpoints {ENSEMBLE_LABEL}"
    shell:
        entry(
            "train_ensemble",
            "input.data",
            "input.facts",
            "output.weights",
            "network_table=output.networks",
            "output.layers",
        )


rule measure_checkpoints:
    """
    Requires the networks of an ensemble at its checkpoints, and the data set.
    Makes what a further block measures of some of them: one long table, and one point by point.
    """
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
        layers=rules.train_checkpoints.output.layers,
        weights=rules.train_checkpoints.output.weights,
        checkpoints=rules.train_checkpoints.output.networks,
    output:
        table=of_ensemble("measures", "{block}.checkpoints.parquet"),
        local_table=of_ensemble("measures", "{block}.checkpoints.local.parquet"),
    log:
        log_file(f"measures/{ENSEMBLE}/{{block}}"),
    benchmark:
        benchmark_file(f"measures/{ENSEMBLE}/{{block}}")
    wildcard_constraints:
        block=one_of(CHECKPOINT_BLOCKS),
    priority: 50
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1500, memory_of_block),
        runtime=grown(1440 if any(STUDY.is_costly(block) for block in CHECKPOINT_BLOCKS) else 60),
    params:
        job=job(
            lambda wildcards: STUDY.block_job(wildcards.block),
            names=ensemble_names,
            asked=lambda wildcards: STUDY.checkpoints(*ensemble_names(wildcards), wildcards.block),
            scale=lambda wildcards: recipe_of(wildcards).scale,
            seed_name=STUDY.seed_name,
        ),
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
            "input.checkpoints",
            "output.table",
            "output.local_table",
            "params.costs",
        )


rule summarise_checkpoints:
    """
    Requires what was measured of networks at their checkpoints, how well they were trained there, and the
    published values.
    Makes the coefficients of every network at every checkpoint, summaries by ensemble and checkpoint, and where
    each network would stop.
    """
    input:
        [
            result(f"measures/{'/'.join(names)}/{block}.checkpoints.{ending}")
            for block in CHECKPOINT_BLOCKS
            for names in STUDY.checkpoint_ensembles(block)
            for ending in ("parquet", "local.parquet")
        ],
        [
            result(f"training/{'/'.join(names)}/checkpoints.parquet")
            for names in STUDY.checkpoint_ensembles()
        ],
        published=from_outside(STUDY.published()),
    output:
        checkpoints=result("statistics/checkpoints.parquet"),
        training_time=result("statistics/training_time.parquet"),
        early_stopping=result("statistics/early_stopping.parquet"),
        training_comparison=result("statistics/training_comparison.parquet"),
    log:
        log_file("checkpoints"),
    benchmark:
        benchmark_file("checkpoints")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(10),
    params:
        job=job(
            blocks={
                block: ["/".join(names) for names in STUDY.checkpoint_ensembles(block)]
                for block in CHECKPOINT_BLOCKS
            },
            seed_name=STUDY.seed_name,
        ),
        content=content_of(STUDY.published()),
        root=lambda wildcards, output: Path(output.training_time).parent.parent,
        folder=lambda wildcards, output: Path(output.training_time).parent,
        code=code_of("summarise_checkpoints"),
    message:
        "training time"
    shell:
        entry("summarise_checkpoints", "params.root", "input.published", "output=params.folder")
