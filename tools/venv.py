"""A virtual environment where Debian's python3 comes without ensurepip: made without pip, then given pip.

Used only when `python3 -m venv` fails. It needs python3-pip or python3-venv from the system; says so if neither is there.
"""

import shutil
import subprocess
import sys

target = sys.argv[1]
shutil.rmtree(target, ignore_errors=True)
subprocess.run([sys.executable, "-m", "venv", "--without-pip", target], check=True)
for command in (
    [sys.executable, "-m", "pip", "--python", f"{target}/bin/python", "install", "--quiet", "pip"],
):
    if subprocess.run(command, check=False).returncode == 0:
        sys.exit(0)
apt = shutil.which("apt-get")
if apt and subprocess.run([apt, "install", "-y", "-qq", "python3-venv"], check=False).returncode == 0:
    shutil.rmtree(target, ignore_errors=True)
    sys.exit(subprocess.run([sys.executable, "-m", "venv", target], check=False).returncode)
sys.exit(
    "This python3 has neither ensurepip nor pip. Install the system package python3-venv, then try again."
)
