# Stage 8. Requires datasets, activations, graphs (one ensemble), statistics. Makes figures/*.svg. With --gap a figure
# that cannot be drawn leaves a picture of the reason: the report is made, and check_report fails.
FIGURE_TABLES = {
    "accuracy": "accuracy",
    "layers": "layers",
    "heatmap": "cells",
    "pairs": "pairs",
    "accuracy_z": "networks",
    "spread": "networks",
    "nulls": "null_laws",
    # What differs between conditions can be seen with two of them.
    **({"verdicts": "ledger"} if len(STUDY.judged()) > 1 else {}),
}
# The ensemble whose first network is drawn as a graph, layer by layer.
DRAWN = ENSEMBLES[0].split("/")


rule draw_clouds:
    input:
        expand(result("datasets/{data_set}.safetensors"), data_set=list(STUDY.data_sets)),
        facts=expand(result("datasets/{data_set}.json"), data_set=list(STUDY.data_sets)),
    output:
        figure=shown("figures/clouds.svg", "Figures", figure="clouds"),
    log:
        log_file("figures/clouds"),
    benchmark:
        benchmark_file("figures/clouds")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        tensors=lambda wildcards, input: [path for path in input if path.endswith("safetensors")],
        labels=labels_flag(data_sets=list(STUDY.data_sets)),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure clouds"
    shell:
        "python -m draw_figure clouds --datasets {params.tensors} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/clouds --log {log}"


rule draw_table:
    input:
        table=lambda wildcards: result(f"statistics/{FIGURE_TABLES[wildcards.figure]}.parquet"),
        published=lambda wildcards: (
            result("statistics/published_curves.parquet") if wildcards.figure == "heatmap" else []
        ),
    output:
        figure=shown("figures/{figure}.svg", "Figures", "of_statistics", figure="{figure}"),
    log:
        log_file("figures/{figure}"),
    benchmark:
        benchmark_file("figures/{figure}")
    wildcard_constraints:
        figure="|".join(FIGURE_TABLES),
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        condition=lambda wildcards: (
            ""
            if wildcards.figure in ("spread", "nulls", "verdicts")
            else flags({"condition": STUDY.config["conditions"][0]})
        ),
        convention=lambda wildcards: (
            ""
            if wildcards.figure == "accuracy"
            else flags({"convention": STUDY.config["geometry"]["primary_convention"]})
        ),
        epochs=lambda wildcards: (
            flags({"epochs": STUDY.epochs() or None}) if wildcards.figure == "verdicts" else ""
        ),
        labels=labels_flag(),
        published=lambda wildcards, input: flags({"published": input.get("published") or None}),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure {wildcards.figure}"
    shell:
        "python -m draw_figure {wildcards.figure} --table {input.table} {params.published}"
        " {params.condition} {params.convention} {params.epochs} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/{wildcards.figure} --log {log}"


rule draw_conditions:
    input:
        cells=result("statistics/cells.parquet"),
        comparison=result("statistics/comparison.parquet"),
    output:
        figure=shown("figures/conditions.svg", "Figures", figure="conditions"),
    log:
        log_file("figures/conditions"),
    benchmark:
        benchmark_file("figures/conditions")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        convention=STUDY.config["geometry"]["primary_convention"],
        labels=labels_flag(),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure conditions"
    shell:
        "python -m draw_figure conditions --cells {input.cells} --comparison {input.comparison}"
        " --convention {params.convention} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/conditions --log {log}"


rule draw_k_curves:
    input:
        k_curves=result("statistics/k_curves.parquet"),
        published=result("statistics/published_curves.parquet"),
    output:
        figure=shown("figures/k_curves.svg", "Figures", figure="k_curves"),
    log:
        log_file("figures/k_curves"),
    benchmark:
        benchmark_file("figures/k_curves")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        convention=STUDY.config["geometry"]["primary_convention"],
        labels=labels_flag(),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure k_curves"
    shell:
        "python -m draw_figure k_curves --k-curves {input.k_curves} --published {input.published}"
        " --convention {params.convention} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/k_curves --log {log}"


rule draw_forest:
    input:
        within_cells=result("statistics/within_cells.parquet"),
        accuracy_link=result("statistics/accuracy_link.parquet"),
        baselines=result("statistics/baselines.parquet"),
    output:
        figure=shown("figures/forest.svg", "Figures", figure="forest"),
    log:
        log_file("figures/forest"),
    benchmark:
        benchmark_file("figures/forest")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        condition=STUDY.config["conditions"][0],
        convention=STUDY.config["geometry"]["primary_convention"],
        labels=labels_flag(),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure forest"
    shell:
        "python -m draw_figure forest --within-cells {input.within_cells}"
        " --accuracy-link {input.accuracy_link} --baselines {input.baselines}"
        " --condition {params.condition} --convention {params.convention} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/forest --log {log}"


rule draw_graph:
    input:
        data=result(f"datasets/{DRAWN[0]}.safetensors"),
        facts=result(f"datasets/{DRAWN[0]}.json"),
        layers=result(f"activations/{'/'.join(DRAWN)}/layers.safetensors"),
        neighbours=result(f"graphs/{'/'.join(DRAWN)}/neighbours.safetensors"),
    output:
        figure=shown("figures/graph.svg", "Figures", figure="graph"),
    log:
        log_file("figures/graph"),
    benchmark:
        benchmark_file("figures/graph")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        k=flags(
            {"k": drawn_k(STUDY.k_grid(DRAWN[0]))}
            if STUDY.k_grid(DRAWN[0])
            else {"k_fractions": STUDY.k_fractions()}
        ),
        labels=labels_flag(data_sets=DRAWN[:1], architectures=DRAWN[1:2]),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure graph"
    shell:
        "python -m draw_figure graph --dataset {input.data} --activations {input.layers}"
        " --neighbours {input.neighbours} {params.k} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/graph --log {log}"


rule draw_curvatures:
    input:
        networks=rules.summarise_curvatures.output.curvature_networks,
    output:
        figure=shown("figures/curvatures.svg", "Figures", figure="curvatures"),
    log:
        log_file("figures/curvatures"),
    benchmark:
        benchmark_file("figures/curvatures")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        labels=labels_of_ensembles(STUDY.curved()),
        code=code_of("draw_figure"),
        libraries=libraries_of("draw_figure"),
    message:
        "figure curvatures"
    shell:
        "python -m draw_figure curvatures --networks {input.networks} {params.labels} --output {output.figure}"
        " --gap --threads {threads} --job figures/curvatures --log {log}"
