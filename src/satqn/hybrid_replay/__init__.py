"""The hybrid protocol replayed: promises of the analytic model taken apart, played, and put into tables.

``parts`` turns placements into what is played, ``promises`` says what is promised to whom, ``table`` replays
and compares. The playing itself is :mod:`satqn.simulate.hybrid`, which knows nothing of placement.
"""
