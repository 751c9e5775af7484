"""``satqn schema``: the JSON Schema of every file that satqn reads."""

from __future__ import annotations

from typing import Literal

from satqn.commands.common import emit_json


def schema(
    which: Literal["scenario", "hybrid", "plan", "case-study", "instance", "plan-file"] = "scenario",
) -> None:
    """Print the JSON Schema of scenario files, routing instances or plan files.

    What satqn reads passes them: a scenario that extends another one may leave anything out, and a value may
    stand together with where it is from.

    Parameters
    ----------
    which
        ``scenario``: scenarios of every study; ``hybrid``, ``plan``, ``case-study``: of one; ``instance``:
        routing instances; ``plan-file``: plans.
    """
    if which == "instance":
        from satqn.routing.instance_file import instance_schema

        emit_json(instance_schema())
    elif which == "plan-file":
        from satqn.routing.plan_file import plan_schema

        emit_json(plan_schema())
    else:
        from satqn.scenario.json_schema import scenario_schema

        emit_json(scenario_schema(None if which == "scenario" else which))
