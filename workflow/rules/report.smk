# The pages of a study.
TEXTS = sorted(str(path) for path in Path(of_checkout("reports")).iterdir() if path.is_file())
FRONT_PAGE, *PAGES = page_names(Path(of_checkout("reports")), system=STUDY.config.about is not None)


rule write_config:
    """
    Requires nothing.
    Makes the config of the study, with the catalogue entries in place of their names.
    """
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
        job=job(content=STUDY.resolved()),
        code=code_of("write_config"),
    message:
        "config of the study"
    shell:
        entry("write_config", "output.config")


rule render_report:
    """
    Requires facts, tables, figures, and the texts in reports/.
    Makes the pages; figures that are missing are named on the first.
    """
    input:
        texts=from_outside(TEXTS),
        data_sets=expand(result("datasets/{data_set}.json"), data_set=list(STUDY.data_sets)),
        tables=rules.compute_statistics.output,
        measures=rules.summarise_measures.output,
        checkpoints=rules.summarise_checkpoints.output if CHECKPOINT_BLOCKS else [],
        multiverse=rules.judge_choices.output if MULTIVERSE else [],
        figures=[result(f"figures/{figure}.svg") for figure in FIGURES],
        config=rules.write_config.output.config,
        lock=from_outside(of_checkout("requirements.lock")),
    output:
        front=shown(f"report/{FRONT_PAGE}.html", "Report", "report", page=FRONT_PAGE),
        pages=[shown(f"report/{page}.html", "Report", "page", page=page) for page in PAGES],
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
        job=job(study=STUDY.name),
        content=content_of([*TEXTS, of_checkout("requirements.lock")]),
        reports=lambda wildcards, input: Path(input.texts[0]).parent,
        data_sets=lambda wildcards, input: Path(input.data_sets[0]).parent,
        statistics=lambda wildcards, input: Path(input.tables[0]).parent,
        benchmarks=f"benchmarks/{STUDY.name}",
        code=code_of("render_report"),
    message:
        "report"
    shell:
        entry(
            "render_report",
            "params.reports",
            "params.data_sets",
            "params.statistics",
            "params.benchmarks",
            "input.figures",
            "input.config",
            "input.lock",
            "pages=output",
        )


rule check_report:
    """
    Requires the page and its figures.
    Makes the list of the figures, if none of them is missing.
    """
    input:
        page=rules.render_report.output.front,
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
        job=job(),
        code=code_of("check_report"),
    message:
        "report check"
    shell:
        entry("check_report", "input.page", "input.figures", "output.checked")
