"""The page about Python: its code runs as it stands."""

import re
from pathlib import Path

import numpy as np

from ricci_flow.api.command import main

PAGE = Path(__file__).parents[2] / "reports" / "guide" / "python.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


def test_the_code_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks("python"):
        exec(block, names)
    said = capsys.readouterr().out
    assert "Ricci coefficients of 5 layers of 200 points" in said
    assert "4 layers of 200 points in layers.safetensors" in said
    assert len(names["result"].rho) == 3 * 3
    last = names["mlp"].predict_proba(names["X"])[:, 1]
    logits = names["own"][-1] @ names["mlp"].coefs_[-1] + names["mlp"].intercepts_[-1]
    np.testing.assert_allclose(last, 1 / (1 + np.exp(-logits[:, 0])), rtol=1e-4)
    assert (tmp_path / "layers.html").exists()
    names["np"].savez("layers.npz", **names["layers"])
    names["np"].save("y.npy", names["y"])
    (command,) = blocks("sh")
    program, *arguments = command.split()
    assert program == "ricci-flow"
    assert main(arguments) == 0
    assert (tmp_path / "out.html").exists()
    assert (tmp_path / "tables" / "rho.csv").exists()
    for attribute in re.findall(r"^\| `(\w+)(?:\(\))?` \|", PAGE.read_text("utf-8"), re.M):
        assert hasattr(names["result"], attribute)
