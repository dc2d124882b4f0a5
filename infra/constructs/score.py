"""Score: what changed in the table is folded into scorecards."""

from constructs import Construct

from infra.constructs.function import Function
from infra.constructs.shared import Shared

# observations, requests to score again, and the people rows that change a scorecard
PREFIXES = ("F#", "R#", "P#")


class Score(Construct):
    """table stream → score → table."""

    def __init__(self, scope: Construct, shared: Shared) -> None:
        super().__init__(scope, "Score")
        self.function = Function(self, shared, "score", DUALTRACK_INTAKE_BUCKET=shared.intake.bucket_name)
        self.function.read_table(shared, *PREFIXES)
