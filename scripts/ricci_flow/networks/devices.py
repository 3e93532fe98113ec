"""Which device trains."""

import sys
from pathlib import Path

from ricci_flow.errors import InputError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(device: str) -> str:
    """Return cpu or cuda; `auto` is cuda where torch finds one.

    Raises InputError for an unknown name, or for cuda where there is none.
    """
    if device not in DEVICES:
        raise InputError(f"training: device is {device!r}; it must be {', '.join(DEVICES)}")
    if device == "cpu" or (device == "auto" and not _may_have_cuda()):
        return "cpu"
    import torch  # a second and a half, so only where it may be needed

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise InputError("training: device is cuda, but torch finds none; use auto or cpu")
    return "cpu"


def _may_have_cuda() -> bool:
    """Return whether torch should be asked, though importing it takes a second."""
    drivers = ("/dev/nvidiactl", "/dev/dxg")  # Linux, and Linux inside Windows
    return sys.platform != "linux" or any(Path(driver).exists() for driver in drivers)
