"""What a deploy to the embedded AWS leaves undone and an API call makes good. Never needed on AWS."""

from collections.abc import Mapping
from typing import Any

from infra.tenant import Tenant, load_tenant


def lock_configuration(tenant: Tenant) -> dict[str, object]:
    """The tenant's lock as S3 writes it."""
    retention = {"Mode": tenant.lock.mode, "Days": tenant.lock.days}
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}


def lock_payouts(outputs: Mapping[str, str], s3: Any) -> None:
    """Put the tenant's default retention on its payout bucket, with an S3 client."""
    lock = lock_configuration(load_tenant(outputs["Tenant"]))
    s3.put_object_lock_configuration(Bucket=outputs["PayoutBucket"], ObjectLockConfiguration=lock)
