"""Starting state machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3


class Machines:
    """One state machine, whose executions are named by what they are for: a name is used once."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def start(self, name: str, given: Mapping[str, Any]) -> bool:
        """Start an execution; False if one of that name was started already."""
        client = boto3.client("stepfunctions")
        try:
            client.start_execution(stateMachineArn=self._arn, name=name, input=json.dumps(given))
        except client.exceptions.ExecutionAlreadyExists:
            return False
        return True
