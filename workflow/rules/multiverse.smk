# Every claim under every choice, in a study with the key multiverse. Requires: STUDY.
from ricci_flow.study import multiverse

MULTIVERSE = STUDY.config.multiverse
SPECIFIED = ["/".join(names) for names in multiverse.ensembles_of(STUDY)] if MULTIVERSE else []
POINTS = multiverse.points_block(STUDY) if MULTIVERSE else None
JUDGED_TABLES = (
    [f"measures/{{}}/{POINTS}.parquet", f"measures/{{}}/{POINTS}.local.parquet"]
    if POINTS
    else ["coefficients/{}/choices.parquet"]
)
MULTIVERSE_TABLES = ("choices", "specifications", "multiverse", "choice_effects")


rule measure_choices:
    """
    Requires the activations of an ensemble, its data set and weights.
    Makes the study's measures of all networks at every k, on the graphs and layers of the choices.
    """
    input:
        data=rules.make_dataset.output.tensors,
        facts=rules.make_dataset.output.facts,
        layers=rules.train_ensemble.output.layers,
        weights=weights_of,
    output:
        table=of_ensemble("measures", "choices.parquet"),
    log:
        log_file(f"measures/{ENSEMBLE}/choices"),
    benchmark:
        benchmark_file(f"measures/{ENSEMBLE}/choices")
    priority: 50
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000, by_names(NEEDS.measures)),
        runtime=grown(1440 if STUDY.is_costly("main") else 120),
    params:
        job=job(
            k_of,
            names=ensemble_names,
            measures=STUDY.block_job("main")["measures"],
            settings=MULTIVERSE.settings() if MULTIVERSE else {},
            networks=networks_of,
            scale=lambda wildcards: recipe_of(wildcards).scale,
            seed_name=STUDY.seed_name,
        ),
        code=code_of("measure", multiverse.modules_of(STUDY)),
    message:
        f"measures under all choices {ENSEMBLE_LABEL}"
    shell:
        entry(
            "measure",
            "input.data",
            "input.facts",
            "input.layers",
            "input.weights",
            "output.table",
        )


rule compute_choices:
    """
    Requires what was measured of an ensemble under the choices.
    Makes the mass and the curvature along the layers of every network, policy and choice of layers.
    """
    input:
        measures=rules.measure_choices.output.table,
    output:
        table=of_ensemble("coefficients", "choices.parquet"),
    log:
        log_file(f"coefficients/{ENSEMBLE}/choices"),
    benchmark:
        benchmark_file(f"coefficients/{ENSEMBLE}/choices")
    priority: 55
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(120),
    params:
        job=job(
            # No more than it needs: another recipe, or another reason, runs it not again.
            multiverse=(
                MULTIVERSE.model_dump(mode="json", include={"policies", "layers"})
                if MULTIVERSE
                else {}
            ),
            orders=lambda wildcards: wildcards.condition in multiverse.judged_conditions(STUDY),
            seed_name=STUDY.seed_name,
        ),
        code=code_of("compute_choices"),
    message:
        f"series under all choices {ENSEMBLE_LABEL}"
    shell:
        entry("compute_choices", "input.measures", "output.table")


rule judge_choices:
    """
    Requires accuracies and series of all ensembles that the choices name; for claims on local coefficients
    what their block measured.
    Makes every claim's estimate and verdict in every specification, and what the verdicts depend on.
    """
    input:
        [result(f"training/{names}/networks.parquet") for names in SPECIFIED],
        [result(table.format(names)) for names in SPECIFIED for table in JUDGED_TABLES],
    output:
        **{name: result(f"statistics/{name}.parquet") for name in MULTIVERSE_TABLES},
    log:
        log_file("multiverse"),
    benchmark:
        benchmark_file("multiverse")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(240),
    params:
        job=job(
            lambda wildcards: multiverse.job_of(STUDY),
            ensembles=SPECIFIED,
            thresholds={name: STUDY.threshold(name) for name in STUDY.data_sets},
            unfiltered=STUDY.unfiltered(),
            groups=STUDY.groups(),
            architectures=STUDY.shapes() if POINTS else {},
            claims=STUDY.config.claims,
            confidence=STUDY.config.confidence,
            seed_name=STUDY.seed_name,
        ),
        root=lambda wildcards, output: Path(output.choices).parent.parent,
        folder=lambda wildcards, output: Path(output.choices).parent,
        code=code_of("judge_choices"),
    message:
        "claims under all choices"
    shell:
        entry("judge_choices", "params.root", "output=params.folder")
