# Stage 7. Requires training, graphs (ties), geometry, coefficients. Makes statistics/.
TABLES = (
    "accuracy",
    "cells",
    "networks",
    "funnel",
    "excluded",
    "regression",
    "within_cells",
    "layers",
    "pairs",
    "ties",
    "comparison",
    "fit",
    "claims",
    "ledger",
    "nulls",
    "null_laws",
    "held_out",
    "accuracy_link",
    "baselines",
    "k_curves",
    "published_curves",
)


rule compute_statistics:
    input:
        of_all_ensembles("training", "networks.parquet"),
        of_all_ensembles("graphs", "ties.parquet"),
        of_all_ensembles("geometry", "layers.parquet"),
        of_all_ensembles("coefficients", "networks.parquet"),
        of_all_ensembles("coefficients", "cell.parquet"),
        published=from_outside(STUDY.published()),
    output:
        **{name: shown_table(name) for name in TABLES},
        summary=result("statistics/summary.json"),
    log:
        log_file("statistics"),
    benchmark:
        benchmark_file("statistics")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(3000),
        runtime=grown(10),
    params:
        study=STUDY.name,
        content=content_of(STUDY.published()),
        seed_name=STUDY.seed_name,
        root=lambda wildcards, output: Path(output.summary).parent.parent,
        folder=lambda wildcards, output: Path(output.summary).parent,
        ensembles=ENSEMBLES,
        thresholds=[f"{name}={STUDY.threshold(name)}" for name in STUDY.data_sets],
        architectures=[f"{name}={depth}:{width}" for name, (depth, width) in STUDY.shapes().items()],
        groups=[f"{name}={group}" for name, group in STUDY.groups().items()],
        published=flags(
            {
                "published": STUDY.config["published"],
                "variant_of": {
                    name: known for name, known in STUDY.published_names().items() if name != known
                }
                or None,
            }
        ),
        claims=flags({"claims": STUDY.config["claims"]}),
        unfiltered=flags({"unfiltered": STUDY.unfiltered()}),
        controls=flags({"controls": STUDY.controls()}),
        networks=STUDY.networks(STUDY.config["conditions"][0]),
        control_networks=STUDY.control_networks(),
        confidence=STUDY.config["confidence"],
        condition=STUDY.config["conditions"][0],
        convention=STUDY.config["geometry"]["primary_convention"],
        code=code_of("compute_statistics"),
    message:
        "statistics"
    shell:
        "python -m compute_statistics --study {params.study} --seed-name {params.seed_name} --root {params.root}"
        " --ensembles {params.ensembles} --thresholds {params.thresholds}"
        " --architectures {params.architectures} {params.claims} {params.unfiltered} {params.controls}"
        " --networks {params.networks} --control-networks {params.control_networks}"
        " --groups {params.groups} {params.published} --confidence {params.confidence} --primary-condition {params.condition}"
        " --primary-convention {params.convention} --output {params.folder}"
        " --threads {threads} --job statistics --log {log}"
