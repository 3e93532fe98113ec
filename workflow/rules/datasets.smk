# Data sets. These jobs come first and, where the profile limits the resource `gate`, alone: whatever is
# wrong with any data set ends the run before a network is trained.


rule make_dataset:
    """
    Requires nothing of the study; of a file or a download, what lies outside.
    Makes the points of a data set and its facts.
    """
    input:
        path=file_of,
        replacement=lambda wildcards: from_outside(STUDY.replacement(wildcards.data_set)),
    output:
        tensors=result("datasets/{data_set}.safetensors"),
        facts=result("datasets/{data_set}.json"),
    log:
        log_file("datasets/{data_set}"),
    benchmark:
        benchmark_file("datasets/{data_set}")
    priority: 100
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000, lambda wildcards: NEEDS.data_set(wildcards.data_set)),
        runtime=grown(30),
        gate=1000,
    params:
        job=job(
            name=lambda wildcards: wildcards.data_set,
            source=lambda wildcards: STUDY.source(wildcards.data_set),
            data_dir=lambda wildcards: STUDY.data_dir(wildcards.data_set),
            seed_name=STUDY.seed_name,
            test_points=STUDY.config.test_points,
        ),
        content=content_behind,
        code=lambda wildcards: code_of("make_dataset", [STUDY.module(wildcards.data_set)]),
    message:
        "data set {wildcards.data_set}"
    shell:
        entry("make_dataset", "input.path", "output.tensors", "output.facts")


rule check_data_set:
    """
    Requires the facts of a data set.
    Makes its grid of k, resolved; checks that grid, accuracy threshold and scales fit the data set.
    It is no input of the training, so another grid or threshold trains nothing again. (An ancient input
    would not do: Snakemake then overlooks other changes of the jobs behind it.)
    """
    input:
        facts=rules.make_dataset.output.facts,
    output:
        check=result("datasets/{data_set}.grid.json"),
    log:
        log_file("datasets/{data_set}.grid"),
    priority: 100
    localrule: True
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(200),
        runtime=grown(5),
        gate=1000,
    params:
        job=job(
            k_of,
            accuracy_threshold=lambda wildcards: STUDY.threshold_of_any(wildcards.data_set),
            scales=lambda wildcards: STUDY.scales(wildcards.data_set),
        ),
        code=code_of("check_data_set"),
    message:
        "check of {wildcards.data_set}"
    shell:
        entry("check_data_set", "input.facts", "output.check")
