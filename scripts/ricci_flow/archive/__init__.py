"""A finished study in one file, and its report rendered from it on another machine."""
