"""``payroll peek``, and how dead letters come back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import boto3
import typer

from infra.cli.options import option
from infra.cli.show import line, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
HOLD = 30  # seconds that a message is hidden while the others are read; it is given back at the end
HEADS = ("payout_id", "attempt", "run", "period", "employee", "currency", "amount")
Most = Annotated[int, option("opt.most", "--most", min=1, max=500)]
Message = Mapping[str, Any]


@app.callback()
def group() -> None:
    """Keeps ``peek`` a command of its own although it is alone."""


@app.command("peek", help="help.payroll.peek")
def peek(context: typer.Context, most: Most = 50) -> None:
    """Messages are given back, not deleted."""
    found = look(operator(context).outputs["PayrollQueueUrl"], most)
    if not found:
        line("payroll.none")
        return
    table((*HEADS, "deliveries"), map(_row, found))
    line("payroll.note")


def look(queue: str, most: int) -> list[Message]:
    """Up to so many messages; of one group at most ten can be seen at once."""
    client = boto3.client("sqs")
    found: list[Message] = []
    try:
        found += _received(client, queue, most)
    finally:
        for each in found:
            handle = each["ReceiptHandle"]
            client.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    return found


def _received(client: Any, queue: str, most: int) -> Iterator[Message]:
    left = most
    while left > 0:
        answer = client.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=min(10, left),
            VisibilityTimeout=HOLD,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        if not answer.get("Messages"):
            return
        yield from answer["Messages"]
        left -= len(answer["Messages"])


def redriven(dead: str, queue: str) -> int:
    """Send dead letters once more and take them away; how many. One that comes twice changes nothing.

    Each goes under a name of its own: SQS drops a name that it has seen in the last five minutes.
    """
    client, count = boto3.client("sqs"), 0
    while messages := client.receive_message(
        QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        for each in messages:
            _back(client, queue, each)
            client.delete_message(QueueUrl=dead, ReceiptHandle=each["ReceiptHandle"])
            count += 1
    return count


def _back(client: Any, queue: str, message: Message) -> None:
    named = f"{message['MessageId']}-{message['Attributes']['SequenceNumber']}"
    client.send_message(
        QueueUrl=queue, MessageBody=message["Body"], MessageDeduplicationId=named,
        MessageGroupId=message["Attributes"]["MessageGroupId"],
    )  # fmt: skip


def _row(message: Message) -> list[object]:
    body = json.loads(message["Body"])
    return [*(body.get(head) for head in HEADS), message["Attributes"]["ApproximateReceiveCount"]]
