"""The first hour: what the README tells a new user to type, its links, and how satqn is cited."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import satqn
from satqn.cli import build_app
from satqn.scenario.load import load_any

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOME = "https://github.com/satqn/satqn"
IMAGES = "https://raw.githubusercontent.com/satqn/satqn/main/"


def block(heading: str, language: str = "") -> list[str]:
    """Return the lines of the first fenced block of a language below a heading of the README."""
    below = README.split(f"## {heading}\n", 1)[1]
    found = re.search(rf"^```{language}\n(.*?)^```$", below, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1).splitlines()


QUESTIONS = [line for line in block("First questions") if line.startswith("satqn ")]


def test_the_questions_can_be_asked_as_they_stand() -> None:
    first = block("First questions")[0]
    assert shlex.split(first, comments=True) == [".", ".venv/bin/activate"]
    assert len(QUESTIONS) >= 10
    assert set(block("First questions")[1:]) == set(QUESTIONS)


@pytest.mark.parametrize("line", QUESTIONS, ids=lambda line: line.split("  ")[0])
def test_every_first_question_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    _, bound, _ = build_app().parse_args(words, exit_on_error=False, print_error=False)
    given = bound.arguments
    name = given.get("scenario") or given.get("source")
    assert name is None or isinstance(name, str)
    if name is None or name.endswith(".json"):
        return
    settings = dict(pair.split("=", 1) for pair in given.get("settings") or ())
    axes = [pair.split("=", 1) for pair in given.get("vary") or ()]
    for key, values in axes:
        settings[key] = values.split(",")[0]
    scenario = load_any(name, {key: YAML(typ="safe").load(value) for key, value in settings.items()}).scenario
    if "a" in given:
        nodes = {node.id for node in scenario.ground.nodes} | {group.id for group in scenario.satellites}
        assert {given["a"], given["b"].rsplit("-", 1)[0]} <= nodes


def test_every_call_of_the_first_program_fits_its_function() -> None:
    program = ast.parse("\n".join(block("First questions", "python")))
    calls = [
        node
        for node in ast.walk(program)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "satqn"
    ]
    assert len(calls) >= 8
    for call in calls:
        function = getattr(satqn, call.func.attr)
        keywords = {word.arg: None for word in call.keywords}
        inspect.signature(function).bind(*call.args, **keywords)


def test_the_program_of_the_page_about_python_fits_too() -> None:
    page = (ROOT / "docs/how-to/use-in-python.md").read_text(encoding="utf-8")
    names = set(re.findall(r"satqn\.(\w+)\(", page)) | set(
        re.findall(r"`(\w+)`", page.split("## Compare")[0])
    )
    assert set(satqn.__all__) - {"__version__", "SatqnError", "catalogue"} <= names
    for name in re.findall(r"satqn\.(\w+)\(", page):
        assert callable(getattr(satqn, name))


def links() -> list[str]:
    defined = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", README, flags=re.MULTILINE))
    text = re.sub(r"^```.*?^```$", "", README, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\[[^\]]+\]: \S+$", "", text, flags=re.MULTILINE)
    used = set(re.findall(r"\]\[([^\]]+)\]", text)) | set(re.findall(r"(?<!\])\[([^\]]+)\](?![\[(])", text))
    used = {" ".join(name.split()) for name in used}
    assert used == set(defined), "every reference has its address, every address its reference"
    return [*defined.values(), *re.findall(r"\]\(([^)\s]+)\)", text)]


def test_links_of_the_readme_are_right_on_a_package_index() -> None:
    found = links()
    assert len(found) > 10
    for target in found:
        place = target.removeprefix(f"{HOME}/blob/main/").removeprefix(IMAGES)
        assert place != target, f"{target}: relative links and images lead nowhere on a package index"
        name, _, heading = place.partition("#")
        file = ROOT / name
        assert file.is_file(), target
        assert (file.suffix == ".png") == target.startswith(IMAGES), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in slugs, target


def test_the_citation_is_complete() -> None:
    cff = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["version"] == satqn.__version__
    assert cff["license"] == "Apache-2.0"
    assert cff["repository-code"] == HOME
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(cff["date-released"]))
    for key in ("cff-version", "message", "title", "abstract", "authors", "keywords"):
        assert cff[key], key
    preprints = {"2507.12539": 3, "2409.13517": 6}
    for number, authors in preprints.items():
        paper = next(one for one in cff["references"] if number in one["doi"])
        assert paper["doi"] == f"10.48550/arXiv.{number}"
        assert paper["url"] == f"https://arxiv.org/abs/{number}"
        assert {one["value"] for one in paper["identifiers"]} == {f"arXiv:{number}"}
        assert len(paper["authors"]) == authors
        assert all(one["family-names"] and one["given-names"] for one in paper["authors"])
    assert HOME in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_hints_to_install_name_extras_that_there_are() -> None:
    import tomllib

    from satqn.extras import EXTRAS

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    hinted = {
        name
        for file in sources
        for name in re.findall(r"satqn\[([a-z]+)\]", file.read_text(encoding="utf-8"))
        if "decisions" not in file.parts
    }
    assert hinted <= set(extras)
    assert set(EXTRAS) <= set(extras)
    for name, packages in EXTRAS.items():
        listed = {re.split(r"[<>=!~ \[]", one)[0] for one in extras[name]}
        assert set(packages) <= listed, name
