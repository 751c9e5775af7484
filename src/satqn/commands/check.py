"""``satqn check``: is a plan possible, and worth what it says? A second program, without any solver."""

from __future__ import annotations

from dataclasses import asdict

from satqn.commands.common import Json, emit_json, say, show
from satqn.errors import EXIT_CHECK_FAILED, EXIT_OK


def check(instance: str, plan: str, *, json: Json = False) -> int:
    """Check a plan against its instance: print ``ok``, or every constraint it breaks and exit with 1.

    Fidelities, purification costs, capacities and stocks are reckoned anew from the instance alone, so
    plans made elsewhere can be checked too.

    Parameters
    ----------
    instance
        The instance file, JSON or YAML; or the scenario of the plan.
    plan
        The plan file.
    """
    from satqn.planning import load_plannable
    from satqn.routing.check import check as violations_of
    from satqn.routing.plan_file import load_plan

    candidate, problem = load_plan(plan), load_plannable(instance).instance
    if candidate.instance_sha256 != problem.sha256:
        said = candidate.instance_sha256[:12] or "none"
        say(f"warning: the plan names another instance file (SHA-256 {said}…, here {problem.sha256[:12]}…)")
    violations = violations_of(problem, candidate)
    if json:
        emit_json({"ok": not violations, "violations": [asdict(violation) for violation in violations]})
    else:
        show("ok" if not violations else "\n".join(map(str, violations)))
    return EXIT_CHECK_FAILED if violations else EXIT_OK
