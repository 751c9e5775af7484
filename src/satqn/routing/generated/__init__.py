"""Column generation over all paths: a plan with a bound that holds for every path there is.

A column is a path of a demand in a slot that carries its storing slot: (k, t, p) over real links, or
(k, t, p, s) where what is drawn in t was stored over the route of p in slot s. So there are no rows of
stocks, and columns can be priced over all paths: :mod:`~satqn.routing.generated.fronts` finds what a stored
pair costs, :mod:`~satqn.routing.generated.labels` the best paths at given
:mod:`~satqn.routing.generated.prices`, :mod:`~satqn.routing.generated.bound` turns them into a bound,
:mod:`~satqn.routing.generated.master` makes new prices, :mod:`~satqn.routing.generated.incumbents` plans,
and :mod:`~satqn.routing.generated.solve` is the loop around them.
"""
