"""Which device trains, and which jobs do without torch."""

import subprocess
import sys

import pytest

from ricci_flow.errors import InputError
from ricci_flow.networks import devices
from ricci_flow.networks.devices import choose_device


def test_devices_that_are_not_there(monkeypatch):
    with pytest.raises(InputError, match="training: device is 'tpu'; it must be auto, cpu, cuda"):
        choose_device("tpu")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="torch finds none"):
        choose_device("cuda")
    monkeypatch.setattr(devices, "_may_have_cuda", lambda: True)
    assert choose_device("auto") == choose_device("cpu") == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert choose_device("auto") == choose_device("cuda") == "cuda"


def test_search_and_hops_import_no_torch():
    program = (
        "import sys; import ricci_flow.measurement.ensemble, ricci_flow.graphs.ensemble;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0
