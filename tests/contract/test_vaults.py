"""Vaults keep the same promises in memory and with the key service."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from dualtrack.adapters.vault import KmsVault, MemoryVault
from dualtrack.app.vault import NotOpened, Vault


@pytest.fixture(params=["memory", "kms"])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    """Each of them."""
    if request.param == "memory":
        yield MemoryVault()
        return
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        yield KmsVault(client, client.create_key()["KeyMetadata"]["KeyId"], "acme")


def test_what_is_sealed_opens_again(vault: Vault) -> None:
    sealed = vault.seal("6222 安".encode(), "ann")
    assert "安".encode() not in sealed
    assert vault.open(sealed, "ann") == "6222 安".encode()
    assert vault.seal(b"x", "ann") != vault.seal(b"x", "ann"), "the same text is never sealed alike"


def test_another_context_and_changed_bytes_do_not_open(vault: Vault) -> None:
    sealed = vault.seal(b"x", "ann")
    for place in (40, len(sealed) - 1):  # in the wrapped key, and in what it seals
        damaged = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(NotOpened):
            vault.open(damaged, "ann")
    for wrong, context in ((sealed, "bob"), (sealed[:20], "ann"), (bytes(64), "ann"), (b"", "ann")):
        with pytest.raises(NotOpened):
            vault.open(wrong, context)


def test_another_tenant_s_vault_does_not_open_it() -> None:
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        name = client.create_key()["KeyMetadata"]["KeyId"]
        sealed = KmsVault(client, name, "acme").seal(b"x", "ann")
        with pytest.raises(NotOpened):
            KmsVault(client, name, "other").open(sealed, "ann")
    with pytest.raises(NotOpened):
        MemoryVault(bytes(31) + b"1").open(MemoryVault().seal(b"x", "ann"), "ann")


def test_a_key_that_may_not_be_used_is_no_forged_account() -> None:
    class Client:
        def decrypt(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "DisabledException", "Message": ""}}, "Decrypt")

    with pytest.raises(ClientError, match="DisabledException"):
        KmsVault(Client(), "key", "acme").open(MemoryVault().seal(b"x", "ann"), "ann")


def test_an_import_costs_one_call_of_the_key_service(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        name = client.create_key()["KeyMetadata"]["KeyId"]
        calls: list[str] = []
        client.meta.events.register("before-call.kms", lambda model, **_: calls.append(model.name))
        writer, reader = KmsVault(client, name, "acme"), KmsVault(client, name, "acme")
        sealed = [writer.seal(b"x", str(n)) for n in range(100)]
        assert all(reader.open(each, str(n)) == b"x" for n, each in enumerate(sealed))
    assert calls == ["GenerateDataKey", "Decrypt"]
