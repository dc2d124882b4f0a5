"""What has to be reached sometimes: a fault or a repair that no life ever met is not tested by any."""

from __future__ import annotations

from collections import Counter

SOMETIMES = (
    "crash", "switch", "clock jumped", "process of the release before",
    "dynamodb:throttled", "dynamodb:throttled again", "Throttled raised", "dynamodb:unavailable",
    "dynamodb:lost_answer", "dynamodb:resent", "dynamodb:conflict", "dynamodb:transaction conflict",
    "dynamodb:unprocessed", "dynamodb:torn",
    "s3:conflict", "s3:slow_down", "s3:lost_answer", "s3:resent",
    "sqs:partial", "sqs:unavailable", "sqs:lost_answer", "sqs:resent", "sqs:approximate", "sqs:duplicate",
    "sqs:sent again inside the window", "sqs:sent again after the window",
    "told to send again", "message delivered again",
    "message to the dead letters", "dead letter brought back",
    "stream batch halved", "stream record expired", "stream record given up", "stream record forgotten",
    "scorecard folded again after a lost race", "day left the scorecard's row", "everything folded anew",
    "sweeper sent", "finished task run again", "chunk was settled already", "close not ready",
    "refused run_under_way", "refused stale", "refused already_published",
    "run rejected", "run of a second attempt", "found in CLOSING", "found in APPROVED",
    "quarantine replayed", "quarantine ended", "conflict resolved", "two contents at one time",
    "fact moved to another team", "share of 0", "somebody held",
    "line regular", "line adjustment", "line carried_in", "line carried_out", "plan changed",
)  # fmt: skip


def missing(reached: Counter[str]) -> list[str]:
    """What no life has met."""
    return [name for name in SOMETIMES if not reached[name]]
