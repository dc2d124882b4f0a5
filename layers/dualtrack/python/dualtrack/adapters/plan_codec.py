"""Plans from their stored text. Apart from ``plan_file`` so that hot functions import no pydantic.

The stored text is the JSON of ``plan_model.PlanModel``. A field that it does not have has the domain's
default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dualtrack.adapters.formulas import formula
from dualtrack.domain import plan as domain
from dualtrack.domain.formulas import Formula
from dualtrack.domain.measures import KINDS, RATIO, RATIO_ABSENT, Each, Filter, Filters, Measure
from dualtrack.domain.numbers import ONE, TESTS
from dualtrack.domain.owing import Negative
from dualtrack.domain.plan import Condition, Course, Gate, Modifier, Plan, Table
from dualtrack.domain.rates import Rate, Rates
from dualtrack.domain.vocabulary import CURVE_NAMES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Data = Mapping[str, Any]
ACTS = ("add", "multiply", "deduct")
TRAINING = "training"  # the measure under which what people do in courses is observed
ATTEMPTS = {"best": "max", "last": "last", "first": "first"}  # which exam counts, as a kind of measure
PASSED = ("passed", "completed")


def plan(text: str) -> Plan:
    """The plan of a stored text, which ``plan_file`` has validated."""
    return _Reader(json.loads(text)).plan()


def _table(rows: Any) -> Table:
    return tuple((Decimal(edge), Decimal(given)) for edge, given in rows)


def _decimals(rows: Any) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, rows))


def _rates(data: Data) -> Rates:
    """Of each currency in the order of days."""
    found = {name: [Rate(date.fromisoformat(each["from"]), Decimal(each["rate"])) for each in rows]
             for name, rows in data.items()}  # fmt: skip
    return {name: tuple(sorted(rows, key=lambda rate: rate.start)) for name, rows in found.items()}


def _filters(when: Data) -> Filters:
    return {name: _filter(wanted) for name, wanted in when.items()}


def _filter(wanted: Any) -> str | Filter:
    if isinstance(wanted, list):
        return wanted[0] if len(wanted) == 1 else Filter(tuple(wanted))
    return Filter((), *_bound(wanted))


def _bound(data: Data) -> tuple[str, Decimal]:
    """The test and its bound; a condition that needs none says that something has to be 1."""
    return next(((test, Decimal(data[test])) for test in TESTS if test in data), ("at_least", ONE))


def _each(data: Data) -> Each:
    factors = tuple((Decimal(each["by"]), _filters(each["when"])) for each in data.get("factors", ()))
    return _made(Each, data, factors=factors)


def _measure(data: Data) -> Measure:
    names = ("id", "kind", "value", "weight", "numerator", "denominator", "scope", "window", "months")
    given = {name: data[name] for name in names if name in data}
    given["observed"] = data.get("observed", data["id"])
    return Measure(
        **given,
        when=_filters(data.get("when", {})),
        each=_each(data["each"]) if "each" in data else None,
    )


def _course_measures(course: Course) -> list[Measure]:
    kinds = {
        "score": ATTEMPTS.get(course.attempts, ""),
        "hours": "sum",
        "progress": "max",
        "completed": "max",
    }
    return [
        Measure(
            f"course.{course.id}.{what}", TRAINING, kind, what, when={"course": course.id},
            window="rolling", months=course.months,
        )
        for what, kind in kinds.items()
    ]  # fmt: skip


# How a field is read, by its name; all others stand as they are.
READ: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("weight", "cap", "floor", "amount", "share", "threshold", "cap_amount"), Decimal),
    **dict.fromkeys(("pass_score", "hours", "by"), Decimal),
    **dict.fromkeys(("seasonality", "ramp", "limits"), _decimals),
    "table": _table,
}


def _made(cls: type[T], data: Data, **more: Any) -> T:
    """A domain object of the fields that both sides know by the same name, and of ``more``."""
    fields = cls.__dataclass_fields__
    given = {
        name: READ.get(name, _same)(value)
        for name, value in data.items()
        if name in fields and name not in more
    }
    return cls(**given | more)


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class _Reader:
    """One document on its way: conditions look at its courses, formulas at all of its names."""

    data: Data

    def plan(self) -> Plan:
        data = self.data
        effective = data["effective"]
        return _made(
            Plan,
            data,
            start=date.fromisoformat(effective["from"]),
            end=date.fromisoformat(effective["to"]) if "to" in effective else None,
            measures=self._measures,
            tracks=tuple(map(self._track, data["tracks"])),
            payout=self._payout(data.get("payout", {})),
            courses=self._courses,
            awards=tuple(
                _made(domain.Award, each, gates=self._gates(each)) for each in data.get("awards", ())
            ),
            rates=_rates(data.get("rates", {})),
            whom=domain.Whom(**{name: frozenset(each) for name, each in data.get("for", {}).items()}),
        )

    @cached_property
    def _courses(self) -> tuple[Course, ...]:
        return tuple(_made(Course, each) for each in self.data.get("courses", ()))

    @cached_property
    def _measures(self) -> tuple[Measure, ...]:
        trained = [measure for course in self._courses for measure in _course_measures(course)]
        return (*map(_measure, self.data["measures"]), *trained)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Everything that formulas may read."""
        metrics = [metric["id"] for track in self.data["tracks"] for metric in track["metrics"]]
        return frozenset(
            [each.id for each in self._measures]
            + [f"metrics.{name}.{what}" for name in metrics for what in ("value", "attainment", "points")]
            + [f"tracks.{track['id']}.score" for track in self.data["tracks"]]
        )

    @cached_property
    def _absent(self) -> Mapping[str, str]:
        """The no-data rule of every measure; an unknown kind is the checks' business."""
        kinds = {kind: each.absent for kind, each in KINDS.items()} | {RATIO: RATIO_ABSENT}
        return {each.id: kinds.get(each.kind, "hold") for each in self._measures}

    def _track(self, data: Data) -> domain.Track:
        metrics = tuple(map(self._metric, data["metrics"]))
        # One that is not stated cuts nothing off that the metrics themselves may reach.
        own = max([self._default("cap", "120"), *(metric.cap for metric in metrics)])
        more = {} if "cap" in data else {"cap": own}
        return _made(
            domain.Track,
            data,
            metrics=metrics,
            gates=self._gates(data),
            modifiers=self._modifiers(data),
            **more,
        )

    def _default(self, name: str, otherwise: str) -> Decimal:
        return Decimal(self.data.get(name, otherwise))

    def _metric(self, data: Data) -> domain.Metric:
        target = data.get("target", {})
        inherited = {
            "cap": self._default("cap", "120"),
            "floor": self._default("floor", "0"),
            "round_attainment": self.data.get("round_attainment"),
            "measure": "",
            "no_data": "hold" if "formula" in data else self._absent.get(data.get("measure", ""), "hold"),
        }
        return _made(
            domain.Metric,
            data,
            target=Decimal(target["value"]) if "value" in target else None,
            targets=_made(domain.TargetRule, target),
            formula=self._formula(data),
            curve=self._curve(data.get("curve", {})),
            gates=self._gates(data),
            modifiers=self._modifiers(data),
            pays=self._pays(data["pays"]) if "pays" in data else None,
            **{name: value for name, value in inherited.items() if name not in data},
        )

    def _formula(self, data: Data, *more: str) -> Formula | None:
        return formula(data["formula"], self._names | set(more)) if "formula" in data else None

    def _curve(self, data: Data) -> domain.Curve:
        return _made(domain.Curve, data, formula=self._formula(data, *CURVE_NAMES))

    def _pays(self, data: Data) -> domain.Pays:
        factors = [
            domain.Factor(Decimal(f["by"]), self._conditions(f["when"])) for f in data.get("factors", ())
        ]
        return _made(domain.Pays, data, factors=tuple(factors))

    def _payout(self, data: Data) -> domain.PayoutRule:
        draws = {name: _made(domain.Draw, data[name]) for name in ("guarantee", "draw") if name in data}
        curve = self._curve(data["curve"]) if "curve" in data else None
        negative = _made(Negative, data.get("negative", {}))
        return _made(
            domain.PayoutRule, data, curve=curve, gates=self._gates(data), negative=negative, **draws
        )

    def _gates(self, data: Data) -> tuple[Gate, ...]:
        return tuple(map(self._gate, data.get("gates", ())))

    def _gate(self, data: Data) -> Gate:
        conditions = self._conditions(data.get("when") or data["any"])
        return _made(Gate, data, conditions=conditions, any_of="any" in data)

    def _modifiers(self, data: Data) -> tuple[Modifier, ...]:
        return tuple(map(self._modifier, data.get("modifiers", ())))

    def _modifier(self, data: Data) -> Modifier:
        act = next(name for name in ACTS if name in data)
        when = self._conditions(data.get("when", ()))
        return _made(Modifier, data, act=act, amount=Decimal(data[act]), when=when)

    def _conditions(self, rows: Any) -> tuple[Condition, ...]:
        return tuple(map(self._condition, rows))

    def _condition(self, data: Data) -> Condition:
        if "course" in data:
            return self._of_course(data)
        of = next(name for name in ("metric", "measure", "track", "total") if name in data)
        what = data.get("what", "") if of == "metric" else ""
        return Condition(of, data[of], what, *_bound(data))

    def _of_course(self, data: Data) -> Condition:
        """A condition on one of the measures that the course makes."""
        name, what = data["course"], data["what"]
        bound = next((each.pass_score for each in self._courses if each.id == name), None)
        if what == "passed" and bound is not None:
            return Condition("measure", f"course.{name}.score", "", "at_least", bound)
        measured = "completed" if what in PASSED else what
        return Condition("measure", f"course.{name}.{measured}", "", *_bound(data))
