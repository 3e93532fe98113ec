# Shared by the files of this folder: the study, the paths of its files, parameters by leaf.
# Requires: config, rules/place.smk. Makes nothing.
import atexit
import hashlib
import json
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.figures import registry
from ricci_flow.figures.gap import take_gaps
from ricci_flow.study import failures
from ricci_flow.study.code import fingerprint, recall
from ricci_flow.study.content import content_hash, stored_version
from ricci_flow.study.machine import gpus
from ricci_flow.study.model import load_study
from ricci_flow.study.paths import check_writable, is_remote
from ricci_flow.study.schema import load_yaml
from ricci_flow.study.warnings import warnings_of

# What a message about the config calls it: the files given with --configfile, and --config.
GIVEN = [f"{path}" for path in workflow.config_settings.configfiles] or ["config/config.yaml"]
GIVEN += ["--config"] if workflow.config_settings.config else []

try:
    # Snakemake lets the last of equal keys win, and tells not which file a key is from.
    LAYERS = [
        (path.parent, load_yaml(path))
        for path in map(
            Path, [of_checkout("config/config.yaml"), *workflow.config_settings.configfiles]
        )
    ]
    LAYERS.append((Path(), workflow.config_settings.config))
    STUDY = load_study(config, ROOT / "workflow" / "schemas", ", ".join(GIVEN), LAYERS)
    check_writable(STUDY.config["results"], STUDY.name)
    if STUDY.published() and workflow.is_main_process:  # not first after hours, by the statistics
        from ricci_flow.analysis.published import read_published

        read_published(Path(STUDY.config["published"]))
except InputError as error:
    # One line instead of Snakemake's report on an exception in the workflow.
    print(f"error: {error}", file=sys.stderr)
    sys.exit(1)

if workflow.is_main_process:  # jobs of their own process read this file again
    for line in warnings_of(STUDY):
        print(f"warning: {line}", file=sys.stderr)

recall(ROOT / "scripts", Path(".snakemake/ricci_flow/code.json"))

RESULTS = f"{STUDY.config['results']}/{STUDY.name}"
ENSEMBLE = "{data_set}/{architecture}/{condition}"
ENSEMBLES = ["/".join(names) for names in STUDY.ensembles()]
# Those that other curvatures are measured of, and the modules that these are loaded from.
CURVED = ["/".join(names) for names in STUDY.curved()]
NOTIONS = [f"ricci_flow.curvatures.notions.{name}" for name in STUDY.notion_modules()]
ENSEMBLE_LABEL = "{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"


wildcard_constraints:
    data_set="|".join(STUDY.data_sets),
    architecture="|".join(STUDY.architectures),
    condition="|".join(STUDY.conditions),


def result(path):
    """Return the path of one of the study's results."""
    return f"{RESULTS}/{path}"


def of_ensemble(stage, file):
    """Return the path, with wildcards, of a file that every ensemble has at a stage."""
    return f"{RESULTS}/{stage}/{ENSEMBLE}/{file}"


def of_all_ensembles(stage, file):
    """Return the paths of that file for all ensembles of the study."""
    return [f"{RESULTS}/{stage}/{ensemble}/{file}" for ensemble in ENSEMBLES]


def one_of(names):
    """Return a regular expression for exactly these names; for none it matches nothing."""
    return "|".join(names) or "(?!)"


def names_of(wildcards):
    """Return the names of an ensemble."""
    return {name: wildcards[name] for name in ("data_set", "architecture", "condition")}


def matched(stage, file):
    """Return a function for the path of a file of the ensemble that random features match."""

    def path(wildcards):
        condition = STUDY.conditions[wildcards.condition]["gaussian_of"]
        return f"{RESULTS}/{stage}/{wildcards.data_set}/{wildcards.architecture}/{condition}/{file}"

    return path


def networks_of(wildcards):
    """Return how many networks an ensemble has."""
    return STUDY.networks(wildcards.condition)


def shown(path, category, caption=None, **labels):
    """Return the path of a result that Snakemake's own report shows, with its caption.

    caption: name of a file in workflow/report, the first label by default.
    """
    name = caption or next(iter(labels.values()))
    return report(result(path), caption=f"../report/{name}.rst", category=category, labels=labels)


def shown_table(name):
    """Return the path of a table of statistics, which the report shows if there is a caption."""
    path = f"statistics/{name}.parquet"
    if (ROOT / "workflow" / "report" / f"table_{name}.rst").is_file():
        return shown(path, "Tables", f"table_{name}", table=name)
    return result(path)


def log_file(path):
    """Return the path of a job's log."""
    return f"logs/{STUDY.name}/{path}.log"


def benchmark_file(path):
    """Return the path of a job's benchmark: seconds, memory, load."""
    # Never in remote storage: the report reads the folder of all of them.
    return local(f"benchmarks/{STUDY.name}/{path}.tsv")


def entry(script, *files, launcher=""):
    """Return the shell command of a job whose arguments are a Job (scripts/ricci_flow/job.py).

    files: inputs and outputs by their names in the rule, as "input.data" or "output.table", each of
    which sets the field of the same name; where the field is called otherwise, "field=input.data".
    launcher: a command that the job's command is handed to. The rule has the settings in params.job.
    """
    words = [launcher, f"python -m {script} {{params.job:q}}"]
    for file in files:
        field, _, source = file.rpartition("=")
        words.append(f"--file {field or source.partition('.')[2]} {{{source}:q}}")
    return " ".join(filter(None, [*words, "--threads {threads} --log {log:q}"]))


def job(*several, **settings):
    """Return a function of the wildcards for the settings of a job, as JSON.

    settings: fields of the Job and their values, or functions of the wildcards for these; several:
    functions of the wildcards for some fields at once, name -> value. A field that is None keeps its
    default.
    """

    def text(wildcards):
        given = {name: value for fields in several for name, value in fields(wildcards).items()}
        for name, value in settings.items():
            given[name] = value(wildcards) if callable(value) else value
        return short_job(json.dumps({k: v for k, v in given.items() if v is not None}))

    return text


def short_job(text):
    """Return the JSON of a job, or where it is long for a command line the path of a file of it."""
    if len(text) < 30_000:  # Linux takes 128 KiB for the whole command
        return text
    name = hashlib.sha256(text.encode()).hexdigest()[:16]  # other settings are another parameter
    path = Path(".snakemake/ricci_flow/jobs", f"{name}.json")
    if not path.is_file():
        with staged(path) as part:
            part.write_text(text, "utf-8")
    return f"{path}"


def code_of(script, loaded=()):
    """Return the hash of all code that a script runs, with the versions of its libraries.

    An edit or another version reruns the rule, a touched file does not. loaded: modules of the package
    that the script imports by name at run time.
    """
    return fingerprint(ROOT / f"scripts/{script}.py", ROOT / "requirements.lock", loaded)


def flags(options):
    """Return options as command-line flags, quoted for the shell; None and False are left out."""
    words = []
    for key, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{key.replace('_', '-')}")
        if isinstance(value, dict):
            words.extend(f"{name}={item}" for name, item in value.items())
        elif isinstance(value, (list, tuple)):
            words.extend(str(item) for item in value)
        elif value is not True:
            words.append(str(value))
    return shlex.join(words)


def k_of(wildcards):
    """Return the k grid of a data set: its own, or shares of its points."""
    grid = STUDY.k_grid(wildcards.data_set)
    return {"k_fractions": STUDY.k_fractions()} if grid is None else {"k": grid}


def k_flags(wildcards, largest_only=False):
    """Return the k grid of a data set as flags, or only its largest k."""
    grid, fractions = STUDY.k_grid(wildcards.data_set), STUDY.k_fractions()
    values = fractions if grid is None else grid
    return flags({"k_fractions" if grid is None else "k": values[-1:] if largest_only else values})


def replacement(data_set):
    """Return the file in data_dir that takes the place of a download, if there is one."""
    folder = STUDY.config["data_dir"]
    if folder is None or STUDY.source(data_set)["kind"] != "openml":
        return []
    names = [data_set, STUDY.published_names()[data_set]]  # its own, or that of what it varies
    paths = [Path(folder) / f"{name}.npz" for name in names]
    return [str(path) for path in paths if path.is_file()][:1]


def data_dir_of(wildcards):
    """Return data_dir for data sets that it can take the place of a download for, else None."""
    folder = STUDY.config["data_dir"]
    if folder is None or STUDY.source(wildcards.data_set)["kind"] != "openml":
        return None
    return os.path.normpath(folder)


def from_outside(paths):
    """Return files that no rule makes as inputs; a rule with any needs `content_of` them too.

    Whether they are new is for their content to say: by time an older file would be overlooked.
    """
    return ancient(local(paths))


def content_of(paths):
    """Return the hashes of files from outside: another content reruns the rule, a touch does not."""
    known = Path(".snakemake/ricci_flow/content.json")
    return [content_hash(Path(path), known) for path in paths]


def file_of(wildcards):
    """Return the file that the catalogue names for a data set, if any."""
    path = STUDY.source(wildcards.data_set).get("path")
    if path is None:
        return []
    return ancient(storage(path)) if is_remote(path) else from_outside(path)


def content_behind(wildcards):
    """Return what tells the content of these files, so that another one makes the data set again."""
    path = STUDY.source(wildcards.data_set).get("path")
    if path and is_remote(path):
        return [stored_version(storage(path).flags["storage_object"])]
    return content_of([path] if path else replacement(wildcards.data_set))


def recipe_of(wildcards):
    """Return the training options of an ensemble."""
    return STUDY.recipe(wildcards.data_set, wildcards.architecture, wildcards.condition)


def training_of(wildcards):
    """Return the fields of a training job that say what is trained, and how."""
    recipe = recipe_of(wildcards)
    options = {name: recipe.pop(name) for name in ("scale", "device")}
    entry = STUDY.architectures[wildcards.architecture]
    layers = {key: entry[key] for key in ("widths", "layers", "activation") if key in entry}
    return {"entry": layers, "recipe": recipe, **options}


def network_modules(wildcards):
    """Return the modules of layers and trainers that an ensemble's training imports by name."""
    return STUDY.network_modules(wildcards.data_set, wildcards.architecture, wildcards.condition)


def threshold_of(wildcards):
    """Return the accuracy above which networks of an ensemble are kept; None for all of them."""
    if wildcards.condition in STUDY.unfiltered():
        return None
    return STUDY.threshold(wildcards.data_set)


def threshold_of_data_set(wildcards):
    """Return the accuracy threshold of a data set; None where no condition filters its networks."""
    if not STUDY.is_filtered(wildcards.data_set):
        return None
    return STUDY.threshold(wildcards.data_set)


def weights_of(wildcards):
    """Return the weights of an ensemble; none of a condition that draws layers without networks."""
    if "gaussian_of" in STUDY.conditions[wildcards.condition]:
        return []
    names = f"{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
    return result(f"training/{names}/weights.safetensors")


def large(path):
    """Return the path of a large file, to be deleted after use where the study says so."""
    return path if STUDY.config["geometry"]["keep_graphs"] else temp(path)


def grown(amount):
    """Return a request for memory or time that doubles with every attempt."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def training_gpus(wildcards):
    """Return how many GPUs the training of an ensemble asks for."""
    return gpus(recipe_of(wildcards)["device"])


def tell_report(note):
    """Write down where the report is, if this run made it or found that it is current.

    note: a file, which run_study.py reads if all went well.
    """
    ran = workflow.scheduler is not None and not workflow.dryrun and not workflow.touch
    page = Path(RESULTS, "report", "report.html").absolute()
    if (
        ran
        and page.is_file()
        and any(job.rule.name == "render_report" for job in workflow.dag.jobs)
    ):
        Path(note).write_text(f"{page}", "utf-8")


if note := os.environ.pop("RICCI_FLOW_REPORT_NOTE", None):
    atexit.register(tell_report, note)


def lift_default_rate_limit():
    """Lift Snakemake's limit of 100 new jobs a second unless another one was asked for.

    With any limit 9.27 leaves a timer behind for every job that ends, each of which has it look at
    all ready jobs once a second for the rest of the run (Snakemake's pull request 3744): after a
    thousand jobs it takes what it can get of a core.
    """
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if limit is not None and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


def say_causes_last(run_logs):
    """Say why jobs failed, one line each, as the very last lines, below Snakemake's own."""
    jobs = [
        failures.FailedJob(
            job.message or job.rule.name, job.rule.name, Path(job.log[0]), job.attempt
        )
        for one_or_group in workflow.scheduler.failed
        for job in (one_or_group.jobs if one_or_group.is_group() else [one_or_group])
    ]
    lines = "\n".join(f"error: {cause}" for cause in failures.causes(jobs, run_logs))
    if lines:
        atexit.register(print, lines, file=sys.stderr, flush=True)


def fail_for_missing_figures():
    """Fail a run that was asked for single figures where one could not be drawn."""
    lines = take_gaps(sorted(Path(RESULTS).glob("figures/*.svg")))
    for line in lines:
        atexit.register(print, f"error: {line}", file=sys.stderr, flush=True)
    if lines:
        raise WorkflowError(f"{len(lines)} of the figures asked for could not be drawn.")
