"""The objects port on S3: create-only writes by ``If-None-Match``."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from dualtrack.app.ports import Missing

EXISTS = ("PreconditionFailed", "412")
ABSENT = ("NoSuchKey", "404")


class S3Objects:
    """One bucket; encryption is the bucket's default, so no call can forget it."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def create(self, key: str, data: bytes) -> bool:
        """Write once: False if the key exists. A 409 (two writers at once) is raised and tried again."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                raise
            return False
        return True

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=data)

    def read(self, key: str) -> bytes:
        """The bytes; raises ``Missing``."""
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise Missing(key) from None
        return body

    def list(self, prefix: str) -> list[str]:
        """Keys with the prefix, in order."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]
