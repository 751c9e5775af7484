"""Entanglement routing PS-EGR of zhang2024: which path serves whom in which slot, and what is stored.

The way of the data: an instance file (:mod:`~satqn.routing.instance_file`) is read into a
``RoutingInstance``; :mod:`~satqn.routing.pool` lists the paths each demand may use and what purification
costs on them; :mod:`~satqn.routing.formulation` writes the MILP, one function per constraint C1..C7; a
method (:mod:`~satqn.routing.exact`, :mod:`~satqn.routing.paper`, :mod:`~satqn.routing.benders`,
:mod:`~satqn.routing.baselines`) solves it with a bound; :mod:`~satqn.routing.check` verifies every plan from
the instance alone and knows neither the formulation nor a solver. :func:`satqn.routing.solve.solve` is the
one door to all of it.
"""
