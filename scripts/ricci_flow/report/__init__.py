"""Stage 9: the report; it lays out what the stages before it computed and computes nothing."""
