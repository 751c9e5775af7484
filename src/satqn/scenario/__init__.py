"""Scenario files: what the user asks for, read with line numbers, checked, and resolved with nothing left implicit."""
