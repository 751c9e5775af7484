"""What random events make of a chain or a plan: exact distributions, Monte-Carlo, replay.

It asks what was promised and shows what is delivered. Nothing here knows a solver.
"""
