"""Completion of the shell: the printed script, asked in a real bash."""

from __future__ import annotations

import shutil
import subprocess
from typing import get_args

import pytest

from satqn.cli import COMMANDS, main
from satqn.routing.solve import Method

CASES = [
    ("satqn pl", {"plan"}),
    ("satqn plan --method ", set(get_args(Method))),
    ("satqn link free", {"free-space"}),
    ("satqn sweep --va", {"--vary"}),
    ("satqn completion ", {"bash", "zsh", "fish"}),
]
ASK = """
source "$1"; line="$2"; read -ra COMP_WORDS <<< "$line"
[[ "$line" == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _satqn; printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash has to read the script")
def test_bash_completes_commands_options_and_choices(capsys, tmp_path) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "satqn.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    for line, expected in CASES:
        asked = ["bash", "-c", ASK, "ask", str(script), line]
        found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
        assert set(found) == expected, line
    everything = subprocess.run(
        ["bash", "-c", ASK, "ask", str(script), "satqn "], capture_output=True, text=True, check=True
    )
    assert set(COMMANDS) <= set(everything.stdout.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_that_knows_every_command(capsys, shell) -> None:
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


def test_an_unknown_shell_is_refused(capsys) -> None:
    assert main(["completion", "tcsh"]) == 2
