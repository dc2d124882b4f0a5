"""Measure: the ingest queue's events become observations."""

from constructs import Construct

from infra.constructs.function import Function
from infra.constructs.receive import Receive
from infra.constructs.shared import Shared


class Measure(Construct):
    """ingest queue → measure → table."""

    def __init__(self, scope: Construct, shared: Shared, receive: Receive) -> None:
        super().__init__(scope, "Measure")
        self.function = Function(self, shared, "measure", DUALTRACK_INTAKE_BUCKET=shared.intake.bucket_name)
        self.function.read_queue(receive.ingest)
