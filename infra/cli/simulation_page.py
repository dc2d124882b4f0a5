"""A simulation as one HTML page for the meeting: nothing is loaded from anywhere, every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dualtrack.app.simulation import Simulation
from infra.cli.simulation_rows import HEADS, METRIC_HEADS, cost, metric_rows, rows, span, title
from infra.cli.words import language, text

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;
max-width:64rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;width:100%}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8884}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.w{width:60%}
td.w div{background:#3b7dd8;height:1em}
td.w .loss{background:#c2603a}
td.w .same{background:#8a8a8a}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
"""
TEXTS = ("employee", "team", "metric", "currency")  # columns that are no numbers
Rows = Iterable[Sequence[str]]


def page(found: Simulation) -> str:
    """The whole page in the language in use."""
    heading = escape(title(found))
    body = [f"<h1>{heading}</h1>"]
    for currency in found.currencies:
        body += [f"<p>{escape(sentence)}</p>" for sentence in cost(found, currency)]
        body.append(_bars(found, currency))
    body += [
        _headed("sim.metrics", METRIC_HEADS, metric_rows(found)),
        _headed("sim.people", HEADS, rows(found)),
    ]
    return (
        f'<!doctype html>\n<html lang="{language()}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{heading}</title><style>{STYLE}</style></head>\n<body>\n" + "\n".join(body)
        + "\n</body>\n</html>\n"
    )  # fmt: skip


def _headed(key: str, heads: Sequence[str], listed: Rows) -> str:
    return f"<h2>{escape(text(key))}</h2>\n{_table(heads, listed)}"


def _bars(found: Simulation, currency: str) -> str:
    bars = found.bars(currency)
    longest = max((bar.count for bar in bars), default=1)
    lines = []
    for bar in bars:
        kind = "same" if bar.low == bar.high else "loss" if bar.low < 0 else "gain"
        lines.append(
            f'<tr><td class="n">{escape(span(bar, currency))}</td><td class="n">{bar.count}</td>'
            f'<td class="w"><div class="{kind}" style="width:{bar.count * 100 // longest}%"></div></td></tr>'
        )
    return f'<table aria-label="{escape(text("col.difference"))}">{"".join(lines)}</table>'


def _table(heads: Sequence[str], rows: Rows) -> str:
    kinds = ["" if head in TEXTS else ' class="n"' for head in heads]
    top = "".join(f"<th{kind}>{escape(text(f'col.{h}'))}</th>" for h, kind in zip(heads, kinds, strict=True))
    lines = [
        "<tr>" + "".join(f"<td{k}>{escape(c)}</td>" for c, k in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    ]
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
