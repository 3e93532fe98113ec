"""A glyph for every character: fonts of this machine where the figures' own font has none."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

_NOTE = "[U+...]: a character that no font of this machine has"
_NOTE_INCHES = 0.2
# A plain upright face is taken first, then the first by name, so that a machine draws the same.
_NOT_PLAIN = ("bold", "black", "light", "thin", "italic", "oblique", "mono", "serif", "condensed")


def provide_glyphs(figure: Figure) -> list[str]:
    """Let the text of a figure use other fonts of the machine where its own lacks a character.

    Returns, in order of their numbers, the characters that no font has. They are replaced by
    their numbers, which a line below the figure explains. Sets Matplotlib's font family, so call
    it in a context of settings.
    """
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    shown = {letter for text in texts for letter in text.get_text() if not letter.isspace()}
    own = list(matplotlib.rcParams["font.family"])
    lacking = shown - _own_letters(*own)
    if not lacking:
        return []
    families, found = _families_with(lacking)
    matplotlib.rcParams["font.family"] = own + families  # of ticks, made when they are drawn
    numbers = {
        letter: "" if _is_invisible(letter) else f"[U+{ord(letter):04X}]"
        for letter in lacking - found
    }
    for text in texts:
        if lacking.intersection(text.get_text()):
            text.set_fontfamily(own + families)
            text.set_text(_with_numbers(text, numbers))
    _set_ticks(figure, numbers)
    missing = sorted(letter for letter, number in numbers.items() if number)
    if missing:
        _say_below(figure)
    return missing


def _with_numbers(text: Text, numbers: Mapping[str, str]) -> str:
    return "".join(numbers.get(letter, letter) for letter in text.get_text())


def _set_ticks(figure: Figure, numbers: Mapping[str, str]) -> None:
    """Put numbers for characters into the labels of ticks, which are made when they are drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            labels = axis.get_ticklabels()
            if any(numbers.keys() & {*label.get_text()} for label in labels):
                places = axis.get_ticklocs()
                axis.set_ticks(places, labels=[_with_numbers(label, numbers) for label in labels])


def _own_letters(*families: str) -> set[str]:
    """Return the characters that each family has upright and bold, as text and titles are."""
    faces = [
        FontProperties(family=family, weight=weight)
        for family in families
        for weight in ("normal", "bold")
    ]
    return set.intersection(*(_letters(str(findfont(face))) for face in faces))


@cache
def _letters(path: str) -> set[str]:
    """Return the characters that a font has; none of one that cannot be drawn as outlines."""
    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):  # no font after all, or a kind that is not read
        return set()
    if not font.scalable or "lastresort" in font.family_name.lower().replace(" ", ""):
        return set()  # a picture, or the font that draws the same box for many
    return {chr(number) for number in font.get_charmap()}


def _families_with(lacking: set[str]) -> tuple[list[str], set[str]]:
    """Return families of this machine that together have what is available, and what that is.

    Each is the one that has the most of what is still lacking.
    """
    paths = sorted(findSystemFonts(), key=_by_plainness)
    families: list[str] = []
    found: set[str] = set()
    while lacking - found:
        # Of equal ones max takes the first.
        best = max(paths, key=lambda path: len(_letters(path) & (lacking - found)), default="")
        gain = _letters(best) & (lacking - found) if best else set()
        if not gain:
            break
        fontManager.addfont(best)
        families.append(FT2Font(best).family_name)
        found |= gain
    return families, found


def _by_plainness(path: str) -> tuple[int, str]:
    name = Path(path).name.lower()
    return sum(word in name for word in _NOT_PLAIN), path


def _is_invisible(letter: str) -> bool:
    """Return whether a character only changes how its neighbours look."""
    return unicodedata.category(letter) == "Cf" or 0xFE00 <= ord(letter) <= 0xFE0F


def _say_below(figure: Figure) -> None:
    """Write the note below all else, where the figure is made taller for it."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + _NOTE_INCHES)
    share = _NOTE_INCHES / (height + _NOTE_INCHES)
    label = figure.get_supxlabel()
    if label:  # it lies at the bottom, wherever the axes end
        text = next(text for text in figure.findobj(Text) if text.get_text() == label)
        text.set_text(f"{label}\n{_NOTE}")
        return
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, share, 1, 1 - share))
    figure.text(0.01, share / 2, _NOTE, va="center", ha="left", fontsize=8)
