"""Text from a study's files never reaches a shell as anything but text, nor a page as markup."""

import json
import shutil

import yaml

from tests.workflow.runner import Study, pages_of

EVIL = "$(touch pwned)`touch pwned`;touch pwned;' \"&|<x>"


def test_hostile_text_in_every_free_key_is_only_text(finished, study: Study):
    """Paths, labels, classes and titles are free text; a real run takes them as they are."""
    path = f"a b{EVIL.replace('<x>', '')}.csv"
    rows = [f"u,v,{EVIL.replace(chr(34), '')}"]
    rows += [f"{i},{i * i % 7},{('x$(touch pwned)', 'y;touch pwned')[i % 2]}" for i in range(40)]
    (study.folder / path).write_text("\n".join(rows) + "\n")
    published = finished.folder / "reports/published"
    figure = "f $(touch pwned).csv"
    shutil.copy(published / "baptista2024_figure3.csv", study.folder / figure)
    content = yaml.safe_load((published / "baptista2024.yaml").read_text()) | {"figure3": figure}
    (study.folder / "p $(touch pwned).yaml").write_text(yaml.safe_dump(content))
    (study.folder / "d';touch pwned").mkdir()
    entry = {
        "kind": "file",
        "path": path,
        "label": EVIL.replace('"', ""),
        "title": f"{EVIL} {{data_set}}",
        "classes": ["x$(touch pwned)", "y;touch pwned"],
    }
    with (study.folder / "tiny/datasets.yaml").open("a") as catalogue:
        catalogue.write(yaml.safe_dump({"mine": entry}))
    config = yaml.safe_load((study.folder / "tiny/config.yaml").read_text())
    config |= {
        "data_sets": ["mine"],
        "published": "p $(touch pwned).yaml",
        "data_dir": "d';touch pwned",
        "architectures": ["short"],
        "conditions": ["trained"],
        "networks": 1,
        "study": "hostile",
    }
    (study.folder / "tiny/config.yaml").write_text(yaml.safe_dump(config))
    result = study.tiny("--cores", "1")
    assert result.status == 0, result.text
    assert not list(study.folder.parent.rglob("pwned*"))
    facts = json.loads((study.folder / "results/hostile/datasets/mine.json").read_text())
    assert facts["classes"] == ["x$(touch pwned)", "y;touch pwned"]
    assert facts["source"] == f"file {path}"
    written = json.loads((study.folder / "results/hostile/report/config.json").read_text())
    assert written["data_sets"]["mine"]["title"] == entry["title"]
    page = pages_of(study.folder / "results/hostile")
    assert EVIL not in page
