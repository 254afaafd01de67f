"""A disk that can be full: a small file system in memory, or where mounting is refused a limit on the size of files."""

import os
import resource
import subprocess
from contextlib import suppress
from pathlib import Path

MIB = 2**20
LEFT = 65_536  # bytes that the longest file may still grow by


class SmallDisk:
    """A file system of so many MiB mounted at `folder`. `fill` takes what is free, `empty` gives it back."""

    said = "a file system that is full"

    def __init__(self, folder: Path, *, mib: int) -> None:
        self.folder, self._ballast = folder, folder / "ballast"
        folder.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=700", "bihuan-torture", str(folder)],
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise PermissionError(done.stderr.strip())

    def fill(self, pid: int) -> None:
        """To the last page; again when something was freed meanwhile."""
        for size in (8 * MIB, 4096):
            with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
                while file.write(bytes(size)) == size:
                    pass
        free = os.statvfs(self.folder).f_bavail
        assert free <= 16, f"{free} pages are free"

    def empty(self, pid: int) -> None:
        self._ballast.unlink()

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class LimitedFiles:
    """The server meets an error of the system when it writes, though the disk has room: no file may grow longer."""

    said = "a limit on the size of files"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._before = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def fill(self, pid: int) -> None:
        largest = max(f.stat().st_size for f in (self.folder / "home" / "events").glob("log.sqlite*"))
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        if soft == resource.RLIM_INFINITY:
            self._before = (soft, hard)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + LEFT, hard))

    def empty(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, self._before)

    def close(self) -> None:
        """Nothing to take away."""
