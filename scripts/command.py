"""Give this environment the command `peps`, for the code as it stands in this folder."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

command = Path(sys.prefix) / "bin" / "peps"
command.write_text(
    f"#!{sys.executable}\n"
    "import sys\n\n"
    f"sys.path.insert(0, {str(ROOT)!r})\n"
    "from backend.cli import main\n\n"
    "sys.exit(main())\n",
    encoding="utf-8",
)
command.chmod(0o755)
