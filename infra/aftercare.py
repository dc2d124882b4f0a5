"""What a deploy to the embedded AWS leaves undone and an API call makes good. Never needed on AWS."""

from collections.abc import Mapping
from typing import Protocol

from infra.tenant import Tenant, load_tenant


class LockClient(Protocol):
    """The one call of an S3 client that is used here."""

    def put_object_lock_configuration(self, *, Bucket: str, ObjectLockConfiguration: object) -> object:
        """Set the default retention of a bucket."""
        ...


def lock_configuration(tenant: Tenant) -> dict[str, object]:
    """The tenant's lock as S3 writes it."""
    retention = {"Mode": tenant.lock.mode, "Days": tenant.lock.days}
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}


def lock_payouts(outputs: Mapping[str, str], s3: LockClient) -> None:
    """Put the tenant's default retention on its payout bucket."""
    tenant = load_tenant(outputs["Tenant"])
    s3.put_object_lock_configuration(
        Bucket=outputs["PayoutBucket"], ObjectLockConfiguration=lock_configuration(tenant)
    )
