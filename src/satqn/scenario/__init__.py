"""Scenario files: what the user asks for.

Read with line numbers, checked with all faults at once, and resolved so that nothing is implicit.
"""
