# Last.


rule write_manifest:
    """
    Requires all that the study is run for.
    Makes the list of every result, its SHA-256, and the job that made it by Snakemake's own records.
    Whatever runs again runs this again, since all results stand behind the targets; they are no inputs
    themselves, or Snakemake would hash them too.
    """
    input:
        targets=TARGETS,
    output:
        manifest=result("manifest.json"),
    log:
        log_file("manifest"),
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(500),
        runtime=grown(30),
    params:
        job=job(),
        root=lambda wildcards, output: Path(output.manifest).parent,
        code=code_of("write_manifest"),
    message:
        "manifest"
    shell:
        entry("write_manifest", "params.root", "input.targets", "output.manifest")


# With the results in an object store there is no folder to walk: the manifest can then be asked for
# by name in a copy of the results, and is no part of the run.
MANIFEST = (
    [] if snakemake_inside.has_remote_results(workflow) else [rules.write_manifest.output.manifest]
)
