"""The documentation site: the pages of this folder, the API from its docstrings, and every command's help.

python -m pip install -e ".[docs]"
python -m sphinx -n -W docs build/site
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

from sphinx.application import Sphinx

import satqn
from satqn.cli import COMMANDS, main

DOCS = Path(__file__).parent
REPOSITORY = "https://github.com/satqn/satqn/blob/main"

project = "satqn"
author = "The satqn developers"
copyright = "The satqn developers, Apache-2.0"
release = version = satqn.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
]
root_doc = "index"
exclude_patterns = ["README.md", "build", "_generated/help"]

myst_enable_extensions = ["deflist", "attrs_inline"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]

nb_execution_mode = os.environ.get("SATQN_DOCS_EXECUTE", "auto")
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_merge_streams = True

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
nitpick_ignore_regex = [("py:.*", ".*")]  # roles in docstrings name private helpers, too

html_theme = "pydata_sphinx_theme"
html_title = "satqn"
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": True,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
}
html_static_path: list[str] = []
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def outside(app: Sphinx, name: str, source: list[str]) -> None:
    """Lead links that leave this folder to the repository, and those to the README to the first page."""
    here = (DOCS / name).parent

    def moved(match: re.Match[str]) -> str:
        target = match[1]
        if "://" in target:
            return match[0]
        path, _, anchor = target.partition("#")
        whole = (here / path).resolve()
        if path and not whole.is_relative_to(DOCS):
            place = whole.relative_to(DOCS.parent).as_posix()
            return f"]({REPOSITORY}/{place}{'#' + anchor if anchor else ''})"
        return match[0]

    source[0] = re.sub(r"\]\(([^)\s]+)\)", moved, source[0])


def help_of(words: list[str]) -> str:
    """Return what a command prints with ``--help``."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        main([*words, "--help"])
    return "\n".join(line.rstrip() for line in shown.getvalue().strip("\n").splitlines())


def write_help(app: Sphinx) -> None:
    """Write the page of every command's own help, made anew at every build."""
    os.environ["COLUMNS"] = "100"
    lines = [
        "# Help of every command",
        "",
        "What each command prints with `--help`, made when this site was built.",
        "",
    ]
    for name, (_, purpose) in COMMANDS.items():
        lines += [f"## satqn {name} --help", "", purpose, "", "```text", help_of([name]), "```", ""]
    page = DOCS / "_generated/command-help.md"
    page.parent.mkdir(exist_ok=True)
    text = "\n".join(lines)
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect the two hooks."""
    app.connect("builder-inited", write_help)
    app.connect("source-read", outside)
