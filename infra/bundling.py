"""How the code becomes assets: a function folder each, the shared package, third-party packages."""

import hashlib
import subprocess
import sys
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).resolve().parents[1]
LITTER = ["**/__pycache__", "__pycache__", "**/*.pyc", ".mypy_cache", ".DS_Store"]
# Lambda's python3.13 runs on Amazon Linux 2023 (glibc 2.34): wheels of either age fit.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64")
WHEELS = (
    *(word for each in PLATFORMS for word in ("--platform", each)),
    "--python-version",
    "3.13",
    "--only-binary=:all:",
)


def folder_code(folder: Path) -> lambda_.Code:
    """The folder as it is, without what running it left behind: same sources, same asset."""
    return lambda_.Code.from_asset(str(folder), exclude=LITTER)


@jsii.implements(ILocalBundling)
class PipLayer:
    """Installs the hash-locked requirements for the functions' platform, without a container."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Fill the layer folder; pip refuses every file whose hash is not in the lock."""
        place = str(Path(output_dir) / "python")
        asked = ("--requirement", str(self._lock), "--require-hashes", "--no-deps", "--no-compile", *WHEELS)
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--target",
            place,
        ]
        subprocess.run([*command, *asked], check=True)
        return True


def third_party_code(lock: Path) -> lambda_.Code:
    """The third-party layer. Its hash is the lock's, so an unchanged lock is never installed again."""
    named = hashlib.sha256(lock.read_bytes() + " ".join(WHEELS).encode()).hexdigest()
    return lambda_.Code.from_asset(
        str(lock.parent),
        asset_hash=named,
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(image=DockerImage.from_registry("never-used"), local=PipLayer(lock)),
    )
