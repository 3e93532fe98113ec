"""The page explore.html in a browser: sliders and choices are used, and the numbers read back."""

import json

import polars as pl
import pytest

from tests.browser import CHROMIUM, MISSING, Page
from tests.fixtures import small_results
from tests.fixtures.small_results import DIGITS, GIVEN
from tests.jobs import call

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = small_results.make_results(tmp_path_factory.mktemp("explore"))
    assert call("render_explore", small_results.explore(root, root / "explore.html")) == 0
    return root


@pytest.fixture(scope="module", params=WIDTHS)
def browser(root, request, tmp_path_factory):
    profile = tmp_path_factory.mktemp("profile")
    with Page(root / "explore.html", profile, request.param) as page:
        page.wait_for("document.documentElement.dataset.ready === 'yes'")
        yield page


@pytest.fixture
def page(browser):
    """The page as it is when it is opened."""
    browser.ask("location.hash = ''")
    browser.call("Page.reload")
    browser.wait_for("document.documentElement?.dataset.ready === 'yes'")
    yield browser
    assert not browser.complaints
    assert {address.partition("#")[0].rpartition("/")[2] for address in browser.requested} == {
        "explore.html"
    }


def choose(page, name, value):
    """Choose from a list, as a reader does, and wait until the choice is shown."""
    page.ask(
        f"(() => {{ const list = document.getElementById({json.dumps(name)});"
        f"list.value = {json.dumps(str(value))}; list.dispatchEvent(new Event('change')); }})()"
    )
    page.wait_for("document.documentElement.dataset.ready === 'yes'")


def read(page):
    """Return the numbers that the page shows, and what it shows them of."""
    return json.loads(
        page.ask(
            "JSON.stringify(Object.fromEntries([...document.querySelectorAll('#numbers dd')]"
            ".map((of) => [of.id.slice(7), [of.dataset.value, of.textContent, of.dataset.p]])))"
        )
    )


def expected(root, ensemble, network, measure, k, layer):
    """Curvature, mass, eta, rho and p by the tables; None where there is none."""
    table = pl.read_parquet(root / f"measures/{ensemble}/main.parquet")
    rows = table.filter(network=network, measure=measure, k=k).sort("layer").to_dicts()
    found = pl.read_parquet(root / f"coefficients/{ensemble}/networks.parquet")
    (row,) = found.filter(network=network, measure=measure, k=k).to_dicts()
    masses = [row["geodesic_mass"] for row in rows]
    after = masses[layer] if layer < len(masses) else None
    here = masses[layer - 1]
    eta = None if after is None or here is None else after - here
    return rows[layer - 1]["value"], here, eta, row["rho"], row["p"]


def shown(page):
    found = read(page)
    numbers = [found[name][0] for name in ("curvature", "mass", "eta", "rho")]
    numbers.append(found["rho"][2])
    return tuple(None if number == "" else float(number) for number in numbers)


def test_the_layer_slider_by_keyboard_shows_the_numbers_of_every_layer(page, root):
    choose(page, "k", 60)
    page.ask("document.getElementById('layer').focus()")
    page.press("Home")
    for layer in range(1, 6):
        assert page.ask("document.getElementById('layer_number').value") == f"{layer} of 5"
        assert shown(page) == expected(root, DIGITS, 0, "forman_directed", 60, layer)
        page.press("ArrowRight")
    assert "last layer" in read(page)["eta"][1]


def test_k_measure_network_and_data_set_change_the_numbers(page, root):
    seen = set()
    for ensemble, ks in small_results.K.items():
        choose(page, "data_set", ensemble.split("/")[0])
        for network, measure in ((1, "forman_union"), (0, "forman_directed")):
            choose(page, "network", network)
            choose(page, "measure", measure)
            for k in ks:
                choose(page, "k", k)
                assert shown(page) == expected(root, ensemble, network, measure, k, 1)
                seen.add(shown(page))
    assert len(seen) == 2 * 5


def test_the_slider_of_checkpoints_shows_the_numbers_of_that_time(page, root):
    table = pl.read_parquet(root / f"measures/{DIGITS}/early.checkpoints.parquet")
    choose(page, "measure", "forman_union")
    choose(page, "k", 25)
    page.ask("document.getElementById('checkpoint').focus()")
    page.press("Home")
    for checkpoint in (0, 2):
        assert page.ask("document.getElementById('checkpoint_number').value") == str(checkpoint)
        k = int(page.ask("document.getElementById('k').value"))
        assert k == 24  # the nearest there
        rows = table.filter(network=0, checkpoint=checkpoint, measure="forman_union", k=k)
        assert shown(page)[0] == rows.filter(layer=1)["value"][0]
        page.press("ArrowRight")
    assert page.ask("document.getElementById('checkpoint_number').value") == "end"
    choose(page, "data_set", "given")
    assert page.ask("document.getElementById('checkpoint').offsetParent === null")


CLOUD = "document.getElementById('cloud')"
DRAWN = f"{CLOUD}.toDataURL().length + {CLOUD}.toDataURL()"


def test_points_move_with_the_layer_and_turn_with_the_arrow_keys(page):
    choose(page, "colour", "curvature")
    page.wait_for("shown !== null")
    pictures = {page.ask(DRAWN)}
    assert "Curvature at a point" in page.ask("document.getElementById('legend').textContent")
    page.ask(f"{CLOUD}.focus()")
    for key in ("ArrowLeft", "ArrowUp", "+"):
        page.press(key)
        pictures.add(page.ask(DRAWN))
    page.ask("document.getElementById('layer').focus()")
    page.press("End")
    page.ask("new Promise((done) => setTimeout(done, 600))")
    pictures.add(page.ask(DRAWN))
    assert len(pictures) == 5
    assert page.ask("Array.from(shown).join() === Array.from(positionsOf(5)).join()")


def test_pointing_at_a_dot_names_it_and_shows_its_picture(page):
    page.ask("scrollTo(0, 0)")
    x, y = page.ask(
        f"(() => {{ const box = {CLOUD}.getBoundingClientRect();"
        "return [drawnAt[7][0] + box.left, drawnAt[7][1] + box.top]; })()"
    )
    page.point_at(x, y)
    named = int(page.ask("document.getElementById('point').value"))
    near = page.ask(f"[drawnAt[{named}], drawnAt[7]].map((of) => of.slice(0, 2))")
    assert abs(near[0][0] - near[1][0]) + abs(near[0][1] - near[1][1]) < 14
    text = page.ask("document.getElementById('point_text').textContent")
    label = page.ask(f"points.arrays.classes.values[{named}]")
    assert text.startswith(f"Point {named}, class {'147'[label]}, forman_directed about ")
    grey = page.ask(
        "[...document.getElementById('picture').getContext('2d').getImageData(0, 0, 8, 8).data]"
        ".filter((_, i) => i % 4 === 0).map((grey) => 255 - grey)"
    )
    assert grey == page.ask(
        f"[...points.arrays.pictures.values.slice({64 * named}, {64 * (named + 1)})]"
    )
    choose(page, "data_set", GIVEN.split("/")[0])
    choose(page, "point", 3)
    assert page.ask("document.getElementById('picture').hidden")
    assert page.ask("document.getElementById('point_text').textContent").startswith("Point 3, form")


def test_nothing_is_wider_than_the_window_and_all_can_be_reached_by_tab(page):
    assert page.ask("document.documentElement.scrollWidth <= innerWidth")
    page.ask("document.querySelector('header a').focus()")
    reached = []
    for _ in range(13):
        page.press("Tab")
        reached.append(page.ask("document.activeElement.id || document.activeElement.tagName"))
        ring = page.ask("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", reached[-1]
    choices = ["data_set", "architecture", "condition", "network", "k", "measure", "colour"]
    assert reached == [*choices, "point", "cloud", "layer", "play", "checkpoint", "SUMMARY"]
    unnamed = page.ask(
        "[...document.querySelectorAll('select, input')].filter((of) => !of.labels.length).length"
    )
    assert unnamed == 0


def test_a_view_is_kept_in_the_address(page, root):
    choose(page, "network", 1)
    choose(page, "k", 60)
    page.ask("document.getElementById('layer').focus()")
    page.press("Home", "ArrowRight", "ArrowRight")
    page.call("Page.reload")
    page.wait_for("document.documentElement?.dataset.ready === 'yes'")
    assert shown(page) == expected(root, DIGITS, 1, "forman_directed", 60, 3)


def test_what_is_missing_is_said_by_name(page):
    rules = page.ask("document.getElementById('rules').textContent")
    assert "first 2 of every ensemble" in rules
    assert "Without classes, as no labels are known: given." in rules
    choose(page, "data_set", GIVEN.split("/")[0])
    assert "accuracy not known" in page.ask("document.getElementById('about').textContent")


def test_a_dark_scheme_is_dark_and_readable(page):
    dark = {"media": "screen", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.call("Emulation.setEmulatedMedia", **dark)
    colours = page.ask(
        "[getComputedStyle(document.documentElement).backgroundColor,"
        " getComputedStyle(document.querySelector('label')).color]"
    )
    page.call("Emulation.setEmulatedMedia", media="", features=[])
    ground, text = (luminance(colour) for colour in colours)
    assert ground < 0.05
    assert (text + 0.05) / (ground + 0.05) > 4.5  # WCAG 2.1, text of usual size


def luminance(colour):
    """Relative luminance of rgb(r, g, b), WCAG 2.1."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
