"""The compiled trainer, for dense networks on a processor; nothing outside imports its parts."""
