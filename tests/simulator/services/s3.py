"""S3 as the objects adapter sees it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulator.services.nerve import Call, Nerve

WRITE_FAULTS = ("slow_down", "lost_answer", "resent")
CREATE_FAULTS = (*WRITE_FAULTS, "conflict", "conflict")
READ_FAULTS = ("slow_down", "lost_answer")
ERRORS = {"conflict": "ConditionalRequestConflict", "slow_down": "SlowDown"}


class S3Model:
    """A boto3 client of one bucket; ``requests`` counts calls by operation."""

    def __init__(self, nerve: Nerve) -> None:
        self._nerve = nerve
        self.objects: dict[str, bytes] = {}
        self.requests: Counter[str] = Counter()

    def put_object(self, **ask: Any) -> dict[str, Any]:
        """Write; with ``If-None-Match: *`` only what is not there."""
        key, data = ask["Key"], bytes(ask["Body"])

        def effect() -> dict[str, Any]:
            if ask.get("IfNoneMatch") == "*" and key in self.objects:
                raise _error("PreconditionFailed", "PutObject")
            self.objects[key] = data
            return {}

        faults = CREATE_FAULTS if "IfNoneMatch" in ask else WRITE_FAULTS
        answer: dict[str, Any] = self._call("put_object", key, faults, effect)
        return answer

    def get_object(self, **ask: Any) -> dict[str, Any]:
        """Read."""
        key = ask["Key"]

        def effect() -> dict[str, Any]:
            if key not in self.objects:
                raise _error("NoSuchKey", "GetObject")
            return {"Body": io.BytesIO(self.objects[key])}

        answer: dict[str, Any] = self._call("get_object", key, READ_FAULTS, effect)
        return answer

    def get_paginator(self, name: str) -> S3Model:
        """Only ``list_objects_v2`` is asked for."""
        return self

    def paginate(self, **ask: Any) -> Iterator[dict[str, Any]]:
        """Pages of two keys, so that every list has several."""
        prefix = ask["Prefix"]

        def effect() -> list[str]:
            return sorted(key for key in self.objects if key.startswith(prefix))

        keys: list[str] = self._call("list_objects_v2", prefix, READ_FAULTS, effect)
        for start in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key} for key in keys[start : start + 2]]}

    def _call(self, operation: str, where: str, faults: tuple[str, ...], effect: Callable[[], Any]) -> Any:
        call = Call("s3", operation, where, faults)
        fault = self._nerve.before(call)
        self.requests[operation] += 1
        if fault in ERRORS:
            raise _error(ERRORS[fault], operation)
        if fault == "resent":
            effect()
        answer = effect()
        self._nerve.after(call)
        if fault == "lost_answer":
            raise ReadTimeoutError(endpoint_url="s3")
        return answer


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
