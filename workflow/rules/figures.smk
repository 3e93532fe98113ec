# Figures of the study, each as its module in scripts/ricci_flow/figures declares it.
FIGURES = registry.figures_of(STUDY)


rule draw_figure:
    """
    Requires the tables or other files that the figure declares.
    Makes its picture; where it cannot be drawn a picture of the reason, and check_report fails.
    """
    input:
        files=lambda wildcards: [
            result(path) for path in registry.files_of(FIGURES[wildcards.figure], STUDY)
        ],
    output:
        figure=shown("figures/{figure}.svg", "Figures", "figure", figure="{figure}"),
    log:
        log_file("figures/{figure}"),
    benchmark:
        benchmark_file("figures/{figure}")
    wildcard_constraints:
        figure=one_of(FIGURES),
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1500),
        runtime=grown(30),
    params:
        job=lambda wildcards: registry.job_of(wildcards.figure, FIGURES[wildcards.figure], STUDY),
        caption=lambda wildcards: registry.plain_caption(FIGURES[wildcards.figure], STUDY),
        code=lambda wildcards: code_of("draw_figure", [registry.module_of(wildcards.figure)]),
    message:
        "figure {wildcards.figure}"
    shell:
        entry("draw_figure", "input.files", "output=output.figure")
