"""The port that seals what nobody but a publication may read."""

from __future__ import annotations

from typing import Protocol

from dualtrack.domain.errors import Stopped


class Vault(Protocol):
    """Seals bytes for a context; what was sealed for one context does not open in another."""

    def seal(self, data: bytes, context: str) -> bytes:
        """The sealed bytes."""

    def open(self, sealed: bytes, context: str) -> bytes:
        """The bytes again; raises ``NotOpened`` if they were changed or belong to another context."""


class NotOpened(Stopped):
    """Sealed bytes that were changed, or moved to somebody else: nobody is paid by them."""
