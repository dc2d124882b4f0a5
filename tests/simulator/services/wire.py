"""DynamoDB's own shapes: items as they are sent, keys, pages and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tests.simulator.services import capacity

Wire = dict[str, Any]
PAGE = 1_000_000
ERRORS = {
    "throttled": "ProvisionedThroughputExceededException",
    "unavailable": "InternalServerError",
    "conflict": "TransactionConflictException",
}


class TransactionCanceled(ClientError):  # type: ignore[misc]
    """What boto3 makes of a canceled transaction."""


def error(code: str, operation: str) -> ClientError:
    """An answer that says no."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def key(item: Wire) -> tuple[str, str]:
    """Partition and sort key."""
    return item["pk"]["S"], item["sk"]["S"]


def named(item: Wire) -> Wire:
    """The key as it is sent."""
    return {"pk": item["pk"], "sk": item["sk"]}


def target(act: Mapping[str, Any]) -> Wire:
    """What one act of a transaction is about."""
    found: Wire = act["Put"]["Item"] if "Put" in act else act["Delete"]["Key"]
    return found


def page_of(found: Sequence[Wire], consistent: bool) -> tuple[list[Wire], float]:
    """As many rows as fit into an answer, and what reading them is billed."""
    page: list[Wire] = []
    total = 0
    for item in found:
        page.append(item)
        total += capacity.size(item)
        if total > PAGE:
            break
    return page, capacity.read_units(total, consistent)
