"""What the pages on routing say is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from satqn.cli import main
from satqn.model.instance import RoutingOptions
from satqn.routing import formulation
from satqn.routing.instance_schema import (
    DemandRecord,
    InstanceFile,
    LinkRecord,
    NodeRecord,
    PathsRecord,
    SharingRecord,
)
from satqn.routing.plan_schema import PlanFile

DOCS = Path(__file__).parents[2] / "docs"


def test_the_instance_of_the_how_to_solves_at_the_first_try(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "how-to/write-an-instance.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", text, flags=re.DOTALL)
    assert found is not None
    file, plan = tmp_path / "pass.json", tmp_path / "plan.json"
    file.write_text(found.group(1))
    assert main(["instance", "describe", str(file)]) == 0
    assert main(["plan", str(file), "--explain", "-o", str(plan)]) == 0
    capsys.readouterr()
    assert main(["check", str(file), str(plan)]) == 0
    assert capsys.readouterr().out == "ok\n"
    made = json.loads(plan.read_text())
    assert made["objective_pairs"] == pytest.approx(40)
    assert made["delivered_pairs"] == pytest.approx(20)
    promised = json.loads(found.group(1))
    promised["demands"][0]["minimum_rate"] = 11
    file.write_text(json.dumps(promised))
    assert main(["plan", str(file)]) == 3
    assert "k1" in capsys.readouterr().err


def test_every_field_and_option_is_on_the_page() -> None:
    text = (DOCS / "reference/instance-format.md").read_text(encoding="utf-8")
    for model in (
        InstanceFile, NodeRecord, LinkRecord, SharingRecord, DemandRecord, PathsRecord, PlanFile,
    ):  # fmt: skip
        for name in model.model_fields:
            assert f"`{name}`" in text, f"{model.__name__}.{name}"
    for name in RoutingOptions.__dataclass_fields__:
        assert f"| `{name}` |" in text, name


def test_every_constraint_names_its_function() -> None:
    text = (DOCS / "reference/ps-egr.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([CDS][^|]*) \|[^|]*\| `(\w+)` \|", text, flags=re.MULTILINE))
    assert list(rows) == ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "D", "S1, S2"]
    for name, function in rows.items():
        docstring = getattr(formulation, function).__doc__
        assert docstring is not None
        if name.startswith("C"):
            assert docstring.startswith(f"{name}:")
