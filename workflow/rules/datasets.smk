# Stage 1. Requires nothing of the study. Makes datasets/<data_set>.{safetensors,json}, and checks
# that k grid, accuracy threshold and scales fit: <data_set>.grid.json. These jobs come first and, where the profile limits the
# resource `gate`, alone: whatever is wrong with any data set ends the run before a network is
# trained. The check is no input of the training, so another grid or threshold trains nothing again. (An ancient
# input would not do: Snakemake then overlooks other changes of the jobs behind it.)


rule make_dataset:
    input:
        files=files_behind,
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
        mem_mb=grown(2000),
        runtime=grown(30),
        gate=1000,
    params:
        source=source_flags,
        content=content_behind,
        data_dir=data_dir_flag,
        seed_name=STUDY.seed_name,
        code=code_of("make_dataset"),
    message:
        "data set {wildcards.data_set}"
    shell:
        "python -m make_dataset --name {wildcards.data_set} {params.source} {params.data_dir}"
        " --seed-name {params.seed_name} --threads {threads}"
        " --tensors {output.tensors} --facts {output.facts}"
        " --job {wildcards.data_set} --log {log}"


rule check_data_set:
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
            k=k_of,
            k_fractions=k_fractions_of,
            accuracy_threshold=threshold_of_data_set,
            scales=lambda wildcards: STUDY.scales(wildcards.data_set),
        ),
        code=code_of("check_data_set"),
    message:
        "check of {wildcards.data_set}"
    shell:
        entry("check_data_set", "input.facts", "output.check")
