"""What is in ``deploy/`` is read by those who read it, and says what the program knows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from askscwru.addresses import DatabaseAddress
from askscwru.api.config import Serving
from askscwru.settings import Settings
from conftest import ROOT

DEPLOY = ROOT / "deploy"
SCHEMA = ROOT / "tests" / "vendor" / "compose-spec" / "compose-spec.json"
GIVEN = {
    "POSTGRES_PASSWORD": "f00",
    "ASKSCWRU_PUBLIC_URL": "https://ask.example.org",
    "ASKSCWRU_SEEDS": "/srv/posts",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class _Strict(yaml.SafeLoader):
    """Refuses a key that is given twice, of which YAML keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key is given twice"
        return super().construct_mapping(node, deep=deep)


def filled_in(content: Any) -> Any:
    """With variables put in as Compose does it; what must be given is named where it is not."""
    if isinstance(content, dict):
        return {key: filled_in(value) for key, value in content.items()}
    if isinstance(content, list):
        return [filled_in(value) for value in content]
    if not isinstance(content, str):
        return content

    def value(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        assert sign == "-" or name in GIVEN, f"{name} is not among what the file says to give"
        return GIVEN.get(name, rest or "")

    return _VARIABLE.sub(value, content)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    with (DEPLOY / "compose.yaml").open(encoding="utf-8") as file:
        read: dict[str, Any] = filled_in(yaml.load(file, _Strict))
    return read


def test_the_compose_file_is_of_the_form_that_compose_reads(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    kind = jsonschema.Draft7Validator
    kind.check_schema(schema)
    assert [f"{e.json_path}: {e.message}" for e in kind(schema).iter_errors(compose)] == []
    broken = {**compose, "services": {"proxy": {"imagine": "nginx"}}}
    assert list(kind(schema).iter_errors(broken))  # the schema does look


def test_the_compose_file_names_nothing_that_it_does_not_define(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        assert "image" in service, name
        assert set(service.get("depends_on", ())) <= services.keys(), name
        assert set(service["networks"]) <= compose["networks"].keys(), name
        for volume in service.get("volumes", ()):
            if isinstance(volume, str):
                assert volume.partition(":")[0] in compose["volumes"], name
            elif volume["source"].startswith("."):
                assert (DEPLOY / volume["source"]).exists(), name
        build = service.get("build")
        assert build is None or (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    for name in re.findall(r"server ([\w-]+):\d+", (DEPLOY / "nginx.conf").read_text("utf-8")):
        assert name in services


def test_the_replicas_are_set_up_by_settings_that_there_are(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (compose["services"][f"replica-{n}"] for n in (1, 2))
    assert one == two
    known = {f"ASKSCWRU_{name.upper()}" for name in (*Settings.model_fields, *Serving.model_fields)}
    assert one["environment"].keys() <= known
    for name, value in one["environment"].items():
        monkeypatch.setenv(name, value)
    database = Settings().database
    assert database is not None
    assert database.hosts[0][0] in compose["services"]
    given = compose["services"]["postgres"]["environment"]
    assert (database.user, database.name) == (given["POSTGRES_USER"], given["POSTGRES_DB"])
    assert GIVEN["POSTGRES_PASSWORD"] not in str(DatabaseAddress(database.whole))
    index = Settings().index
    assert index is not None
    assert index.host in compose["services"]
    extras = one["build"]["args"]["EXTRAS"].strip("[]").split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"postgres", "milvus"} <= set(extras) <= set(project["optional-dependencies"])
    inside = compose["services"]["proxy"]["networks"]["inside"]
    assert Serving().proxies == (inside["ipv4_address"],)


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name == "proxy":
            assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        else:
            assert "ports" not in service, name
            assert list(service["networks"]) == ["inside"], name
    assert compose["networks"]["inside"]["internal"] is True


def test_the_image_is_built_from_all_that_the_wheel_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], *wheel["shared-data"]}
    needed |= {"pyproject.toml", project["project"]["readme"]}
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for path in needed:
        assert any(path == part or path.startswith(f"{part}/") for part in sources), path
        assert any(path == part or path.startswith(f"{part}/") for part in let_in), path


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = re.sub(r"replica-\d:8000", "127.0.0.1:8000", text)  # no name server knows them here
    text = text.replace("/tmp/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(text)
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_says_of_every_setting_in_the_compose_file_what_it_does(
    compose: dict[str, Any],
) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for name in (*compose["services"]["replica-1"]["environment"], *GIVEN):
        assert f"`{name}`" in page, name
