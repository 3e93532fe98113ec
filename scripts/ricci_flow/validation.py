"""Models of what users write, and their errors as one line: key, value, cure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError, core_schema

from ricci_flow.errors import InputError, closest

T = TypeVar("T")


class Keys(pydantic.BaseModel):
    """Keys with values: each has a type, bounds and a meaning, and no other key is taken.

    Types are strict: text is no number, and a number is no truth value.
    """

    model_config = pydantic.ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for key in given:
                if key not in cls.model_fields:
                    raise unknown(str(key), str(key), cls.model_fields)
        return given


def invalid(cure: str, key: str = "") -> PydanticCustomError:
    """Return the error of a value that will not do.

    cure: what it must be, as "must be odd"; key: of the value, below what is validated.
    """
    return PydanticCustomError("invalid", "", {"cure": cure, "key": key})


def unknown(key: str, name: str, known: Iterable[str]) -> PydanticCustomError:
    """Return the error of a key whose last part, `name`, is none of those known."""
    return PydanticCustomError("unknown_key", "", {"key": key, "cure": closest(name, known)})


def absent(key: str) -> PydanticCustomError:
    """Return the error of a key that there must be."""
    return PydanticCustomError("absent_key", "", {"key": key})


def inside(error: pydantic.ValidationError) -> PydanticCustomError:
    """Return an error of a value that was validated by itself, as a part of a larger one."""
    return PydanticCustomError("inside", "", {"error": error})


def _each_once(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise invalid("must not name anything twice")
    return values


class OneOf:
    """Marks text that must be one of some names, which the code knows: Annotated[str, OneOf(...)].

    names: returns them, so that a name may be added later.
    """

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self.names = names

    def _check(self, value: Any) -> Any:
        names = list(self.names())
        if value not in names:
            raise invalid(f"must be one of {', '.join(names)}")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names())}


# Patterns of text, and what a message says of text that does not fit.
_NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_FOLDER = "^[A-Za-z0-9_./][A-Za-z0-9_./-]*$"
_LINE = r"^[^-\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_CELL = r"^([^-\x00-\x1f\x7f][^\x00-\x1f\x7f]*)?$"
_LABEL = r"^([^-\x00-\x1f\x7f]|-[0-9.])[^\x00-\x1f\x7f]*$"
_PATH = r"^[^-\x00-\x1f\x7f{}<>][^\x00-\x1f\x7f{}<>]*$"
_TITLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_MODULE = "^[a-z][a-z0-9_]{0,63}$"
_SHA256 = "^[0-9a-fA-F]{64}$"
_OF_LINE = "must be text on one line, that does not begin with -"
_CURES = {
    _NAME: "must be letters, digits, _ and - only, at most 64, no leading _ or -",
    _FOLDER: "must be letters, digits, _ - . and / only, no leading -",
    _LINE: _OF_LINE,
    _CELL: _OF_LINE,
    _LABEL: _OF_LINE,
    _PATH: "must be text on one line, without { } < >, that does not begin with -",
    _TITLE: "must be text on one line",
    _MODULE: "must be small letters, digits and _ only, at most 64, the first a letter",
    _SHA256: "must be 64 digits from 0 to f",
}

# Of a study, a data set and the like; safe as the name of a file and of a random stream.
Name = Annotated[str, Field(pattern=_NAME)]
# Results go there: Snakemake, the shell and every file system take it as it is.
Folder = Annotated[str, Field(pattern=_FOLDER)]
Line = Annotated[str, Field(min_length=1, pattern=_LINE)]
# The name of a column; a column may have none.
Column = Annotated[str, Field(pattern=_CELL)]
# The name of a class, which may be a negative number.
ClassName = Annotated[str, Field(pattern=_LABEL)]
# Without {}<>, which mean something to Snakemake.
PathText = Annotated[str, Field(min_length=1, pattern=_PATH)]
Title = Annotated[str, Field(max_length=80, pattern=_TITLE)]
ModuleName = Annotated[str, Field(pattern=_MODULE)]
Sha256 = Annotated[str, Field(pattern=_SHA256)]
# Between 0 and 1, and neither.
Share = Annotated[float, Field(gt=0, lt=1)]
# A list, each entry once; `Several` has one or more. Strict types would take no list for a tuple.
ONCE: dict[str, Any] = {"strict": False, "json_schema_extra": {"uniqueItems": True}}
EACH_ONCE = AfterValidator(_each_once)
Once = Annotated[tuple[T, ...], Field(**ONCE), EACH_ONCE]
Several = Annotated[tuple[T, ...], Field(min_length=1, **ONCE), EACH_ONCE]
Names = Several[Name]


def read(validate: Callable[[Any], T], given: object, where: str) -> T:
    """Return what `validate`, pydantic's, makes of `given`.

    Raises InputError, one line that names `where`, for the first thing that is wrong.
    """
    try:
        return validate(given)
    except pydantic.ValidationError as error:
        raise InputError(f"{where}: {explain(error, given)}") from None


def show(value: object) -> str:
    """Return a value as a short piece of text for a message, on one line."""
    text = ascii(value) if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def explain(error: pydantic.ValidationError, given: object, above: Sequence[str] = ()) -> str:
    """Return one line about the first thing that is wrong: the key, its value, what would be right.

    given: what was validated, to name keys as the user wrote them; above: the keys that lead to it.
    """
    first = error.errors(include_url=False)[0]
    kind, value = first["type"], first["input"]
    context: Mapping[str, Any] = first.get("ctx", {})
    path = [*above, *_written(first["loc"], given, is_missing=kind == "missing")]
    if first["loc"][-1:] == ("[key]",):
        return f"name {show(value)} is not safe as a file name; use letters, digits, _ and -"
    if kind == "inside":
        return explain(context["error"], value, path)
    if kind == "unknown_key":
        name = ".".join([*path, context["key"]])
        return f"unknown key {show(name)}; {context['cure']}"
    if kind == "absent_key":
        path, kind = [*path, context["key"]], "missing"
    if kind == "union_tag_not_found":  # the key that says of which kind the others are
        path, kind = [*path, context["discriminator"].strip("'")], "missing"
    if kind == "missing":
        place = ".".join(path[:-1]) or "(top level)"
        return f"key {path[-1]!r} is missing at {place}; add it"
    if kind == "union_tag_invalid":
        path = [*path, context["discriminator"].strip("'")]
        value = value[path[-1]] if isinstance(value, Mapping) else value
        return f"key '{'.'.join(path)}' is {show(value)}; it {_one_of(context['expected_tags'])}"
    if context.get("key"):
        path = [*path, context["key"]]
        value = value.get(path[-1]) if isinstance(value, Mapping) else value
    key = ".".join(path) or "(top level)"
    return f"key {key!r} is {show(value)}; it {_cure(kind, context, key, value)}"


def _written(place: Sequence[str | int], given: object, *, is_missing: bool) -> list[str]:
    """Return the keys on the way to an error, without pydantic's names of alternatives."""
    path: list[str] = []
    here: Any = given
    for position, part in enumerate(place):
        is_last = position == len(place) - 1
        is_key = isinstance(here, Mapping) and part in here
        if is_key or (isinstance(here, Sequence) and isinstance(part, int) and part < len(here)):
            here = here[part]
        elif not (is_missing and is_last):
            continue
        path.append(str(part))
    return path


def _cure(kind: str, context: Mapping[str, Any], key: str, value: object) -> str:
    """Return what a value must be, from pydantic's name for the error."""
    bounds = {
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be greater than {gt}",
        "less_than_equal": "must be at most {le}",
        "less_than": "must be less than {lt}",
        "too_short": "must have at least {min_length} entries",
        "too_long": "must have at most {max_length} entries",
        "string_too_short": "must not be empty",
        "string_too_long": "must have at most {max_length} letters",
        "finite_number": "must be a finite number",
        "invalid": "{cure}",
    }
    if kind in bounds:
        return bounds[kind].format(**context)
    if kind in ("literal_error", "enum"):
        return _one_of(context["expected"])
    if kind == "string_pattern_mismatch":
        return _CURES.get(context["pattern"], f"must match {context['pattern']}")
    types = {
        "int_type": "integer",
        "int_from_float": "integer",
        "int_parsing": "integer",
        "float_type": "number",
        "float_parsing": "number",
        "bool_type": "boolean",
        "bool_parsing": "boolean",
        "string_type": "text",
        "path_type": "text",
        "list_type": "list",
        "tuple_type": "list",
        "dict_type": "mapping (keys with values)",
        "model_type": "mapping (keys with values)",
        "model_attributes_type": "mapping (keys with values)",
        "number_or_list": "integer or list",
    }
    if kind not in types:
        return kind.replace("_", " ")
    cure = f"must be of type {types[kind]}"
    if types[kind] == "text" and not isinstance(value, dict | list | type(None)):
        cure += quotes(key)
    return cure


def _one_of(expected: str) -> str:
    """Return the cure for a name that is none of the expected ones, which pydantic quotes."""
    return "must be one of " + expected.replace("'", "").replace(" or ", ", ")


def quotes(key: str) -> str:
    """Return how to write text that YAML, and Snakemake's --config, take for something else."""
    cure = ", in quotes where it looks like a number, a date or a truth value"
    name = key.rpartition(".")[2]
    if name.isdigit():  # an entry of a list
        return cure
    cure += f': {name}: "..." in a config file'
    # It takes quotes off, also when it hands the value to jobs elsewhere.
    return cure if "." in key else f"{cure}, or --config '{name}=!!str ...' on one machine"
