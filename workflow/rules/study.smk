# The study that is asked for. Requires: config, rules/place.smk. Makes: STUDY.
import sys
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.study import snakemake_inside
from ricci_flow.study.model import load_study
from ricci_flow.study.paths import check_writable
from ricci_flow.study.warnings import costs_of, warnings_of
from ricci_flow.yaml_file import load_yaml

# What a message about the config calls it: the files given with --configfile, and --config. A module
# of another workflow is handed the whole config, and looks for its paths where the study runs.
FILES = [] if IS_MODULE else snakemake_inside.config_files(workflow)
WORDS = config if IS_MODULE else snakemake_inside.config_words(workflow)
GIVEN = [f"{path}" for path in FILES] or ["config" if IS_MODULE else "config/config.yaml"]
GIVEN += ["--config"] if WORDS and not IS_MODULE else []
ALOUD = snakemake_inside.is_main_process(workflow)  # jobs of their own process read this file again

try:
    # Snakemake lets the last of equal keys win, and does not tell which file a key is from.
    LAYERS = [(path.parent, load_yaml(path)) for path in [*CONFIG_FILES, *FILES]]
    LAYERS.append((Path(), WORDS))
    STUDY = load_study(config, ", ".join(GIVEN), LAYERS)
    check_writable(STUDY.config.results, STUDY.name)
    if STUDY.published() and ALOUD:  # not first after hours, by the statistics
        from ricci_flow.analysis.published_local import read_either

        read_either(Path(STUDY.config.published))
except InputError as error:
    # One line instead of Snakemake's report on an exception in the workflow.
    print(f"error: {error}", file=sys.stderr)
    sys.exit(1)

if ALOUD:
    for line in [*snakemake_inside.untried(), *warnings_of(STUDY), *costs_of(STUDY)]:
        print(f"warning: {line}", file=sys.stderr)
