# On demand (`snakemake archive`).


rule archive:
    """
    Requires the finished study.
    Makes one file, from which another machine checks the results and renders the report without computing.
    """
    input:
        manifest=rules.write_manifest.output.manifest,
        texts=rules.render_report.input.texts,
        lock=rules.render_report.input.lock,
    output:
        archive=f"{RESULTS}.tar.gz",
    log:
        log_file("archive"),
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(500),
        runtime=grown(30),
    params:
        content=rules.render_report.params.content,
        root=lambda wildcards, input: Path(input.manifest).parent,
        benchmarks=f"benchmarks/{STUDY.name}",
        code=code_of("archive_results"),
    message:
        "archive"
    shell:
        "python -m archive_results --root {params.root:q} --benchmarks {params.benchmarks:q}"
        " --sources {input.texts:q} {input.lock:q} --output {output.archive:q}"
        " --job archive --log {log:q}"
