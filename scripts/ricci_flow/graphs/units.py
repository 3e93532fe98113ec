"""What rows of bits are padded to while hops are searched."""

LANES = 8  # words of a 512-bit register
