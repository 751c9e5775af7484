"""The command line: one command a module in :mod:`satqn.commands`, loaded only when it is called.

Data goes to stdout, progress and errors to stderr. An error of the user is one message without a
traceback; the exit status says which kind it was (see :mod:`satqn.errors`).
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from cyclopts import App, CycloptsError, Group

from satqn._version import __version__
from satqn.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SatqnError, SatqnWarning, cut, printable
from satqn.files import one_command
from satqn.interruption import interrupted_within, obey_signals
from satqn.limits import without_limits
from satqn.streams import discard_stdout

FORCE = "--force"
"""Lifts limits, and lets a folder with other files be written; understood by every command."""
LONGEST_WARNING = 2000
"""Characters of a warning."""

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("satqn.commands.run:run", "Do everything for a scenario and write it into one folder."),
    "link": ("satqn.commands.link:app", "Ask what a fibre chain or a satellite link delivers."),
    "key": ("satqn.commands.key:app", "Ask how many secret bits entangled pairs give."),
    "pair": ("satqn.commands.pair:pair", "Compare all ways between two places."),
    "evaluate": ("satqn.commands.evaluate:evaluate", "Evaluate the hybrid protocol for many pairs."),
    "map": ("satqn.commands.map:map_", "Map what one place gets with all others, or medians by region."),
    "reproduce": ("satqn.commands.reproduce:reproduce", "Reproduce figures and tables of the papers."),
    "plan": ("satqn.commands.plan:plan", "Plan paths, rates and stocks of a routing instance."),
    "compare": ("satqn.commands.compare:compare", "Compare architectures for the same demands."),
    "sweep": ("satqn.commands.sweep:sweep", "Plan or evaluate a scenario over a grid of settings."),
    "diff": ("satqn.commands.diff:diff", "Compare two scenarios, instances or plans."),
    "check": ("satqn.commands.check:check", "Check a plan against its instance, knowing no solver."),
    "simulate": ("satqn.commands.simulate:app", "Simulate a plan or a chain pair by pair."),
    "sky": ("satqn.commands.sky:sky", "Ask how clear and how bright the sky of a place is."),
    "design": ("satqn.commands.design:app", "Ask what to build: how long satellites are in view."),
    "export": ("satqn.commands.export:app", "Write a network for other programs."),
    "instance": ("satqn.commands.instance:app", "Generate and export routing instances."),
    "validate": ("satqn.commands.validate:validate", "Check a scenario: every fault with its line."),
    "resolve": ("satqn.commands.resolve:resolve", "Write a scenario out, with where every value is from."),
    "schema": ("satqn.commands.schema:schema", "Print the JSON Schema of scenarios, instances or plans."),
    "serve": ("satqn.commands.serve:serve", "Serve a page that shows plans on a globe, and plans again."),
    "scenarios": ("satqn.commands.scenarios:scenarios", "List the scenarios that ship with satqn."),
    "data": ("satqn.commands.data:app", "List, fetch and locate data sets."),
    "completion": ("satqn.cli:completion", "Print what makes a shell complete commands and options."),
}
"""Every command: where it lives and what it is for."""


def build_app() -> App:
    """Return the command line with every command registered by its import path."""
    app = App(
        name="satqn",
        help="Plan quantum networks that span fibre, aircraft and satellites.\n\n"
        f"Every command understands {FORCE}: do what is refused for its size, and write into a folder with "
        "files that satqn did not write.",
        version=__version__,
        version_flags=["--version"],
        group_commands=Group("Commands", sort_key=0),
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=True,
        result_action="return_value",
    )
    for name, (path, purpose) in COMMANDS.items():
        app.command(path, name=name, help=purpose)
    app.register_install_completion_command(help="Put the completion of this shell where it looks for it.")
    return app


def completion(shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print what makes a shell complete commands, options and their choices.

    Parameters
    ----------
    shell
        For bash: ``satqn completion bash > ~/.local/share/bash-completion/completions/satqn``.
    """
    print(build_app().generate_completion(shell=shell), end="")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``satqn``; by default those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _any_text_can_be_shown()
    words, forced = _without_force(words)
    try:
        with _warnings_told(), one_command(), without_limits(forced):
            status = build_app()(words or ["--help"])
        sys.stdout.flush()  # a full disk or a closed pipe is found here, not at the end of the process
    except CycloptsError:
        return EXIT_USAGE  # cyclopts has printed what is wrong
    except SatqnError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, SystemExit, Exception) as error:
        return _status_of(error)
    return status if isinstance(status, int) else EXIT_OK


def _status_of(error: BaseException) -> int:
    """Return the exit status of what no command can answer for: signals, and a stdout that cannot be written.

    Raises
    ------
    BaseException
        What it is given, if it is none of these.
    """
    if interrupted_within(error):  # also as what compiled code makes of it
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    pipe = error.__context__ if isinstance(error, SystemExit) else error  # rich leaves with SystemExit(1)
    if isinstance(pipe, BrokenPipeError):
        # The reader of our output has gone (`| head`): not a fault, and nothing more can be said.
        discard_stdout()
        return EXIT_OK
    if isinstance(error, OSError):
        discard_stdout()
        # Files that satqn reads and writes answer for themselves; what is left is a full disk behind stdout.
        what = "standard output" if error.filename is None else printable(str(error.filename))
        print(f"error: {what}: {printable(error.strerror or str(error))}", file=sys.stderr)
        return EXIT_USAGE
    if _in_compiled_cache(error):
        print(
            f"error: the cache of compiled code is damaged ({printable(type(error).__name__)}). "
            "Run `satqn data clear-cache` and try again",
            file=sys.stderr,
        )
        return EXIT_USAGE
    if isinstance(error, MemoryError):
        print("error: out of memory. Take fewer places, slots, paths or runs", file=sys.stderr)
        return EXIT_USAGE
    raise error


def _in_compiled_cache(error: BaseException) -> bool:
    """Return whether an error was raised while numba read its cache."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if Path(code.co_filename).parts[-3:] == ("numba", "core", "caching.py") and "load" in code.co_name:
            return True
        trace = trace.tb_next
    return False


def _without_force(words: list[str]) -> tuple[list[str], bool]:
    """Take ``--force`` out of the words of a command: it means the same for all of them."""
    end = words.index("--") if "--" in words else len(words)
    kept = [word for word in words[:end] if word != FORCE] + words[end:]
    return kept, len(kept) < len(words)


def _any_text_can_be_shown() -> None:
    """Escape what the terminal's encoding lacks, instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Print every warning of satqn once, as one line on stderr; those of libraries as Python does."""
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", SatqnWarning)
        otherwise = warnings.showwarning

        def tell(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if not issubclass(category, SatqnWarning):
                otherwise(message, category, *place, **more)
            elif str(message) not in told:
                told.add(str(message))
                print(f"warning: {cut(printable(str(message)), LONGEST_WARNING)}", file=sys.stderr)

        warnings.showwarning = tell
        yield


def entry() -> None:
    """Leave the process with the exit status of :func:`main`."""
    try:
        obey_signals()
        status = main()
    except KeyboardInterrupt as error:  # before anything had begun, or when all was done
        status = _status_of(error)
    sys.exit(status)
