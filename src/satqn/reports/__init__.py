"""Pages, maps and exports: what a run leaves behind for people to read."""
