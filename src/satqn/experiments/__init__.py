"""Every figure and table of a paper as a value: what it computes, how it is drawn, what it must show.

An :class:`~satqn.experiments.experiment.Experiment` turns a context (network, pairs, stored evaluations)
into data, the data into a figure, and the data into claims: sentences with the number of the paper, ours
and a verdict. ``run`` carries out a selection and writes figures, tables and claims; ``store`` keeps each
expensive evaluation under the hash of everything it depends on, so that figures share them and a run
that was stopped goes on where it was; ``figures`` holds the values themselves, one module per figure.
"""
