"""What has to be reached sometimes: a fault or a repair that no life ever met is not tested by any."""

from __future__ import annotations

from collections import Counter

SOMETIMES = (
    "crash", "switch", "clock jumped",
    "dynamodb:throttled", "dynamodb:unavailable", "dynamodb:lost_answer", "dynamodb:resent",
    "dynamodb:conflict", "dynamodb:unprocessed",
    "s3:conflict", "s3:slow_down", "s3:lost_answer", "s3:resent",
    "sqs:partial", "sqs:unavailable", "sqs:lost_answer", "sqs:resent", "sqs:approximate", "sqs:duplicate",
    "told to send again", "message delivered again",
    "message to the dead letters", "dead letter brought back",
    "stream batch halved", "stream record lost", "scorecard folded again after a lost race", "sweeper sent",
    "finished task run again", "chunk was settled already", "close not ready",
    "refused run_under_way", "refused stale", "refused already_published",
    "run rejected", "run of a second attempt", "found in CLOSING", "found in APPROVED",
    "quarantine replayed", "quarantine ended", "conflict resolved", "somebody held",
    "line regular", "line adjustment", "line carried_in", "line carried_out", "plan changed",
)  # fmt: skip


def missing(reached: Counter[str]) -> list[str]:
    """What no life has met."""
    return [name for name in SOMETIMES if not reached[name]]
