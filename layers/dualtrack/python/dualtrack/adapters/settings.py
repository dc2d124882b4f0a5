"""The environment of a function, read once and validated as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PREFIX = "DUALTRACK_"


class Misconfigured(Exception):
    """The environment is incomplete or wrong; says every variable at fault."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a function of a tenant's stack is told. Empty means that this function does not use it."""

    tenant: str
    zone: str
    table: str
    currency: str
    intake_bucket: str = ""
    payout_bucket: str = ""
    ingest_queue: str = ""
    payroll_queue: str = ""
    ingest_dlq: str = ""
    stream_failures: str = ""
    key: str = ""
    close_machine: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *needed: str) -> Settings:
        """Settings from ``DUALTRACK_…`` variables; ``needed`` are optional ones that must be there."""
        found = {f.name: environ.get(PREFIX + f.name.upper(), "") for f in fields(cls)}
        always = [f.name for f in fields(cls) if f.default is MISSING]
        missing = [PREFIX + name.upper() for name in (*always, *needed) if not found[name]]
        if missing:
            raise Misconfigured(f"set {', '.join(missing)}")
        settings = cls(**found)
        settings.tz()
        return settings

    def tz(self) -> ZoneInfo:
        """The tenant's time zone."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise Misconfigured(
                f"{PREFIX}ZONE is {self.zone!r}; name an IANA zone such as Asia/Shanghai"
            ) from None
