"""What the use cases need from outside: a table, objects, queues, a mapper. Nothing knows AWS here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Protocol

from dualtrack.domain.observations import Fact

Item = dict[str, Any]  # pk, sk and attributes: str, Decimal, bool, bytes, set of str, dict of these
Key = tuple[str, str]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Put:
    """A conditional write: ``was`` is the value that ``field`` must have; None means no such row."""

    item: Item
    field: str
    was: str | int | Decimal | None


class Table(Protocol):
    """One table of rows under (pk, sk). All reads are strongly consistent."""

    def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[Item]:
        """Rows of a partition with low ≤ sk ≤ high, in the order of sk, or against it.

        Not a snapshot: rows are read one after another in that order, and others may write in between.
        """

    def get(self, pk: str, sk: str) -> Item | None:
        """One row or None."""

    def get_many(self, keys: Sequence[Key]) -> list[Item]:
        """The rows that exist among the keys, in no order."""

    def put_many(self, items: Iterable[Item]) -> None:
        """Write all rows, in no order; returns only when every one is durable."""

    def put_if(self, put: Put) -> bool:
        """Write one row if its condition holds; False, and nothing written, if not."""

    def transact(self, puts: Sequence[Put], delete: Sequence[Key] = ()) -> bool:
        """All or nothing; False if a condition does not hold."""

    def add(self, pk: str, sk: str, name: str, members: Set[str]) -> frozenset[str]:
        """Add texts to a row's set atomically; the set as it was before."""

    def delete(self, pk: str, sk: str) -> None:
        """Remove a row; nothing happens if there is none."""


class Objects(Protocol):
    """One bucket."""

    def create(self, key: str, data: bytes) -> bool:
        """Write once: False, and nothing written, if the key exists."""

    def put(self, key: str, data: bytes) -> None:
        """Write; the key is derived from the content, so a repeat changes nothing."""

    def read(self, key: str) -> bytes:
        """The bytes; raises ``Missing`` if there is no such object."""

    def list(self, prefix: str) -> list[str]:
        """Keys with the prefix, in order."""


class Missing(Exception):
    """An object that should be there is not."""


class Queue(Protocol):
    """A standard queue."""

    def send(self, bodies: Sequence[str]) -> list[int]:
        """Send all; the indexes that were not accepted."""

    def waiting(self) -> int:
        """Messages visible or in flight, as the service counts them."""


@dataclass(frozen=True, slots=True)
class Message:
    """A FIFO message: ``id`` is the de-duplication id, ``group`` keeps its order."""

    id: str
    group: str
    body: str


class Fifo(Protocol):
    """A FIFO queue."""

    def send(self, messages: Sequence[Message]) -> list[int]:
        """Send all in order; the indexes that were not accepted."""


class Mapper(Protocol):
    """A source's configuration at work: one CloudEvent becomes one fact, or is refused."""

    def __call__(self, event: Mapping[str, Any], now: datetime, zone: tzinfo, /) -> Fact:
        """Refuses with every problem found."""
