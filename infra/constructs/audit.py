"""Audit: every night open periods, the last published one and a share of the older ones are folded anew."""

from constructs import Construct

from infra.constructs.function import Function
from infra.constructs.pay import Schedules
from infra.constructs.shared import Shared

NIGHTLY = "cron(10 3 * * ? *)"  # the tenant's own time: nobody closes a period then


class Audit(Construct):
    """schedule → audit → report in the intake bucket, and a metric that an alarm watches."""

    def __init__(self, scope: Construct, shared: Shared, schedules: Schedules) -> None:
        super().__init__(scope, "Audit")
        self.function = Function(
            self,
            shared,
            "audit",
            DUALTRACK_INTAKE_BUCKET=shared.intake.bucket_name,
            DUALTRACK_PAYOUT_BUCKET=shared.payout.bucket_name,
        )
        schedules.add(shared.setting, "nightly", NIGHTLY, self.function.function.function_arn, "{}")
