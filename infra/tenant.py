"""The validated model of `infra/tenants/*.yaml`: all that one tenant's stack may choose."""

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

TENANTS = Path(__file__).parent / "tenants"

# No hyphen: the name of one tenant, followed by one, can then never begin a resource name of another.
TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,15}$")]
Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
LogDays = Literal[1, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1096, 1827, 2557, 3653]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lock(_Strict):
    """Object Lock of the payout bucket: new versions cannot be removed for that long."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int = Field(ge=1, le=36_500)


class Person(_Strict):
    """Who may assume one of the roles for people. No account means the account of the stack."""

    account: Account | None = None
    external_id: str | None = Field(default=None, min_length=8)
    tag: dict[str, str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _narrowed(self) -> Self:
        if self.external_id is None and self.tag is None:
            raise ValueError(
                "a person needs an external_id or a principal tag, or the whole account could come in"
            )
        return self

    @property
    def condition(self) -> dict[str, str]:
        """What an assuming principal has to show."""
        shown = {} if self.external_id is None else {"sts:ExternalId": self.external_id}
        return shown | {f"aws:PrincipalTag/{key}": value for key, value in (self.tag or {}).items()}


class Tenant(_Strict):
    """One tenant: one stack, one key, one table, its own buckets, queues and roles."""

    tenant: TenantName
    zone: str
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    lock: Lock
    log_days: LogDays
    alarm_email: str | None = None
    senders: tuple[Person, ...] = Field(min_length=1)
    finance: tuple[Person, ...] = Field(min_length=1)
    payroll: tuple[Person, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"unknown time zone {zone!r}")
        return ZoneInfo(zone).key

    @property
    def prefix(self) -> str:
        """What every name in the tenant's stack begins with."""
        return f"dualtrack-{self.tenant}"


def load_tenant(name: str, folder: Path = TENANTS) -> Tenant:
    """Read one tenant's file; its name and the tenant it describes have to agree."""
    tenant = Tenant.model_validate(yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")))
    if tenant.tenant != name:
        raise ValueError(f"{name}.yaml describes tenant {tenant.tenant!r}")
    return tenant


def tenant_names(folder: Path = TENANTS) -> list[str]:
    """All tenants that have a file."""
    return sorted(path.stem for path in folder.glob("*.yaml"))
