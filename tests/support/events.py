"""Events as sources send them, short enough for a table of cases."""

from __future__ import annotations

from itertools import count
from typing import Any

_numbers = count(1)


def event(kind: str, data: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    """A CloudEvent; the source is the first word of its type."""
    given = {"specversion": "1.0", "id": f"e{next(_numbers)}", "source": kind.split(".")[0], "type": kind}
    return given | {"time": "2017-10-05T12:00:00Z", "data": data} | envelope


def employee(name: str, /, **terms: Any) -> dict[str, Any]:
    """Somebody on the roster since January, in team t1, at 3 000.00 USD a month."""
    usual = {
        "employee_id": name,
        "name": name,
        "team": "t1",
        "manager": "m",
        "base": 300000,
        "currency": "USD",
    }
    return event("hr.employee.changed", usual | {"from": "2017-01-01", "to": None, "version": 1} | terms)


def target(metric: str, value: str, /, period: str = "2017-10", **said: Any) -> dict[str, Any]:
    """A target of team t1."""
    usual = {"subject": {"team": "t1"}, "metric": metric, "period": period, "value": value, "version": 1}
    return event("hr.target.set", usual | said)


def report(name: str, owner: str, day: str, spent: str) -> dict[str, Any]:
    """A day's advertising report: a fact that never moves."""
    usual = {"impressions": 1000, "clicks": 10, "approved": 1, "net": "5", "version": 1}
    return event(
        "ads.report.day", usual | {"ad_id": name, "day": day, "owner": {"id": owner}, "spent": spent}
    )


def ticket(owner: str, period: str = "2017-10", in_time: str = "1") -> dict[str, Any]:
    """A ticket of the period's fifth day: whoever has one has something that management can be scored by."""
    said = {"ticket": f"{owner} {period}", "version": 1, "owner": {"id": owner}, "closed_on": f"{period}-05"}
    return event("desk.ticket.closed", said | {"in_time": in_time})


def deal(name: str, owner: str, /, **said: Any) -> dict[str, Any]:
    """A deal won on 20 October for 900."""
    usual = {
        "opportunity_id": name, "version": 3, "owner": {"id": owner, "name": owner}, "product": "GTXPro",
        "account": "Acme", "stage": "Won", "engaged_on": "2017-10-01", "closed_on": "2017-10-20",
        "value": "900", "won": "1", "days": 19, "prompt": "1", "deleted": False,
    }  # fmt: skip
    return event("crm.opportunity.closed", usual | said)
