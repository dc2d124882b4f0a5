"""LibreOffice, which reads the workbook back: found, or installed where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGE = "libreoffice-calc"


def main() -> int:
    """0 if it is there now."""
    if shutil.which("soffice"):
        return 0
    if not shutil.which("apt-get") or os.geteuid():
        print(
            f"dev: the office part needs LibreOffice: install {PACKAGE}, or leave the part out",
            file=sys.stderr,
        )
        return 1
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", PACKAGE]):
        subprocess.run(["apt-get", "-q", *command], check=True, env=quiet, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
