# The guide, beside the report of every study.
GUIDE_TEXTS = [
    of_checkout("reports/styles.css"),
    *(
        str(path)
        for folder in ("reports/guide", "reports/pictures")
        for path in sorted(Path(of_checkout(folder)).iterdir())
        if path.is_file()
    ),
]


rule render_guide:
    """
    Requires nothing but the texts of the guide.
    Makes its pages, in the look of the report.
    """
    input:
        texts=from_outside(GUIDE_TEXTS),
    output:
        pages=[result(f"report/guide/{name}.html") for name in GUIDE_PAGES],
    log:
        log_file("guide"),
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(400),
        runtime=grown(10),
    params:
        job=job(),
        content=content_of(GUIDE_TEXTS),
        reports=lambda wildcards, input: Path(input.texts[0]).parent,
        code=code_of("render_guide"),
    message:
        "guide"
    shell:
        entry("render_guide", "params.reports", "output.pages")
