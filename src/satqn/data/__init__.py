"""Small tables that ship with satqn; their sources and licences are in ``README.md`` beside them."""
