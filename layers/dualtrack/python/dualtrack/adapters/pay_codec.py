"""The stored text of a pay setup ↔ the domain's: JSON with every default said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from dualtrack.domain.money import exponent
from dualtrack.domain.setup import (
    BankProfile,
    Calendar,
    Clawbacks,
    Column,
    Debtor,
    Group,
    Moment,
    Setup,
)

Data = Mapping[str, Any]
T = TypeVar("T")


def setup(text: str) -> Setup:
    """A setup from its stored text."""
    return of(json.loads(text))


def of(data: Data) -> Setup:
    """The same from its data."""
    return _made(
        Setup,
        data,
        groups=tuple(map(_group, data["groups"])),
        calendars=tuple(map(_calendar, data.get("calendars", ()))),
        carry_up_to=_limits(data.get("carry_up_to")),
        clawbacks=_clawbacks(data.get("clawbacks", {})),
        debtors=tuple(_made(Debtor, each) for each in data.get("debtors", ())),
        banks=tuple(map(bank, data.get("banks", ()))),
        files=tuple(data.get("files", ())),
        journal={kind: (each["debit"], each["credit"]) for kind, each in data.get("journal", {}).items()},
    )


def _made(cls: type[T], data: Data, **more: Any) -> T:
    """An object of the fields that are there; ``more`` are those that need another type."""
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    return cls(**{name: each for name, each in data.items() if name in known} | more)


def _group(data: Data) -> Group:
    close = data.get("close")
    return _made(
        Group,
        data,
        plans=frozenset(data.get("plans", ())),
        teams=frozenset(data.get("teams", ())),
        employees=frozenset(data.get("employees", ())),
        close=_made(Moment, close) if close else None,
        pay=_made(Moment, data["pay"]) if data.get("pay") else Moment(days=10),
    )


def _calendar(data: Data) -> Calendar:
    return Calendar(
        data["id"],
        frozenset(data["weekend"]),
        frozenset(map(date.fromisoformat, data["holidays"])),
        frozenset(map(date.fromisoformat, data["workdays"])),
    )


def _limits(data: Data | None) -> Mapping[str, int] | None:
    """Amounts in the currency's own unit to minor units."""
    if data is None:
        return None
    return {currency: int(Decimal(each).scaleb(exponent(currency))) for currency, each in data.items()}


def _clawbacks(data: Data) -> Clawbacks:
    if not data:
        return Clawbacks()
    shares = tuple((int(months), Decimal(percent)) for months, percent in data["shares"])
    return Clawbacks(shares, data["instalments"])


def bank(data: Data) -> BankProfile:
    """One bank's profile."""
    columns = tuple(_made(Column, each) for each in data["columns"])
    return _made(
        BankProfile,
        data,
        columns=columns,
        currencies=tuple(data["currencies"]),
        trailer=tuple(data["trailer"]),
    )
