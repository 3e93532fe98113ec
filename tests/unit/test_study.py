"""Config and catalogues: what is refused, in which words, and what a study resolves to."""

import copy
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from ricci_flow.errors import InputError
from ricci_flow.study.model import load_study
from ricci_flow.study.multiverse import ensembles_of, options_of, point_layers, points_block
from ricci_flow.yaml_file import load_yaml

# The default study, with more data sets and the architectures of the paper.
DEFAULT = {
    **load_yaml(Path("config/config.yaml")),
    "data_sets": ["A", "B", "C_half", "digits_1v7", "digits_6v8", "breast_cancer"],
    "architectures": [
        f"{shape}_{depth}" for depth in (5, 11) for shape in ("narrow", "wide", "bottleneck")
    ],
}


def study(**changes):
    config = copy.deepcopy(DEFAULT)
    for key, value in changes.items():
        *parents, last = key.split("__")
        place = config
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return load_study(config, "my.yaml")


def test_default_study_resolves():
    resolved = study()
    assert len(resolved.ensembles()) == 6 * 6 * 5
    assert resolved.ensembles()[0] == ("A", "narrow_5", "trained")
    assert resolved.seed_name == "default"
    assert resolved.threshold("C_half") == 0.91
    assert resolved.k_grid("A") == sorted(resolved.k_grid("A"))


def test_shipped_configs_resolve():
    for path in Path("config").glob("*.yaml"):
        content = load_yaml(path)
        if "study" in content:
            load_study({**DEFAULT, **content}, str(path))


def test_published_values_are_the_file_and_the_figure_it_names(tmp_path):
    paper = load_study(load_yaml(Path("config/paper.yaml")))
    folder = Path("reports/published")
    names = ["baptista2024.yaml", "baptista2024_figure3.csv"]
    assert paper.published() == [str(folder / name) for name in names]
    assert study().published() == []
    path = tmp_path / "p.yaml"
    path.write_text("figure3: gone.csv\n")
    with pytest.raises(InputError, match=r"p\.yaml: key 'figure3' is 'gone\.csv'.* not a file"):
        study(published=str(path))


def test_a_threshold_that_guessing_reaches_is_refused(tmp_path):
    catalogue = load_yaml(Path("config/datasets.yaml"))
    catalogue["A"] |= {"n_test": 11, "k_grid": [3], "accuracy_threshold": 0.54}
    path = tmp_path / "datasets.yaml"
    path.write_text(yaml.safe_dump(catalogue), "utf-8")
    changes = {"catalogues__data_sets": str(path), "data_sets": ["A"]}
    # Six of eleven points are of the first class.
    with pytest.raises(
        InputError, match=r"data set A: accuracy_threshold is 0\.54, not above 0\.5455"
    ):
        study(**changes)
    # Controls are kept whatever their accuracy.
    controls = study(**changes, conditions=["untrained"])
    assert not controls.is_filtered("A")
    assert study().is_filtered("A")


def test_a_data_set_has_the_scales_of_its_conditions():
    resolved = study(conditions=["trained", "untrained", "tail_raw", "random_features"])
    assert resolved.scales("A") == ["catalogue", "none"]
    assert study().scales("A") == ["catalogue"]


def test_paper_architectures():
    resolved = study()
    widths = {name: list(entry.widths) for name, entry in resolved.architectures.items()}
    for depth, half in ((5, 2), (11, 5)):
        assert widths[f"narrow_{depth}"] == [25] * depth
        assert widths[f"wide_{depth}"] == [50] * depth
        assert widths[f"bottleneck_{depth}"] == [50] * half + [25] + [50] * half


def test_a_condition_overrides_the_recipe():
    resolved = study(conditions=["trained", "untrained", "linear", "tail_raw"])
    epochs = resolved.config.training.epochs
    assert resolved.recipe("A", "wide_5", "trained").epochs == epochs > 0
    assert resolved.recipe("A", "wide_5", "untrained").epochs == 0
    assert resolved.recipe("A", "wide_5", "linear").activation == "linear"
    assert resolved.recipe("A", "wide_5", "tail_raw").validation == "tail"
    assert resolved.recipe("A", "wide_5", "tail_raw").scale == "none"


def test_a_recipe_can_differ_by_data_set(tmp_path):
    conditions = tmp_path / "conditions.yaml"
    conditions.write_text(
        "trained: {}\n"
        "linear: {activation: linear, accuracy_filter: false}\n"
        "long: {epochs: 70, by_data_set: {B: {epochs: 80}}}\n"
    )
    resolved = study(
        conditions=["trained", "linear", "long"],
        catalogues={"conditions": str(conditions)},
        training__by_data_set={"B": {"epochs": 7, "scale": "standard"}},
    )

    def chosen(data_set, condition):
        recipe = resolved.recipe(data_set, "wide_5", condition)
        return recipe.epochs, recipe.scale, recipe.activation

    assert chosen("A", "trained") == (DEFAULT["training"]["epochs"], "catalogue", "relu")
    assert chosen("B", "trained") == (7, "standard", "relu")
    # A control is trained as the networks that it controls.
    assert chosen("B", "linear") == (7, "standard", "linear")
    # A condition's own key goes before the study's for a data set, its own for a data set first.
    assert chosen("A", "long") == (70, "catalogue", "relu")
    assert chosen("B", "long") == (80, "standard", "relu")


def test_the_papers_study_as_it_was_is_a_condition_too():
    def loaded(name, **changes):
        return load_study({**load_yaml(Path(f"config/{name}.yaml")), **changes})

    before = loaded("paper_50_epochs")
    now = loaded("paper", conditions=["trained", "fifty_epochs", "untrained"])
    assert before.seed_name == now.seed_name == "paper"
    for data_set in ("B", "mnist_1v7", "fmnist_sandal_boot"):
        recipe = before.recipe(data_set, "wide_5", "trained")
        assert recipe == now.recipe(data_set, "wide_5", "fifty_epochs")
        assert recipe != now.recipe(data_set, "wide_5", "trained")


def test_a_recipe_names_data_sets_that_are_known():
    with pytest.raises(InputError, match=r"by_data_set' names 'digits_1v6', not in .*; did"):
        study(training__by_data_set={"digits_1v6": {"epochs": 7}})
    with pytest.raises(InputError, match=r"unknown key 'training.by_data_set.A.epoch'; did"):
        study(training__by_data_set={"A": {"epoch": 7}})
    with pytest.raises(InputError, match=r"'training.by_data_set.A.epochs' is -1; it must"):
        study(training__by_data_set={"A": {"epochs": -1}})


BAD = {
    "study": ("a/b", "key 'study' is 'a/b'; it must be letters"),
    "study ": ("x", "unknown key 'study '; did you mean 'study'?"),
    "networks": (0, "key 'networks' is 0; it must be at least 1"),
    "training__epochs": (-1, "key 'training.epochs' is -1; it must be at least 0"),
    "training__epoch": (3, "unknown key 'training.epoch'; did you mean 'epochs'?"),
    "training__validation": ("last", "must be one of random, tail, none"),
    "training__learning_rate": ("fast", "must be of type number"),
    "training__validation_fraction": (1, "must be less than 1"),
    "training": ([], "must be of type mapping"),
    "data_sets": (["A", "D"], "key 'data_sets' names 'D', not in config/datasets.yaml"),
    "architectures": (["narow_5"], "did you mean 'narrow_5'?"),
    "conditions": ([], "must have at least 1 entries"),
    "accuracy_threshold": (1.0, "must be less than 1"),
    "geometry__measures": (["mutual"], "names 'mutual', not in config/measures.yaml"),
    "geometry__k_fractions": ([0.1, 0.1], "must not name anything twice"),
    "claims": (
        ["trainig"],
        "my.yaml: key 'claims' names 'trainig', not a claim; did you mean 'training'?",
    ),
    "data_dir": ("/no/such/folder", "not a folder"),
    "catalogues__architectures": ("nowhere.yaml", "nowhere.yaml: cannot be read"),
}


@pytest.mark.parametrize("key", BAD)
def test_bad_values_get_one_line_with_the_key_and_the_cure(key):
    value, expected = BAD[key]
    with pytest.raises(InputError) as caught:
        study(**{key: value})
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message


def test_primary_measure_must_be_measured():
    with pytest.raises(InputError, match="primary_measure"):
        study(geometry__measures=["forman_union"], geometry__primary_measure="forman_directed")


CATALOGUE = {
    "no layers": ("architectures", {"a": {"widths": [3, 0, 3]}}, "key 'a.widths.1' is 0"),
    "two layers": ("architectures", {"a": {"widths": [3, 3]}}, "must have at least 3 entries"),
    "unsafe name": ("architectures", {"a/b": {"widths": [3, 3, 3]}}, "not safe as a file name"),
    "unknown key": ("conditions", {"c": {"epoch": 3}}, "unknown key 'c.epoch'"),
}


@pytest.mark.parametrize("case", CATALOGUE)
def test_bad_catalogues(case, tmp_path):
    kind, content, expected = CATALOGUE[case]
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError) as caught:
        study(**{f"catalogues__{kind}": str(path)})
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def conditions(tmp_path, content):
    path = tmp_path / "conditions.yaml"
    path.write_text(yaml.safe_dump(content))
    return {"catalogues__conditions": str(path), "conditions": list(content)}


def test_controls_are_marked_and_never_the_primary_condition(tmp_path):
    made = {"a": {"control": True}, "b": {"accuracy_filter": False}, "c": {"control": True}}
    changes = conditions(tmp_path, made | {"d": {"gaussian_of": "b", "control": True}})
    resolved = study(**changes)
    assert (resolved.primary, resolved.controls(), resolved.judged()) == (
        "a",
        ["c", "d"],
        ["a", "b"],
    )
    assert study(conditions=["trained"]).controls() == []
    resolved = study(**changes, primary="b", networks=9, control_networks=3)
    assert resolved.controls() == ["a", "c", "d"]
    # It comes first wherever conditions are listed.
    assert list(resolved.conditions) == ["b", "a", "c", "d"]
    assert [resolved.networks(name) for name in resolved.conditions] == [9, 3, 3, 3]
    assert {name for _, _, name in resolved.block_ensembles("robustness")} == {"b"}
    assert resolved.resolved()["primary"] == "b"


def test_the_primary_condition_is_one_of_the_study():
    with pytest.raises(
        InputError, match=r"'primary' is 'linea', not among .*; did you .* 'linear'"
    ):
        study(primary="linea")


def test_a_condition_for_an_unknown_data_set_is_refused(tmp_path):
    changes = conditions(tmp_path, {"a": {}, "b": {"data_sets": ["AA"]}})
    with pytest.raises(InputError, match=r"'b\.data_sets' names 'AA'"):
        study(**changes)


def test_a_condition_without_a_data_set_of_the_study_is_refused(tmp_path):
    changes = conditions(tmp_path, {"a": {}, "b": {"data_sets": ["mnist_1v7"]}})
    with pytest.raises(InputError, match="condition 'b' is for none of the study's data sets"):
        study(**changes)


def test_a_condition_for_some_data_sets_has_ensembles_there_only(tmp_path):
    resolved = study(**conditions(tmp_path, {"a": {}, "b": {"data_sets": ["B"]}}))
    assert {d for d, _, c in resolved.ensembles() if c == "b"} == {"B"}


def test_a_data_set_says_its_group_or_it_follows_from_its_kind(tmp_path):
    assert study().groups() == {
        **dict.fromkeys(("A", "B", "C_half"), "synthetic"),
        **dict.fromkeys(("digits_1v7", "digits_6v8"), "images"),
        "breast_cancer": "table",
    }
    content = load_yaml(Path("config/datasets.yaml"))
    said = study(data_sets=list(content)).groups()
    path = tmp_path / "data.yaml"
    unsaid = {
        name: {key: value for key, value in entry.items() if key != "group"}
        for name, entry in content.items()
        if name != "cifar_plane_car"  # colours are plain features, so its group must be said
    }
    path.write_text(yaml.safe_dump(unsaid), "utf-8")
    changes = {"data_sets": list(unsaid), "catalogues__data_sets": str(path)}
    assert said.pop("cifar_plane_car") == "images"
    assert study(**changes).groups() == said
    assert "group" not in study(**changes).source("A")
    unsaid["B"]["group"] = "image"
    path.write_text(yaml.safe_dump(unsaid), "utf-8")
    with pytest.raises(
        InputError, match=r"'B.group' is 'image'; it must be one of synthetic, images"
    ):
        study(**changes)


def test_controls_may_have_fewer_networks():
    resolved = study(networks=6, control_networks=3)
    assert [resolved.networks(name) for name in ("trained", "linear")] == [6, 3]
    assert study(networks=6, control_networks=None).networks("linear") == 6
    # A study that asks for fewer networks than the default one's controls need not say so twice.
    assert study(networks=2, control_networks=4).networks("linear") == 2


@pytest.mark.parametrize(
    ("content", "changes", "expected"),
    [
        ({"a": {}, "b": {"gaussian_of": "c"}}, {}, "to be like 'c', which is not among"),
        ({"a": {"gaussian_of": "b"}, "b": {"gaussian_of": "a"}}, {}, "is not among"),
        ({"a": {}, "b": {"gaussian_of": "a", "epochs": 3}}, {}, "key 'b.epochs' is for networks"),
        ({"b": {"gaussian_of": "a"}, "a": {}}, {"control_networks": 2}, "has 6 networks in an"),
        ({"a": {"data_sets": ["A"]}, "b": {"gaussian_of": "a"}}, {}, "is not for data set 'B'"),
    ],
)
def test_random_features_need_something_to_be_like(content, changes, expected, tmp_path):
    with pytest.raises(InputError) as caught:
        study(**changes, **conditions(tmp_path, content))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


GIBBS = {"trainer": "gibbs_linear", "batch_size": "full"}
FORM = {"gaussian_of": "a", "closed_form": "linear_prior"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"a": GIBBS, "b": {"closed_form": "linear_prior"}},
            "key 'b.closed_form' needs gaussian_of",
        ),
        ({"a": GIBBS, "b": FORM | {"closed_form": "prior"}}, "key 'b.closed_form' is 'prior', no"),
        ({"a": {}, "b": FORM}, "the trainer 'gibbs_linear', and those that it is to be like"),
        ({"a": GIBBS | {"trainer_options": {"T": 1}}, "b": {}}, "'trainer_options.T' is unknown"),
    ],
)
def test_closed_forms_and_options_must_fit_the_trainer(content, expected, tmp_path):
    with pytest.raises(InputError) as caught:
        study(**conditions(tmp_path, content))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_closed_form_has_the_recipe_of_the_networks_that_it_is_of(tmp_path):
    options = {"trainer_options": {"sigma": 2.0}}
    resolved = study(**conditions(tmp_path, {"a": GIBBS | options, "b": FORM, "c": {}}))
    data_set, architecture, _ = resolved.ensembles()[0]
    fields = resolved.closed_form(data_set, architecture, "b")
    assert fields["closed_form"] == "linear_prior"
    assert fields["recipe"]["trainer_options"] == {"sigma": 2.0}
    assert resolved.closed_form(data_set, architecture, "c") == {}
    modules = resolved.closed_form_modules(data_set, architecture, "b")
    assert [import_module(name).TRAINER for name in modules] == ["gibbs_linear"]


def test_k_grid_must_stay_below_the_test_points(tmp_path):
    path = tmp_path / "data.yaml"
    content = load_yaml(Path("config/datasets.yaml"))
    content["A"]["k_grid"] = [5, 1000]
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError, match=r"'A.k_grid' goes up to 1000, not below n_test 1000"):
        study(catalogues__data_sets=str(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a: 1\na: 2\n", "line 1 is not valid YAML (key 'a' twice)"),
        (b"a: [1\n", "not valid YAML"),
        (b"- 1\n", "holds a list"),
        (b"\xff\xfe", "not UTF-8"),
        (b"? [1, 2]\n: 3\n", "not valid YAML"),
    ],
)
def test_bad_yaml(text, expected, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(text)
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_further_blocks_resolve():
    resolved = study()
    assert list(resolved.blocks()) == ["curvatures", "robustness", "excluded"]
    for block in resolved.blocks():
        assert {names[2] for names in resolved.block_ensembles(block)} == {"trained"}
        assert len(resolved.block_ensembles(block)) == 36
    assert resolved.pointwise_blocks() == ["curvatures"]
    assert resolved.varied_blocks() == ["robustness"]
    assert resolved.measures_of("robustness") == ["forman_directed", "forman_union"]
    assert resolved.settings_of("excluded") == ["knn", "largest_component", "mst"]
    assert not resolved.is_costly("curvatures")
    assert resolved.block_job("excluded")["settings"]["mst"] == {"graph": "mst"}
    assert "networks" not in resolved.block_job("excluded")
    assert resolved.block_modules("main") == [
        "ricci_flow.graphs.kinds.knn",
        "ricci_flow.measures.forman_directed",
        "ricci_flow.measures.forman_union",
    ]
    lazy = study(
        further__curvatures__measures=["ollivier_lazy", "tian"],
        further__curvatures__conditions=["untrained"],
        further__robustness__measures=[],
        further__excluded__measures=[],
    )
    assert list(lazy.blocks()) == ["curvatures"]
    assert lazy.block_job("curvatures")["measures"] == {
        "ollivier_lazy": {"module": "ollivier", "options": {"idleness": 0.5}},
        "tian": {"module": "tian"},
    }
    assert lazy.is_costly("curvatures")
    assert {names[2] for names in lazy.block_ensembles("curvatures")} == {"untrained"}
    assert study(further={}).blocks() == {}


BAD_BLOCKS = [
    ({"measures": ["formann_union"]}, "'further.x.measures' names 'formann_union', not in config"),
    ({"settings": ["mutal"]}, "'further.x.settings' names 'mutal', not in config"),
    ({"conditions": ["tail_raw"]}, "names 'tail_raw', not among the study's conditions"),
    ({"conditions": 0}, "'further.x.conditions' is 0; it must be at least 1"),
    ({"conditions": "trained"}, "it must be of type integer or list"),
    ({"networks": 0}, "'further.x.networks' is 0; it must be at least 1"),
    ({"networks": "exclude"}, "'further.x.networks' is 'exclude'; it must be"),
    ({"k_fractions": [1]}, "it must be less than 1"),
    ({"k_fractions": []}, "it must have at least 1"),
    ({"settings": ["mst", "mst"]}, "it must not name anything twice"),
    ({"measure": []}, "did you mean 'measures'?"),
    ({"networks": "excluded"}, "names no setting that keeps an excluded network"),
    (
        {"networks": "excluded", "settings": ["mst"], "measures": ["tian"]},
        "names 'tian', which has no k*",
    ),
]


@pytest.mark.parametrize(("block", "message"), BAD_BLOCKS)
def test_bad_blocks_are_refused_in_one_line(block, message):
    with pytest.raises(InputError) as caught:
        study(further={"x": block})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"further": {"main": {}}}, "key 'further.main' has the name of the main block"),
        ({"geometry__measures": ["tian"]}, "'geometry.primary_measure' is 'forman_directed', not"),
        ({"geometry__measures": ["tain"]}, "key 'geometry.measures' names 'tain', not in config"),
    ],
)
def test_bad_measures_are_refused_in_one_line(changes, message):
    with pytest.raises(InputError) as caught:
        study(**changes)
    assert message in str(caught.value)


POINTS = {
    "geometry__measures": ["augmented_forman"],
    "geometry__primary_measure": "augmented_forman",
    "claims": ["local_negative"],
}
BLOCK = {
    "measures": ["augmented_forman", "modularity"],
    "settings": ["with_input_and_output"],
    "local": True,
}


def test_claims_on_local_coefficients_need_a_block_that_measures_them():
    assert study(**POINTS, further={"points": BLOCK}).judges_blocks()
    assert not study(claims=["training"]).judges_blocks()
    for change in (
        {"local": False},
        {"settings": ["with_input"]},
        {"measures": ["augmented_forman"]},
        {"checkpoints": [0, 1]},
    ):
        with pytest.raises(InputError) as caught:
            study(**POINTS, further={"points": BLOCK | change})
        assert str(caught.value) == (
            "my.yaml: key 'claims' names claims on local coefficients; give key 'further' a block "
            "with local: true, the setting with_input_and_output, and the measures "
            "augmented_forman and modularity"
        )


@pytest.mark.parametrize("claim", ["local_negative", "early_stopping"])
def test_claims_on_local_coefficients_need_a_measure_that_has_them(claim):
    directed = {"geometry__measures": ["forman_directed"], "claims": [claim]}
    directed |= {"geometry__primary_measure": "forman_directed"}
    block = BLOCK | {"measures": ["forman_directed", "modularity"]}
    with pytest.raises(InputError, match="is 'forman_directed', which has no local coefficients"):
        study(**directed, further={"points": block})


def test_claims_on_measures_of_layers_need_a_block_that_measures_them():
    block = {
        "measures": ["betti_0", "betti_1"],
        "settings": ["first_class", "second_class"],
    }
    assert study(claims=["betti_falls"], further={"betti": block}).judges_blocks()
    for change, missing in (
        ({"measures": ["betti_0"]}, "betti_1 and the setting first_class"),
        ({"settings": ["first_class"]}, "betti_0 and the setting second_class"),
    ):
        with pytest.raises(InputError) as caught:
            study(claims=["betti_falls"], further={"betti": block | change})
        assert str(caught.value) == (
            "my.yaml: key 'claims' names 'betti_falls'; give key 'further' a block with the "
            f"measure {missing}"
        )


def test_a_claim_on_early_stopping_needs_a_block_over_training():
    claims = POINTS | {"claims": ["early_stopping"]}
    block = BLOCK | {"measures": ["augmented_forman"], "checkpoints": [0, 5]}
    resolved = study(**claims, further={"points": block})
    assert (resolved.judges_stopping(), resolved.judges_blocks()) == (True, False)
    assert not study(claims=["training"]).judges_stopping()
    for change in (
        {"local": False},
        {"settings": ["with_input"]},
        {"measures": ["modularity"]},
        {"checkpoints": [5]},
        {"checkpoints": None},
    ):
        with pytest.raises(InputError) as caught:
            study(**claims, further={"points": block | change})
        assert str(caught.value) == (
            "my.yaml: key 'claims' names a claim on early stopping; give key 'further' a block "
            "with two checkpoints or more, local: true, the setting with_input_and_output, and the "
            "measure augmented_forman"
        )


SEVERAL = BLOCK | {
    "measures": ["tian", "augmented_forman", "modularity"],
    "settings": ["with_input_and_output", "mutual", "with_input", "first_class", "subsample"],
    "k_fractions": [0.1, 0.06],
    "conditions": ["trained", "untrained"],
}


def test_the_choices_of_claims_on_local_coefficients_are_what_their_block_measures():
    resolved = study(**POINTS, further={"a": {}, "points": SEVERAL}, multiverse={})
    assert points_block(resolved) == "points"
    found = {choice: list(of) for choice, of in options_of(resolved).items()}
    assert found == {
        "recipe": ["trained"],
        "data": ["all"],
        "measure": ["augmented_forman", "tian"],
        "policy": ["exclude"],
        "k": ["0.06", "0.1"],
        "layers": ["with_both", "hidden", "with_input"],
        "threshold": ["above", "all"],
    }
    assert point_layers(resolved, "points") == {
        "with_both": "with_input_and_output",
        "hidden": "knn",
        "with_input": "with_input",
    }
    assert {names[2] for names in ensembles_of(resolved)} == {"trained", "untrained"}
    flow = study(claims=["training"], further={"points": SEVERAL}, multiverse={})
    assert points_block(flow) is None
    assert "released" in options_of(flow)["policy"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"multiverse": {"layers": ["hidden"]}}, "key 'multiverse.layers' is for the claims of"),
        ({"multiverse": {"k": ["fixed"]}}, "k_fractions of further.points; leave it out"),
        ({"claims": ["local_negative", "training"]}, "judged by different measures"),
        ({"claims": ["early_stopping"]}, "names claims that are not judged under other choices"),
    ],
)
def test_choices_that_claims_on_local_coefficients_do_not_have_are_refused(changes, message):
    over_training = SEVERAL | {"measures": ["augmented_forman"], "checkpoints": [0, 5]}
    blocks = {"points": SEVERAL, "over_training": over_training}
    with pytest.raises(InputError) as caught:
        study(**(POINTS | {"further": blocks, "multiverse": {}} | changes))
    assert message in str(caught.value)
    assert str(caught.value).startswith("my.yaml: key ")


def refused(catalogue, text, message, **changes):
    """Write a catalogue, named after what it holds, and check what a study says of it."""
    catalogue.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        study(**changes, catalogues={catalogue.stem: str(catalogue)})
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(catalogue))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("x: {graph: mutal}", "key 'x.graph' is 'mutal'; it must be one of knn, largest_component"),
        ("x: {layers: [input]}", "key 'x.layers' is ['input']; it must name hidden"),
        ("x: {layers: [hidden, hidden]}", "it must not name anything twice"),
        ("x: {points: some}", "key 'x.points' is 'some'; it must be one of all, half"),
        ("x: {wieghts: own}", "did you mean 'weights'?"),
    ],
)
def test_bad_settings_are_refused(tmp_path, entry, message):
    changes = {"further": {"b": {"settings": ["x"]}}}
    refused(tmp_path / "settings.yaml", f"{entry}\nknn: {{}}\n", message, **changes)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("x: {module: olivier}", "key 'x.module' is 'olivier', no module of"),
        ("x: {module: ../registry}", "key 'x.module' is '../registry'; it must be small"),
        ("x: {module: ollivier, options: {idle: 0}}", "'x.options.idle' is unknown to ollivier"),
        ("x: {module: ollivier, options: {idleness: 1}}", "is 1.0; it must lie in 0.0..0.99"),
        ("x: {module: ollivier, options: {idleness: a}}", "it must be of type number"),
    ],
)
def test_bad_entries_of_the_catalogue_are_refused(tmp_path, entry, message):
    changes = {"geometry": {"measures": ["x"], "primary_measure": "x"}, "further": {}}
    refused(tmp_path / "measures.yaml", f"{entry}\n", message, **changes)


def test_files_in_data_dir_take_the_place_of_downloads_alone(tmp_path):
    resolved = study(data_sets=["A", "mnist_1v7"], data_dir=str(tmp_path))
    assert resolved.data_dir("A") is None
    assert resolved.data_dir("mnist_1v7") == str(tmp_path)
    assert resolved.replacement("mnist_1v7") == []
    for name in ("A", "mnist_1v7"):
        (tmp_path / f"{name}.npz").touch()
    assert resolved.replacement("A") == []
    assert resolved.replacement("mnist_1v7") == [str(tmp_path / "mnist_1v7.npz")]
    assert study(data_sets=["mnist_1v7"]).replacement("mnist_1v7") == []


def test_thresholds_are_those_of_filtered_conditions(tmp_path):
    made = {"a": {}, "b": {"accuracy_filter": False}}
    resolved = study(**conditions(tmp_path, made))
    assert resolved.threshold_of("C_half", "a") == resolved.threshold_of_any("C_half") == 0.91
    assert resolved.threshold_of("C_half", "b") is None
    unfiltered = study(**conditions(tmp_path, {"b": {"accuracy_filter": False}}))
    assert unfiltered.threshold_of_any("C_half") is None


def test_the_fields_of_a_training_are_its_recipe_and_its_layers():
    fields = study().training("A", "narrow_5", "linear")
    assert set(fields) == {"entry", "recipe", "device"}
    assert set(fields["entry"]) == {"widths", "activation"}
    assert fields["recipe"]["activation"] == "linear"
    assert fields["recipe"]["scale"] == "catalogue"
