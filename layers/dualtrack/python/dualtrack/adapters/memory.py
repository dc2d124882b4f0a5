"""The ports in memory: shipped doubles, held to the same contract tests as the AWS adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from copy import deepcopy

from dualtrack.app.ports import Item, Key, Message, Missing, Put


class MemoryTable:
    """A table in a dict. ``watch`` is told of every row that was written or removed, as a stream is."""

    def __init__(self, watch: Callable[[str, str], None] = lambda pk, sk: None) -> None:
        self._rows: dict[str, dict[str, Item]] = {}
        self._watch = watch

    def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[Item]:
        """Rows of a partition with low ≤ sk ≤ high, in the order of sk, or against it."""
        found = self._rows.get(pk, {})
        return [deepcopy(found[sk]) for sk in sorted(found, reverse=last_first) if low <= sk <= high]

    def partitions(self) -> set[str]:
        """Every partition key."""
        return {pk for pk, found in self._rows.items() if found}

    def get(self, pk: str, sk: str) -> Item | None:
        """One row or None."""
        return deepcopy(self._rows.get(pk, {}).get(sk))

    def get_many(self, keys: Sequence[Key]) -> list[Item]:
        """The rows that exist among the keys."""
        found = (self.get(pk, sk) for pk, sk in keys)
        return [item for item in found if item is not None]

    def put_many(self, items: Iterable[Item]) -> None:
        """Write all rows."""
        for item in items:
            self._write(item)

    def put_if(self, put: Put) -> bool:
        """Write one row if its condition holds."""
        return self.transact([put])

    def transact(self, puts: Sequence[Put], delete: Sequence[Key] = ()) -> bool:
        """All or nothing."""
        if not all(self._holds(put) for put in puts):
            return False
        for put in puts:
            self._write(put.item)
        for pk, sk in delete:
            self.delete(pk, sk)
        return True

    def add(self, pk: str, sk: str, name: str, members: Set[str]) -> frozenset[str]:
        """Add texts to a row's set; the set as it was before."""
        row = self.get(pk, sk) or {"pk": pk, "sk": sk}
        before = frozenset(row.get(name, ()))
        self._write(row | {name: before | members})
        return before

    def delete(self, pk: str, sk: str) -> None:
        """Remove a row; nothing happens if there is none."""
        if self._rows.get(pk, {}).pop(sk, None) is not None:
            self._watch(pk, sk)

    def _holds(self, put: Put) -> bool:
        row = self._rows.get(put.item["pk"], {}).get(put.item["sk"])
        if put.was is None:
            return row is None
        return row is not None and row.get(put.field) == put.was

    def _write(self, item: Item) -> None:
        pk, sk = item["pk"], item["sk"]
        rows = self._rows.setdefault(pk, {})
        if rows.get(sk) == item:
            return  # a stream tells nothing of a write that changes nothing
        rows[sk] = deepcopy(item)
        self._watch(pk, sk)


class MemoryObjects:
    """A bucket in a dict."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def create(self, key: str, data: bytes) -> bool:
        """Write once: False if the key exists."""
        if key in self._objects:
            return False
        self._objects[key] = data
        return True

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self._objects[key] = data

    def read(self, key: str) -> bytes:
        """The bytes; raises ``Missing``."""
        if key not in self._objects:
            raise Missing(key)
        return self._objects[key]

    def list(self, prefix: str) -> list[str]:
        """Keys with the prefix, in order."""
        return sorted(key for key in self._objects if key.startswith(prefix))


class MemoryQueue:
    """A standard queue in a list."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send(self, bodies: Sequence[str]) -> list[int]:
        """Send all."""
        self.bodies += bodies
        return []

    def waiting(self) -> int:
        """Messages not yet taken."""
        return len(self.bodies)


class MemoryFifo:
    """A FIFO queue that drops what it has seen, as the service does within five minutes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> list[int]:
        """Send all in order."""
        seen = {message.id for message in self.messages}
        self.messages += [message for message in messages if message.id not in seen]
        return []
