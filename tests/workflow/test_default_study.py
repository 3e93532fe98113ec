"""The default study, whole: what a new user runs first."""

import signal
import threading
import time

import polars as pl
import psutil
import pytest

from ricci_flow.report.pages import page_names
from tests.browser import CHROMIUM, MISSING, Page
from tests.workflow.runner import ROOT, Study, kill


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    study = Study(tmp_path_factory.mktemp("default") / "study")
    process = study.start()
    study.threads = []
    watch = threading.Thread(target=count_threads, args=(process, study.threads))
    watch.start()
    try:
        text, _ = process.communicate(timeout=1500)
    finally:
        kill(process, signal.SIGKILL)
        watch.join()
    assert process.returncode == 0, text
    return study


def count_threads(process, counts):
    """Note the threads of Snakemake's main process every half second, as long as it lives."""
    main = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            counts.append(main.num_threads())
        except psutil.Error:
            return
        time.sleep(0.5)


@pytest.mark.slow
def test_networks_learn_and_few_are_lost(default):
    funnel = pl.read_parquet(default.folder / "results/default/statistics/funnel.parquet")
    trained = funnel.filter(condition="trained", measure="forman_directed")["networks"].to_list()
    assert trained[0] == 5 * 3 * 6
    assert trained[1] > 0.85 * trained[0]
    assert trained[2] > 0.6 * trained[0]
    accuracy = pl.read_parquet(default.folder / "results/default/statistics/accuracy.parquet")
    untrained = accuracy.filter(condition="untrained")
    assert untrained["test_accuracy"].mean() < 0.8
    assert untrained["kept"].all()


@pytest.mark.slow
def test_snakemake_leaves_no_timer_behind_for_every_job(default):
    """Left alone it has as many threads as jobs have ended, and a core's work with them."""
    assert len(default.threads) > 20
    assert max(default.threads) < 40 + 2 * psutil.cpu_count()


@pytest.mark.slow
def test_a_second_run_finds_nothing_to_do(default):
    result = default.snakemake()
    assert result.status == 0
    assert result.nothing_to_do


@pytest.mark.slow
def test_the_page_of_layers_is_small_enough_to_be_sent(default):
    page = default.folder / "results/default/report/explore.html"
    assert 1e6 < page.stat().st_size < 10e6


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.slow
def test_the_report_shows_every_figure(default, tmp_path, width):
    pictures, folder = 0, default.folder / "results/default/report"
    with Page(folder / "report.html", tmp_path, width) as page:
        for name in page_names(ROOT / "reports"):
            page.open(folder / f"{name}.html")
            found = page.seen()
            assert not page.complaints, name
            assert not found["loaded"], name
            assert all(
                complete and natural > 0 and shown > 100
                for complete, natural, shown, _ in found["images"]
            )
            assert found["wide"] <= width, name
            pictures += len(found["images"])
    assert pictures == len(list(default.folder.glob("results/default/figures/*.svg")))
