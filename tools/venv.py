"""A virtual environment where Debian's python3 comes without ensurepip.

Used only when `python3 -m venv` fails. It gives the environment a pip from the system's, when there is one; else it
installs Debian's python3-venv, as root or through sudo; else it says what to install.
"""

import os
import shutil
import subprocess
import sys


def run(*command: str) -> bool:
    """Whether the command succeeded."""
    return subprocess.run(command, check=False).returncode == 0


def main(target: str) -> int:
    """Exit code: 0 when the environment is there, with pip."""
    shutil.rmtree(target, ignore_errors=True)
    has_pip = (
        subprocess.run(
            [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
        ).returncode
        == 0
    )
    if has_pip and run(sys.executable, "-m", "venv", "--without-pip", target):
        pip = [sys.executable, "-m", "pip", "--python", f"{target}/bin/python", "install", "--quiet", "pip"]
        if run(*pip):
            return 0
    root = [] if os.geteuid() == 0 else ["sudo"]
    if shutil.which("apt-get") and (not root or shutil.which("sudo")):
        print("This python3 has no venv; installing Debian's python3-venv …", flush=True)
        run(*root, "apt-get", "update", "-qq")
        if run(*root, "apt-get", "install", "-y", "-qq", "python3-venv"):
            shutil.rmtree(target, ignore_errors=True)
            return 0 if run(sys.executable, "-m", "venv", target) else 1
    print(
        "This python3 has neither venv nor pip. Install the system package python3-venv, then try again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
