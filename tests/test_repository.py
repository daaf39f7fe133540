"""Workflows, issue forms and the citation are what those who read them expect: by their schemas,
and by what pyproject.toml says."""

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


def run(*words: str) -> None:
    made = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="needs check-jsonschema (dev)")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_follow_their_schema(schema: str) -> None:
    files = sorted(ROOT.glob(SCHEMAS[schema]))
    assert files
    run("check_jsonschema", "--builtin-schema", schema, *map(str, files))


@pytest.mark.skipif(find_spec("yamllint") is None, reason="needs yamllint (dev)")
def test_yaml_is_in_order() -> None:
    run("yamllint", "-c", ".yamllint.yml", ".github", "CITATION.cff", ".yamllint.yml")


def test_workflows_run_on_every_python_that_is_named() -> None:
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"])))
    assert named == set(re.findall(r'"(3\.\d+)"', workflow))
    assert PROJECT["requires-python"] == f">={min(named, key=lambda v: int(v[2:]))}"
    oldest = next(line for line in PROJECT["dependencies"] if line.startswith("torch>="))
    assert f'torch: "{oldest.removeprefix("torch>=")}"' in workflow


def test_the_citation_is_of_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {PROJECT['version']}\n" in text
    assert f"license: {PROJECT['license']}\n" in text


def test_links_of_the_pages_beside_the_readme() -> None:
    for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)", text):
            assert link.startswith("https://") or (ROOT / link).exists(), f"{name}: {link}"
