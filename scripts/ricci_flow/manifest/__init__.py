"""What lies in a results folder, what made it, and whether it is still what was made."""
