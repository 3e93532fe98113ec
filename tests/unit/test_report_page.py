"""What is looked for in a finished page: what it says and loads, not what its scripts hold."""

import pytest

from ricci_flow.errors import InputError
from ricci_flow.report.check import check_page

END = "</body></html>"
SCRIPTS = """<html><head>
<script>const at = open?@list : "<strong>?@fig-a</strong>"; import("//cdn/x.js");</script>
<script type="text/template"><strong>?@tbl-b</strong> {{< var x >}}</script>
<style>/* see url(https://example.org) */ p { background: url(data:image/png;base64,//8=) }</style>
</head><body><template><strong>?var:x</strong><img src="https://example.org/x.png"></template>
<img src="data:image/svg+xml;base64,Ly8v,//8=" alt="?@fig-a"><code>?var:x {{&lt; y &gt;}}</code>
<p>Is it so?@fig-c who knows? <strong>really?</strong> a {{&lt; title &gt;}}</p>
"""


def test_signs_in_scripts_templates_code_and_texts_are_no_faults():
    check_page(SCRIPTS + END)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("<strong>?@fig-x</strong>", "unresolved reference: ?@fig-x"),
        ("<p>See <strong>?@<i>tbl</i>-x</strong></p>", "unresolved reference: ?@tbl-x"),
        ("<strong>?var:result.sign</strong>", "unresolved variable: ?var:result.sign"),
        (
            '<i data-cites="a nobody1900">(<strong>nobody1900?</strong>)</i>',
            "unresolved citation: nobody1900?",
        ),
    ],
)
def test_what_a_renderer_could_not_resolve_is_a_fault(part, fault):
    with pytest.raises(InputError, match="unresolved") as caught:
        check_page(f"<html><body>{part}{END}")
    assert str(caught.value).endswith(fault)


@pytest.mark.parametrize(
    "part",
    [
        '<img src="https://x/y.png">',
        "<img src='//x/y.png'>",
        '<img srcset="a.png 1x, HTTPS://x/y.png 2x">',
        "<link rel=stylesheet href=//cdn/x.css>",
        '<script src="https://x/y.js"></script>',
        '<object data="http://x/y"></object>',
        '<svg><image xlink:href="http://x/y.png"/></svg>',
        "<style>@import 'https://x/y.css';</style>",
        "<style>p { background: url( 'http://x/y.png') }</style>",
        '<p style="background: url(//x/y.png)">',
    ],
)
def test_what_is_loaded_from_the_network_is_a_fault(part):
    with pytest.raises(InputError, match="network"):
        check_page(f"<html><body>{part}{END}")


def test_links_may_lead_out():
    check_page(f'<html><body><a href="https://doi.org/1">there</a>{END}')


def test_a_page_must_be_whole():
    check_page(f'<html><body><p id="fig-a">{END}', {"fig-a"})
    with pytest.raises(InputError, match="lacks fig-b"):
        check_page(f'<html><body><p id="fig-a">{END}', {"fig-a", "fig-b"})
    with pytest.raises(InputError, match="lacks fig-a"):
        check_page(f"<html><body><script>id='fig-a'</script>{END}", {"fig-a"})
    with pytest.raises(InputError, match="cut off"):
        check_page("<html><body>")
