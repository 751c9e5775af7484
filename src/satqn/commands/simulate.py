"""``satqn simulate``: what random events make of a plan or of one chain."""

from __future__ import annotations

from cyclopts import App

from satqn.commands.simulate_plan import simulate_plan

app = App(name="simulate", help="Simulate a plan or a chain pair by pair.")
app.default(simulate_plan)
app.command("satqn.commands.simulate_chain:chain", name="chain")
app.command("satqn.commands.simulate_hybrid:hybrid", name="hybrid")
