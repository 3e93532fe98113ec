"""A study of 3,000 ensembles: what is handed from Snakemake to programs has room for all names.

Linux allows 128 KiB in one argument of a program and `bash -c` is given a command as one. Snakemake
writes a longer command into a file instead, which the oldest version that we allow does too.
"""

import json

from tests.workflow.runner import Study

LIMIT = 128 * 1024
DATA_SETS = [f"synthetic_data_of_kind_{i:03}" for i in range(100)]
ARCHITECTURES = [f"architecture_of_kind_{i:02}" for i in range(30)]
ENSEMBLES = [f"{a}/{b}/trained" for a in DATA_SETS for b in ARCHITECTURES]


def test_config_is_written_whole(tmp_path):
    study = Study(tmp_path / "study", "tiny/mini.yaml")
    entry = {
        **{"kind": "synthetic", "generator": "double_swiss_roll", "n_train": 80, "n_test": 999},
        "k_grid": list(range(5, 400)),
    }
    widths = {"widths": [6] * 5}
    for name, entries in (
        ("datasets", dict.fromkeys(DATA_SETS, entry)),
        ("architectures", dict.fromkeys(ARCHITECTURES, widths)),
    ):
        (study.folder / f"tiny/{name}.yaml").write_text(json.dumps(entries), "utf-8")
    study.edit("tiny/mini.yaml", "[rolls]", json.dumps(DATA_SETS))
    study.edit("tiny/mini.yaml", "[short]", json.dumps(ARCHITECTURES))
    path = "results/mini/report/config.json"
    run = study.snakemake(path, "--configfile", study.config)
    assert run.status == 0, run.text
    text = (study.folder / path).read_text("utf-8")
    assert len(text) > LIMIT
    assert list(json.loads(text)["data_sets"]) == DATA_SETS
