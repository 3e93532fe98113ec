"""A study whose input and results are in S3-compatible storage: the same tables as on a disk."""

from types import SimpleNamespace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.workflow.runner import Study

SMALL = ("--config", "data_sets=[rolls,mine]", "architectures=[short]", "conditions=[trained]")
IN_BUCKET = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://results-of-all")
ENTRY = "\nmine:\n  kind: file\n  path: {path}\n  label: kind\n"
ROWS = ["x,y,kind"] + [f"{i % 7},{(i * i) % 11},{'ab'[i % 2]}" for i in range(120)]


@pytest.fixture
def server():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    variables = {
        "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": url,
        "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "tests",
        "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "secret",
    }
    yield SimpleNamespace(client=client, variables=variables)
    server.stop()


def with_data(study, path):
    catalogue = study.folder / "tiny/datasets.yaml"
    catalogue.write_text(catalogue.read_text("utf-8") + ENTRY.format(path=path), "utf-8")
    return study


@pytest.mark.slow
def test_a_study_in_a_bucket_gives_the_same_tables(server, empty, tmp_path):
    text = "\n".join(ROWS) + "\n"
    server.client.create_bucket(Bucket="inputs")
    server.client.put_object(Bucket="inputs", Key="cells/mine.csv", Body=text.encode())
    remote = with_data(Study(tmp_path / "remote"), "s3://inputs/cells/mine.csv")
    remote.variables = server.variables
    run = remote.tiny(*SMALL, *IN_BUCKET)
    assert run.status == 0, run.text
    assert "Traceback" not in run.text
    assert not (remote.folder / "results").exists()

    (empty.folder / "mine.csv").write_text(text, "utf-8")
    local = with_data(empty, "mine.csv").tiny(*SMALL)
    assert local.status == 0, local.text
    pages = server.client.get_paginator("list_objects_v2").paginate(Bucket="results-of-all")
    stored = {entry["Key"] for page in pages for entry in page["Contents"]}
    made = {name for name in empty.files() if name.startswith("results/")}
    # The manifest walks a folder of results; it is made where they have been copied to.
    assert {name for name in stored if name.startswith("results/")} == made - {
        "results/tiny/manifest.json"
    }
    names = [name for name in made if name.endswith((".parquet", ".safetensors", ".svg"))]
    assert len(names) > 30
    for name in names:
        body = server.client.get_object(Bucket="results-of-all", Key=name)["Body"].read()
        assert body == (empty.folder / name).read_bytes(), name
    # The report found the benchmarks, which stay where the jobs ran.
    page = server.client.get_object(
        Bucket="results-of-all", Key="results/tiny/report/provenance.html"
    )
    assert b"No benchmark was recorded" not in page["Body"].read()

    again = remote.tiny(*SMALL, *IN_BUCKET)
    assert again.status == 0
    assert again.nothing_to_do, again.text
    # The same content put there again runs nothing: its ETag counts, not its time.
    server.client.put_object(Bucket="inputs", Key="cells/mine.csv", Body=text.encode())
    assert remote.plan(*SMALL, *IN_BUCKET) == set()
    # Another content of the input in the bucket runs its chain again, and no other.
    server.client.put_object(Bucket="inputs", Key="cells/mine.csv", Body=text.encode() + b"1,1,a\n")
    jobs = remote.plan(*SMALL, *IN_BUCKET)
    assert "data set mine" in jobs
    assert "data set rolls" not in jobs
