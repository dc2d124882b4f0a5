"""Vaults: envelope encryption with the tenant's key, and the same in memory.

A data key seals everything that one process seals, and goes along wrapped by the tenant's key: so an import
of 100 000 accounts costs one call of the key service, and a publication as many as there were imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dualtrack.app.vault import NotOpened

NONCE, TAG = 12, 16  # bytes, as AES-GCM wants and makes them
FOREIGN = ("InvalidCiphertextException", "IncorrectKeyException")  # changed, or another tenant's


class _Envelope:
    """AES-256-GCM under a data key, the context bound as associated data: length, key, nonce, text."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._opened: dict[bytes, bytes] = {}

    @cached_property
    def _own(self) -> tuple[bytes, bytes]:
        """A data key of this process: plain and wrapped."""
        return self._fresh()

    def _fresh(self) -> tuple[bytes, bytes]:
        raise NotImplementedError

    def _unwrap(self, wrapped: bytes) -> bytes:
        raise NotImplementedError

    def seal(self, data: bytes, context: str) -> bytes:
        """The sealed bytes."""
        plain, wrapped = self._own
        nonce = self._random(NONCE)
        text = AESGCM(plain).encrypt(nonce, data, context.encode())
        return len(wrapped).to_bytes(2, "big") + wrapped + nonce + text

    def open(self, sealed: bytes, context: str) -> bytes:
        """The bytes again."""
        size = 2 + int.from_bytes(sealed[:2], "big")
        wrapped, nonce, text = sealed[2:size], sealed[size : size + NONCE], sealed[size + NONCE :]
        if not wrapped or len(text) < TAG:
            raise NotOpened(context)
        if wrapped not in self._opened:
            self._opened[wrapped] = self._unwrap(wrapped)
        try:
            return AESGCM(self._opened[wrapped]).decrypt(nonce, text, context.encode())
        except InvalidTag:
            raise NotOpened(context) from None


class KmsVault(_Envelope):
    """Data keys of the tenant's key; ``client`` is boto3's ``kms``."""

    def __init__(self, client: Any, key: str, tenant: str) -> None:
        super().__init__(os.urandom)
        self._client, self._key, self._context = client, key, {"dualtrack:tenant": tenant}

    def _fresh(self) -> tuple[bytes, bytes]:
        made = self._client.generate_data_key(
            KeyId=self._key, KeySpec="AES_256", EncryptionContext=self._context
        )
        return made["Plaintext"], made["CiphertextBlob"]

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            found = self._client.decrypt(
                CiphertextBlob=wrapped, KeyId=self._key, EncryptionContext=self._context
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in FOREIGN:
                raise
            raise NotOpened("the key service does not know this data key") from None
        plain: bytes = found["Plaintext"]
        return plain


class MemoryVault(_Envelope):
    """The same under a key that is only here."""

    def __init__(self, key: bytes = bytes(32)) -> None:
        super().__init__(os.urandom)
        self._master = AESGCM(key)

    def _fresh(self) -> tuple[bytes, bytes]:
        plain = AESGCM.generate_key(256)
        nonce = self._random(NONCE)
        return plain, nonce + self._master.encrypt(nonce, plain, b"")

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], b"")
        except (InvalidTag, ValueError):  # changed, or too short for a nonce
            raise NotOpened("another vault's key") from None
