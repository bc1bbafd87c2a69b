"""Run a command that takes a while, saying what it does: a moving bar on a terminal, one line elsewhere.

    python scripts/step.py "Installing the dependencies" -- pip install …

Its output is shown only if it fails; a command that ends at once says nothing. Needs nothing but the standard library.
"""

import subprocess
import sys
import tempfile
import time

PATIENCE = 1.0
"""Seconds before anything is said."""

WIDTH = 24


def main() -> int:
    """The command's exit status."""
    label, dashes, *command = sys.argv[1:]
    if dashes != "--" or not command:
        sys.exit(str(__doc__))
    is_terminal = sys.stderr.isatty()
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        said = False
        while process.poll() is None:
            elapsed = time.monotonic() - started
            if elapsed >= PATIENCE and is_terminal:
                sys.stderr.write(f"\r{label:<44} {_bar(elapsed)} {elapsed:4.0f} s")
                sys.stderr.flush()
                said = True
            elif elapsed >= PATIENCE and not said:
                sys.stderr.write(f"{label}…\n")
                said = True
            time.sleep(0.1)
        if said and is_terminal:
            sys.stderr.write(f"\r{label:<44} {'━' * WIDTH} {time.monotonic() - started:4.0f} s\n")
        if process.returncode:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
        return process.returncode


def _bar(elapsed: float) -> str:
    """A bar whose lit part goes to and fro: how long is not known beforehand."""
    lit, span = 6, WIDTH - 6
    step = int(elapsed * 10) % (2 * span)
    place = step if step < span else 2 * span - step
    return "─" * place + "━" * lit + "─" * (span - place)


if __name__ == "__main__":
    sys.exit(main())
