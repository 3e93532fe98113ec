# Stage 9. Requires datasets, statistics, robustness, figures, reports/. Makes report/report.html, and
# report/checked.json where no figure is missing.

TEXTS = sorted(str(path) for path in Path(of_checkout("reports")).iterdir() if path.is_file())


rule write_config:
    output:
        config=result("report/config.json"),
    log:
        log_file("config"),
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(100),
        runtime=grown(5),
    params:
        # By a function, or Snakemake would look for wildcards in titles.
        config=lambda wildcards: STUDY.as_json(),
    message:
        "config of the study"
    shell:
        "printf '%s\\n' {params.config:q} > {output.config} 2> {log}"


rule render_report:
    input:
        texts=from_outside(TEXTS),
        data_sets=expand(result("datasets/{data_set}.json"), data_set=list(STUDY.data_sets)),
        tables=rules.compute_statistics.output,
        curvatures=rules.summarise_curvatures.output if CURVED else [],
        robustness=rules.summarise_robustness.output,
        figures=[result(f"figures/{figure}.svg") for figure in FIGURES],
        config=rules.write_config.output.config,
        lock=from_outside(of_checkout("requirements.lock")),
    output:
        page=shown("report/report.html", "Report", page="report"),
    log:
        log_file("report"),
    benchmark:
        benchmark_file("report")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1100),
        runtime=grown(15),
    params:
        study=STUDY.name,
        content=content_of([*TEXTS, of_checkout("requirements.lock")]),
        reports=lambda wildcards, input: Path(input.texts[0]).parent,
        data_sets=lambda wildcards, input: Path(input.data_sets[0]).parent,
        statistics=lambda wildcards, input: Path(input.tables[0]).parent,
        benchmarks=f"benchmarks/{STUDY.name}",
        code=code_of("render_report"),
    message:
        "report"
    shell:
        "python -m render_report --reports {params.reports} --data-sets {params.data_sets}"
        " --statistics {params.statistics}"
        " --figures {input.figures} --study {params.study} --config-file {input.config}"
        " --benchmarks {params.benchmarks} --lock {input.lock} --output {output.page}"
        " --threads {threads} --job report --log {log}"


rule check_report:
    input:
        page=rules.render_report.output.page,
        figures=rules.render_report.input.figures,
    output:
        checked=result("report/checked.json"),
    log:
        log_file("report_check"),
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(200),
        runtime=grown(5),
    params:
        code=code_of("check_report"),
    message:
        "report check"
    shell:
        "python -m check_report --page {input.page} --figures {input.figures}"
        " --output {output.checked} --job 'report check' --log {log}"
