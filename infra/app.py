"""The CDK app: one stack for each tenant.

Context: `target` (`aws`, the default, or `embedded`), `tenants` (comma list, default all files) and, for
tests, `functions_dir` and `layer_lock`.
"""

from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.bundling import ROOT
from infra.constructs.base import Folders, Setting
from infra.stack import TenantStack
from infra.targets import target_named
from infra.tenant import load_tenant, tenant_names

# Decided here and not by cdk.json, so that a template never depends on where it was synthesized.
FLAGS = {
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
}


def folders(app: App) -> Folders:
    """Where code comes from; tests may point elsewhere."""
    functions = app.node.try_get_context("functions_dir")
    lock = app.node.try_get_context("layer_lock")
    return Folders(
        functions=Path(functions) if functions else ROOT / "functions",
        layer=ROOT / "layers" / "dualtrack",
        lock=Path(lock) if lock else ROOT / "requirements" / "layer.txt",
    )


def apply_flags(app: App) -> None:
    """Fix how the CDK writes what it may write in several ways."""
    for flag, on in FLAGS.items():
        app.node.set_context(flag, on)


def build(app: App) -> list[TenantStack]:
    """All stacks the context asks for."""
    apply_flags(app)
    target = target_named(app.node.try_get_context("target") or "aws")
    asked = app.node.try_get_context("tenants")
    names = str(asked).split(",") if asked else tenant_names()
    if target.nag:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return [TenantStack(app, Setting(load_tenant(name), target, folders(app))) for name in names]


def main() -> None:
    """Synthesize."""
    app = App()
    build(app)
    app.synth()


if __name__ == "__main__":
    main()
