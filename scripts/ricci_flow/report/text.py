"""Numbers and tables as Markdown."""

import html
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ricci_flow.errors import InputError

_PUNCTUATION = re.compile(r"([^\w\s,;/%?\x80-\U0010ffff]|_)")
_LEVEL = 0.05  # below which a test is called significant
_LONG = 40  # letters of a sentence in a column of numbers that has to wrap
_SHARE = re.compile(r"(?<=\d) %")  # a number and its sign, on one line in a column of words
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def escape(text: object) -> str:
    """Return Markdown that shows a text as it is, on one line: the one place where this is done.

    Markdown gives a meaning to most ASCII punctuation, which is all escaped: `$` and `_`, `{{` to
    Quarto, `|` in tables; and quotation marks, `--` and `...` would be made other characters.
    """
    return _PUNCTUATION.sub(r"\\\1", _CONTROL.sub(" ", str(text)))


def literal_block(text: str) -> str:
    """Return Markdown that shows lines of text as they are, in the type of code.

    Not between fences: a text may hold those, and Quarto looks for shortcodes between them.
    """
    shown = html.escape(text, quote=False)
    for character in "`{\t\r":
        shown = shown.replace(character, f"&#{ord(character)};")
    return f"```{{=html}}\n<pre><code>{shown}</code></pre>\n```\n"


def number(
    value: float | None,
    digits: int = 2,
    missing: str = "not defined",
    apart: Collection[float] = (),
) -> str:
    """Return a number with a true minus sign, or `missing` for None and nan.

    apart: what it is compared with; a value that is not equal to one of these is not rounded onto
    it, but gets as many digits as it takes.
    """
    if value is None or math.isnan(value):
        return missing
    others = [other for other in apart if not math.isclose(value, other, abs_tol=1e-12)]
    while any(float(f"{value:.{digits}f}") == float(f"{other:.{digits}f}") for other in others):
        digits += 1
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−").replace("inf", "∞")


def signed(value: float | None, digits: int = 2) -> str:
    """Return a number whose sign counts: one that is not zero is not rounded to zero."""
    return number(value, digits, apart=(0.0,))


def significant(value: float | None, digits: int = 2, missing: str = "not defined") -> str:
    """Return a number to so many significant digits, or `missing` for None and nan."""
    if value is None or math.isnan(value):
        return missing
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    mantissa = mantissa.replace("-", "−").replace("inf", "∞")
    if not exponent:
        return mantissa
    return f"{mantissa} × 10^{str(int(exponent)).replace('-', '−')}^"


def p_value(value: float | None, missing: str = "not defined") -> str:
    """Return a p value to two significant digits, at least 0.001, never rounded onto 0.05."""
    if value is None or math.isnan(value):
        return missing
    if value < 0.001:
        return "<\u00a00.001"
    text = f"{value:.2g}"
    return number(value, apart=(_LEVEL,)) if float(text) == _LEVEL else text


def p_cell(value: float | None) -> str:
    """Return a p value as Markdown, in which "<" would begin a tag."""
    return p_value(value).replace("<", "\\<")


def percent(
    share: float | None, missing: str = "not defined", apart: Collection[float] = ()
) -> str:
    """Return a share as a percentage with one decimal; apart: shares, see `number`."""
    if share is None:
        return missing
    return f"{number(100 * share, 1, apart=[100 * other for other in apart])} %"


def count(value: int, noun: str, plural: str | None = None) -> str:
    """Return `1 network` or `3 networks`."""
    return f"{value} {noun if value == 1 else plural or noun + 's'}"


def listed(parts: Sequence[object]) -> str:
    """Return parts as `a`, `a and b`, or `a, b and c`."""
    *most, last = map(str, parts)
    return f"{', '.join(most)} and {last}" if most else last


def ranges(values: Iterable[int]) -> str:
    """Return sorted whole numbers with runs of three or more joined: `0, 3–5`."""
    ordered = sorted(set(values))
    parts: list[str] = []
    while ordered:
        run = 1
        while run < len(ordered) and ordered[run] == ordered[0] + run:
            run += 1
        if run >= 3:
            parts.append(f"{ordered[0]}–{ordered[run - 1]}")
        else:
            parts.extend(str(value) for value in ordered[:run])
        ordered = ordered[run:]
    return ", ".join(parts)


def pipe_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1, empty: str = "nothing"
) -> str:
    """Return a pipe table: the first `left` columns to the left, the others to the right.

    Cells are Markdown already. Without rows the sentence `empty` is returned. A cell that is
    empty is an error of ours: a report says why there is no value.
    """
    body = [list(row) for row in rows]
    if not body:
        return f"{empty}\n"
    for row in body:
        if len(row) != len(headings) or not all(cell.strip() for cell in row):
            raise ValueError(f"table row {row} does not fill the columns {list(headings)}")
    rule = [":--" if i < left else "--:" for i in range(len(headings))]
    for row in body:
        row[:left] = [_SHARE.sub("\u00a0%", cell) for cell in row[:left]]
        row[left:] = map(_wrapping, row[left:])
    lines = [list(headings), rule, *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _wrapping(cell: str) -> str:
    """Mark a long sentence in a column of numbers, which do not wrap."""
    return f"[{cell}]{{.long}}" if len(cell) > _LONG and cell[0].isalpha() else cell


def filled(path: Path, made: Mapping[str, str]) -> str:
    """Return the text of a file with its places, such as [[rows]], filled in.

    made: content of every place. Raises InputError, one line, where a place is missing.
    """
    text = path.read_text("utf-8")
    for place, content in made.items():
        if place not in text:
            raise InputError(f"{path}: has no place {place}; put it back")
        text = text.replace(place, content)
    return text
