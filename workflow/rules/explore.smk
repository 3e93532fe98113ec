# The page on which readers move the points of single networks through the layers. Its texts are in reports/explore.
EXPLORE_TEXTS = [
    of_checkout(f"reports/explore/{name}") for name in ("page.html", "style.css", "script.js")
]


rule render_explore:
    """
    Requires data sets, activations, measures and coefficients of all ensembles, at checkpoints too.
    Makes one page of some of their networks and points; what is left out is said on it.
    """
    input:
        texts=from_outside(EXPLORE_TEXTS),
        data=expand(result("datasets/{data_set}.safetensors"), data_set=list(STUDY.data_sets)),
        facts=expand(result("datasets/{data_set}.json"), data_set=list(STUDY.data_sets)),
        layers=of_all_ensembles("activations", "layers.safetensors"),
        measures=of_all_ensembles("measures", "main.parquet"),
        coefficients=of_all_ensembles("coefficients", "networks.parquet"),
        at_checkpoints=[
            result(f"{stage}/{'/'.join(names)}/checkpoints.{ending}")
            for names in STUDY.checkpoint_ensembles()
            for stage, ending in (("activations", "safetensors"), ("training", "parquet"))
        ],
        measured=[
            result(f"measures/{'/'.join(names)}/{block}.checkpoints.parquet")
            for block in CHECKPOINT_BLOCKS
            for names in STUDY.checkpoint_ensembles(block)
        ],
        checkpoints=rules.summarise_checkpoints.output.checkpoints if CHECKPOINT_BLOCKS else [],
    output:
        page=result("report/explore.html"),
    log:
        log_file("explore"),
    benchmark:
        benchmark_file("explore")
    conda:
        "../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000, lambda wildcards: NEEDS.explore()),
        runtime=grown(60),
    params:
        job=job(
            study=STUDY.name,
            data_sets=list(STUDY.data_sets),
            ensembles=ENSEMBLES,
            measures=STUDY.block_job("main")["measures"],
            primary_measure=STUDY.config.geometry.primary_measure,
            checkpoints={
                block: ["/".join(names) for names in STUDY.checkpoint_ensembles(block)]
                for block in CHECKPOINT_BLOCKS
            },
            **titles(),
        ),
        content=content_of(EXPLORE_TEXTS),
        root=lambda wildcards, output: Path(output.page).parent.parent,
        code=code_of("render_explore", STUDY.block_modules("main")),
    message:
        "explore"
    shell:
        entry("render_explore", "input.texts", "params.root", "output.page")
