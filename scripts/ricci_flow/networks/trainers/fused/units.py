"""What arrays of `fused` are padded to."""

LANES = 16  # floats of a 512-bit register
INNER = 8  # terms of a product taken at once
