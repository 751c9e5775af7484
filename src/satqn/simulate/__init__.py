"""What random events make of a chain or a plan: exact distributions, Monte-Carlo, replay.

It asks what was promised and shows what is delivered. Nothing here knows a solver. Chains: ``chain`` (what is
simulated), ``chain_file``, ``monte_carlo`` (runs of tasks whose counts add), ``chain_counts``. Exact theory:
``nested_protocol``, ``exact_distribution``. Plans: ``replay``. Shared: ``executor`` (any number of workers,
the same counts), ``store`` (finished tasks by the hash of their content).
"""
