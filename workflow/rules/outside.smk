# Files from outside of the study: as inputs, and what identifies their content. Requires: STUDY.
from pathlib import Path

from ricci_flow.study import snakemake_inside
from ricci_flow.study.content import content_hash, stored_version
from ricci_flow.study.paths import is_remote


def from_outside(paths):
    """Return files that no rule makes as inputs; a rule with any needs `content_of` them too.

    Whether they are new is for their content to say: by time an older file would be overlooked.
    """
    return ancient(local(paths))


def content_of(paths):
    """Return the hashes of files from outside: another content reruns the rule, a touch does not."""
    known = Path(".snakemake/ricci_flow/content.json")
    return [content_hash(Path(path), known) for path in paths]


def file_of(wildcards):
    """Return the files that the catalogue names for a data set, if any."""
    paths = STUDY.files(wildcards.data_set)
    if paths and is_remote(paths[0]):
        return ancient(storage(paths[0]))
    return from_outside(paths)


def content_behind(wildcards):
    """Return what identifies the content that a data set is read from: other content reruns it."""
    paths = STUDY.files(wildcards.data_set)
    if not paths:
        return content_of(STUDY.replacement(wildcards.data_set))
    if is_remote(paths[0]):
        return [stored_version(snakemake_inside.stored_object(storage(paths[0])))]
    return content_of(paths)
