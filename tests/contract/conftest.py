"""Every adapter of every port: in memory, on moto, and on the embedded AWS with IAM enforced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.memory import MemoryFifo, MemoryObjects, MemoryQueue, MemoryTable
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.sqs import SqsFifo, SqsQueue
from infra import embedded

_numbers = count(1)
KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
    "BillingMode": "PAY_PER_REQUEST",
}


@dataclass(frozen=True)
class Ports:
    """Fresh adapters of all ports."""

    table: Any
    objects: Any
    queue: Any
    fifo: Any


def no_pause(seconds: float) -> None:
    """Tests do not wait."""


def on_aws(client: Callable[[str], Any]) -> Ports:
    """The AWS adapters on new resources of some AWS."""
    name = f"contract-{next(_numbers)}"
    client("dynamodb").create_table(TableName=name, **KEYS)
    client("s3").create_bucket(Bucket=name)
    queue = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    fifo = client("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return Ports(
        DynamoTable(client("dynamodb"), name, no_pause),
        S3Objects(client("s3"), name),
        SqsQueue(client("sqs"), queue),
        SqsFifo(client("sqs"), fifo),
    )


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Embedded]:
    """An embedded AWS of its own."""
    with embedded.start("contract") as started:
        yield started


@pytest.fixture(params=["memory", "moto", "embedded"])
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    """The three families of adapters, one after the other."""
    if request.param == "memory":
        yield Ports(MemoryTable(), MemoryObjects(), MemoryQueue(), MemoryFifo())
    elif request.param == "moto":
        with mock_aws():
            yield on_aws(lambda service: boto3.client(service, region_name="us-east-1"))
    else:
        yield on_aws(request.getfixturevalue("server").client)
