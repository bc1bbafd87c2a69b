"""Node.js and the locked npm packages of this folder, as `make test` finds and installs them."""

import shutil
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent


@cache
def node() -> str:
    """The Node.js that runs our clients; their packages are installed if they are not yet."""
    sys.path.insert(0, str(HERE.parents[1] / "scripts"))
    try:
        import spa
    finally:
        sys.path.pop(0)
    spa.install(HERE)
    packaged = spa.packaged_npm()
    found = shutil.which("node") if spa.system_npm() else packaged and packaged[0]
    assert found, "no Node.js: `make clients` installs one"
    return str(found)
