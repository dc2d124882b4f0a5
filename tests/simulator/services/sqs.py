"""SQS as the queue adapters and a function's poller see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulator.services.nerve import Call, Nerve

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
WINDOW = timedelta(minutes=5)
SEND_FAULTS = ("partial", "unavailable", "lost_answer", "resent")
MOST_BYTES = 262_144


@dataclass(slots=True)
class Stored:
    """A message in a queue."""

    id: str
    body: str
    sent: datetime
    group: str = ""
    visible: datetime = LONG_AGO
    receives: int = 0


@dataclass(slots=True)
class _Queue:
    fifo: bool
    messages: list[Stored] = field(default_factory=list)
    deleted: list[Stored] = field(default_factory=list)
    taken: list[Stored] = field(default_factory=list)
    seen: dict[str, datetime] = field(default_factory=dict)


class SqsModel:
    """A boto3 client and the poller's side.

    ``accepted`` keeps all that FIFO queues ever took, ``met`` what came about that is worth a count.
    """

    def __init__(self, nerve: Nerve) -> None:
        self._nerve = nerve
        self._queues: dict[str, _Queue] = {}
        self._sent = 0
        self.accepted: list[Stored] = []
        self.requests: Counter[str] = Counter()
        self.met: Counter[str] = Counter()

    def create(self, name: str, fifo: bool = False) -> str:
        """A queue; its address."""
        self._queues[name] = _Queue(fifo)
        return name

    def send_message_batch(self, **ask: Any) -> dict[str, Any]:
        """Up to ten; some may be refused."""
        url, entries = ask["QueueUrl"], ask["Entries"]
        if len(entries) > 10 or sum(len(e["MessageBody"].encode()) for e in entries) > MOST_BYTES:
            raise _error("AWS.SimpleQueueService.BatchRequestTooLong")

        def effect(fault: str) -> dict[str, Any]:
            cut = int(self._nerve.fraction() * len(entries)) if fault == "partial" else len(entries)
            for entry in entries[:cut]:
                self._take(url, entry)
            failed = [{"Id": e["Id"], "Code": "InternalError", "SenderFault": False} for e in entries[cut:]]
            return {"Successful": [{"Id": e["Id"]} for e in entries[:cut]]} | (
                {"Failed": failed} if failed else {}
            )

        return self._call("send_message_batch", f"{url} × {len(entries)}", SEND_FAULTS, effect)

    def get_queue_attributes(self, **ask: Any) -> dict[str, Any]:
        """Depths; approximate, as the service says."""

        def effect(fault: str) -> dict[str, Any]:
            depth = len(self._queues[ask["QueueUrl"]].messages)
            shown = (0 if self._nerve.fraction() < 0.5 else depth + 1) if fault == "approximate" else depth
            zeros = dict.fromkeys(ask["AttributeNames"], "0")
            return {"Attributes": zeros | {"ApproximateNumberOfMessages": str(shown)}}

        return self._call("get_queue_attributes", ask["QueueUrl"], ("approximate", "unavailable"), effect)

    def receive(self, url: str, most: int, visibility: timedelta) -> list[Stored]:
        """Visible messages in no order, hidden from others for a while; now and then one that was deleted."""
        call = Call("sqs", "receive", url, ("duplicate",))
        fault = self._nerve.before(call)
        queue, now = self._queues[url], self._nerve.now()
        if fault == "duplicate" and queue.deleted:
            queue.messages.append(queue.deleted.pop())
        chosen = self._nerve.shuffled([m for m in queue.messages if m.visible <= now])[:most]
        for message in chosen:
            message.visible = now + visibility
            message.receives += 1
        self._nerve.after(call)
        return chosen

    def delete(self, url: str, message: Stored) -> None:
        """Acknowledge; the same message may have been deleted before."""
        call = Call("sqs", "delete", url, ("unavailable", "lost_answer"))
        fault = self._nerve.before(call)
        if fault == "unavailable":
            raise _error("ServiceUnavailable")
        queue = self._queues[url]
        if message in queue.messages:
            queue.messages.remove(message)
            queue.deleted.append(message)
        self._nerve.after(call)
        if fault == "lost_answer":
            raise ReadTimeoutError(endpoint_url="sqs")

    def move(self, url: str, target: str, message: Stored) -> None:
        """Into another queue: a dead-letter queue, or back out of it."""
        self._queues[url].messages.remove(message)
        message.receives, message.visible = 0, LONG_AGO
        self._queues[target].messages.append(message)

    def messages(self, url: str) -> list[Stored]:
        """All that a queue holds."""
        return self._queues[url].messages

    def taken(self, url: str) -> list[Stored]:
        """All that was ever sent to a queue and not de-duplicated."""
        return self._queues[url].taken

    def _take(self, url: str, entry: dict[str, Any]) -> None:
        queue, now = self._queues[url], self._nerve.now()
        self._sent += 1
        message = Stored(f"m{self._sent}", entry["MessageBody"], now, entry.get("MessageGroupId", ""))
        if queue.fifo:
            name = entry["MessageDeduplicationId"]
            if name in queue.seen:
                inside = now - queue.seen[name] < WINDOW
                self.met[f"sqs:sent again {'inside' if inside else 'after'} the window"] += 1
                if inside:
                    return
            queue.seen[name] = now
            self.accepted.append(message)
        queue.messages.append(message)
        queue.taken.append(message)

    def _call(
        self, operation: str, where: str, faults: tuple[str, ...], effect: Callable[[str], dict[str, Any]]
    ) -> dict[str, Any]:
        call = Call("sqs", operation, where, faults)
        fault = self._nerve.before(call)
        self.requests[operation] += 1
        if fault == "unavailable":
            raise _error("ServiceUnavailable")
        if fault == "resent":
            effect(fault)
        answer = effect(fault)
        self._nerve.after(call)
        if fault == "lost_answer":
            raise ReadTimeoutError(endpoint_url="sqs")
        return answer


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "sqs")
