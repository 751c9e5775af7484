"""The page on the user's own machine: HTTP in, one call of :mod:`satqn.api`, JSON out; it knows no solver.

A job is a folder with its request, what its worker has told, and its result. Workers are processes of their
own: they outlive the tab, and the server too; a server that is started again finds them by their locks.
"""
