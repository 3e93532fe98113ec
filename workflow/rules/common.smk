# Shared by the rules: paths of files, parameters by leaf. Requires: STUDY.
import json
from pathlib import Path

from ricci_flow.figures import registry
from ricci_flow.report.guide import NAMES as GUIDE_PAGES
from ricci_flow.report.pages import page_names
from ricci_flow.study import snakemake_inside
from ricci_flow.study.code import fingerprint, recall
from ricci_flow.study.jobs import by_names, entry, grown, job, names_of, one_of
from ricci_flow.study.machine import gpus
from ricci_flow.study.needs import Needs

RESULTS = f"{STUDY.config.results}/{STUDY.name}"
ENSEMBLE = "{data_set}/{architecture}/{condition}"
ENSEMBLES = ["/".join(names) for names in STUDY.ensembles()]
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


def matched(stage, file):
    """Return a function for the path of a file of the ensemble that random features match."""

    def path(wildcards):
        condition = STUDY.conditions[wildcards.condition].gaussian_of
        return f"{RESULTS}/{stage}/{wildcards.data_set}/{wildcards.architecture}/{condition}/{file}"

    return path


def behind_closed_form(kind):
    """Return a function for the path of a file of the data set, for layers that a theory gives."""

    def path(wildcards):
        needed = STUDY.conditions[wildcards.condition].closed_form
        return result(f"datasets/{wildcards.data_set}.{kind}") if needed else []

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


recall(ROOT / "scripts", Path(".snakemake/ricci_flow/code.json"))


def code_of(script, loaded=()):
    """Return the hash of all code that a script runs, with the versions of its libraries.

    An edit or another version reruns the rule, a touched file does not. loaded: modules of the package
    that the script imports by name at run time.
    """
    return fingerprint(ROOT / f"scripts/{script}.py", ROOT / "requirements.lock", tuple(loaded))


def k_of(wildcards):
    """Return the k grid of a data set: its own, or shares of its points."""
    grid = STUDY.k_grid(wildcards.data_set)
    return {"k_fractions": STUDY.k_fractions()} if grid is None else {"k": grid}


def largest_k(wildcards):
    """Return the grid of k of a data set, only its largest k, as fields of a job."""
    return {name: values[-1:] for name, values in k_of(wildcards).items()}


def titles():
    """Return the titles of the names of all ensembles, and the shapes of architectures, as fields of a job."""
    kinds = ("data_sets", "architectures", "conditions")
    shown = [list(dict.fromkeys(names)) for names in zip(*STUDY.ensembles())]
    return json.loads(STUDY.labels().as_json(**dict(zip(kinds, shown))))


def ensemble_names(wildcards):
    """Return data set, architecture and condition of an ensemble."""
    return list(names_of(wildcards).values())


def memory_of_block(wildcards):
    """Return the MB that a further block of an ensemble takes."""
    return NEEDS.further(*ensemble_names(wildcards), wildcards.block)


NEEDS = Needs(STUDY)
recipe_of = by_names(STUDY.recipe)  # training options of an ensemble


def weights_of(wildcards):
    """Return the weights of an ensemble; none of layers that are drawn or were given."""
    drawn = STUDY.conditions[wildcards.condition].gaussian_of is not None
    if drawn or wildcards.data_set in STUDY.given():
        return []
    names = f"{wildcards.data_set}/{wildcards.architecture}/{wildcards.condition}"
    return result(f"training/{names}/weights.safetensors")


def large(path):
    """Return the path of a large file, to be deleted after use where the study says so."""
    return path if STUDY.config.geometry.keep_graphs else temp(path)
