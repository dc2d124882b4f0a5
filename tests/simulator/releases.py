"""A deploy in mid-life: processes of the release before run beside those of the new one.

The release before writes its totals in another form and under another fingerprint. So each release takes the
other's totals for stale and folds anew from the observations, whose form never changes. When the last old
process is gone, everything is folded once more: the form of derived rows may change with any release.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

from dualtrack.app import rows, totals
from dualtrack.domain.measures import Measure, Partial, fingerprint

_old: ContextVar[bool] = ContextVar("old", default=False)
_encode, _decode = rows.encode_partials, rows.decode_partials


def run(old: bool, work: Callable[[], Any]) -> Any:
    """Work in a process of a release; each greenlet has a context of its own."""
    _old.set(old)
    return work()


@contextmanager
def two() -> Iterator[None]:
    """As long as the code of both is about."""
    with ExitStack() as stack:
        for module, name, changed in CHANGED:
            stack.enter_context(patch.object(module, name, changed))
        yield


def _fingerprint(measures: Iterable[Measure]) -> str:
    return ("old " if _old.get() else "") + fingerprint(measures)


def _encoded(partials: Sequence[Partial | None]) -> str:
    text = _encode(partials)
    return json.dumps({"v0": text}) if text and _old.get() else text


def _decoded(text: str) -> list[Partial | None]:
    return _decode(json.loads(text)["v0"] if _old.get() else text)


CHANGED = (
    (totals, "fingerprint", _fingerprint),
    (rows, "encode_partials", _encoded), (rows, "decode_partials", _decoded),
)  # fmt: skip
