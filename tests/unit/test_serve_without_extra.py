"""Without the extra, ``satqn serve`` says what to type, and nothing else needs it."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("fastapi", "uvicorn", "starlette"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nothing())
import satqn.extras
satqn.extras.find_spec = lambda name: None if name in ("fastapi", "uvicorn") else __import__("importlib.util").util.find_spec(name)
from satqn.cli import main
sys.exit(main(sys.argv[1:]))
"""


def satqn(*words):
    return subprocess.run([sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True)


def test_serve_says_what_to_type():
    found = satqn("serve")
    assert found.returncode == 2
    assert 'python -m pip install "satqn[web]"' in found.stderr
    assert found.stdout == ""


def test_help_and_scenarios_need_no_server():
    assert "serve" in satqn("--help").stdout
    assert satqn("serve", "--help").returncode == 0
    assert "metro-pair" in satqn("scenarios").stdout


def test_the_command_line_imports_no_server():
    code = "import sys; from satqn.cli import main; main(['--help']); main(['serve', '--help']); assert 'fastapi' not in sys.modules and 'uvicorn' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
