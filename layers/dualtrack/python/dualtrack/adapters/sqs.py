"""The queue ports on SQS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dualtrack.app.ports import Message

ENTRIES = 10
BYTES = 240_000  # the limit counts all entries of a call together
DEPTHS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

Entry = dict[str, Any]


class SqsQueue:
    """A standard queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def send(self, bodies: Sequence[str]) -> list[int]:
        """Send all; the indexes that were not accepted."""
        return _send(self._client, self._url, [{"MessageBody": body} for body in bodies])

    def waiting(self) -> int:
        """Messages visible, delayed or in flight; approximate, as the service says."""
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(DEPTHS))
        return sum(int(answer["Attributes"][name]) for name in DEPTHS)


class SqsFifo:
    """A FIFO queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def send(self, messages: Sequence[Message]) -> list[int]:
        """Send all in order; the indexes that were not accepted."""
        entries = [
            {"MessageBody": m.body, "MessageDeduplicationId": m.id, "MessageGroupId": m.group}
            for m in messages
        ]
        return _send(self._client, self._url, entries)


def _send(client: Any, url: str, entries: Sequence[Entry]) -> list[int]:
    refused: list[int] = []
    for batch in _batches(entries):
        named = [{"Id": str(index)} | entry for index, entry in batch]
        answer = client.send_message_batch(QueueUrl=url, Entries=named)
        refused += [int(failed["Id"]) for failed in answer.get("Failed", [])]
    return sorted(refused)


def _batches(entries: Sequence[Entry]) -> Iterator[list[tuple[int, Entry]]]:
    batch: list[tuple[int, Entry]] = []
    size = 0
    for index, entry in enumerate(entries):
        weight = len(entry["MessageBody"].encode())
        if batch and (len(batch) == ENTRIES or size + weight > BYTES):
            yield batch
            batch, size = [], 0
        batch.append((index, entry))
        size += weight
    if batch:
        yield batch
