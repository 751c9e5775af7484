"""Figures and tables of the papers: each is a value with its source, tasks, plot and claims."""
