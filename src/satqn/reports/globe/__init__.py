"""A plan as the page on the globe shows it: one document of plain values, the same live, offline and on disk.

Everything that the page says is reckoned here: it draws, and it reckons nothing that this does not know.
"""
