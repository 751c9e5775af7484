"""What to build: where stations go, with a bound on how much better any other choice could be.

``p_median`` chooses sites for costs of serving demands by sites (Lagrangian bound, interchange, exact where
small); ``cloudy`` looks at the second nearest too; ``sites`` turns a scenario into demands, candidates and
costs, and ``stations`` answers the question and writes the answer out.
"""
