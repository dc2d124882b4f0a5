"""Draws the route of events as Mermaid from a synthesized template: `python -m infra.diagram`.

Every arrow is read from the template: event sources, routes, rules, schedules, definitions, and what the
functions' roles may write. So the picture in the README cannot show what is not deployed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from infra.app import build

SHAPES = {
    "AWS::ApiGatewayV2::Api": '{name}{{{{"API POST /v1/events"}}}}',
    "AWS::Events::EventBus": '{name}{{{{"event bus"}}}}',
    "AWS::SQS::Queue": '{name}[["{label}"]]',
    "AWS::DynamoDB::Table": '{name}[("table")]',
    "AWS::S3::Bucket": '{name}[("{label} bucket")]',
    "AWS::Lambda::Function": '{name}("{label}")',
    "AWS::StepFunctions::StateMachine": '{name}{{"{label}"}}',
    "AWS::Scheduler::Schedule": '{name}>"{label}"]',
    "AWS::IAM::Role": '{name}(["{label}"])',
}
WRITES = {"sqs:SendMessage", "dynamodb:PutItem", "dynamodb:UpdateItem", "s3:PutObject"}
NAMES = ("QueueName", "FunctionName", "StateMachineName", "BucketName", "RoleName", "Name", "TableName")


@dataclass(frozen=True)
class Arrow:
    """One step of the route; a dotted one is taken when something fails."""

    start: str
    end: str
    text: str = ""
    dotted: bool = False

    def __str__(self) -> str:
        line = "-.->" if self.dotted else "-->"
        return f"{self.start} {line}|{json.dumps(self.text)}| {self.end}" if self.text else self._plain(line)

    def _plain(self, line: str) -> str:
        return f"{self.start} {line} {self.end}"


class Picture:
    """The template's resources as nodes and arrows."""

    def __init__(self, resources: Mapping[str, Any]) -> None:
        self.resources = resources

    def of(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The resources of a type with their properties."""
        found = ((name, item["Properties"]) for name, item in self.resources.items() if item["Type"] == kind)
        return iter(sorted(found, key=lambda pair: pair[0]))

    def label(self, name: str) -> str:
        """What people call the resource: its name without tenant and account."""
        properties = self.resources[name]["Properties"]
        named = next((flat(properties[key]) for key in NAMES if key in properties), name)
        return re.sub(r"^dualtrack-[a-z0-9]+-?|-\d{12}.*$", "", named) or name

    def node(self, name: str) -> str:
        """A short name for the drawing."""
        kind = self.resources[name]["Type"].rsplit("::", 1)[1].lower()
        own = re.sub(r"\W", "_", self.label(name).removesuffix(".fifo"))
        return kind if own == name else f"{kind}_{own}"

    def arrows(self) -> Iterator[Arrow]:
        """All steps, in the order of the route."""
        yield from self._doors()
        yield from self._sources()
        yield from self._machines()
        yield from self._writes()
        yield from self._redrives()

    def _arrow(self, start: object, end: object, text: str = "", dotted: bool = False) -> Arrow:
        return Arrow(self.node(first(start)), self.node(first(end)), text, dotted)

    def _doors(self) -> Iterator[Arrow]:
        for _, route in self.of("AWS::ApiGatewayV2::Route"):
            integration = self.resources[references(route["Target"])[-1]]["Properties"]
            yield self._arrow(route["ApiId"], integration["IntegrationUri"])
        for _, rule in self.of("AWS::Events::Rule"):
            yield self._arrow(rule["EventBusName"], rule["Targets"][0]["Arn"])
        for name, schedule in self.of("AWS::Scheduler::Schedule"):
            yield self._arrow({"Ref": name}, schedule["Target"]["Arn"], schedule["ScheduleExpression"])

    def _sources(self) -> Iterator[Arrow]:
        for _, source in self.of("AWS::Lambda::EventSourceMapping"):
            kinds = re.findall(
                r'"prefix":"(\w+)#', json.dumps(source.get("FilterCriteria", "")).replace("\\", "")
            )
            yield self._arrow(source["EventSourceArn"], source["FunctionName"], " ".join(kinds))

    def _machines(self) -> Iterator[Arrow]:
        for name, machine in self.of("AWS::StepFunctions::StateMachine"):
            functions = dict.fromkeys(references(machine["DefinitionString"]))
            for number, function in enumerate(functions, start=1):
                yield self._arrow({"Ref": name}, {"Ref": function}, str(number))

    def _writes(self) -> Iterator[Arrow]:
        for name, function in self.of("AWS::Lambda::Function"):
            targets = dict.fromkeys(self._written(self.resources[first(function["Role"])]["Properties"]))
            for target in targets:
                yield self._arrow({"Ref": name}, {"Ref": target}, dotted="failures" in self.label(target))

    def _written(self, role: dict[str, Any]) -> Iterator[str]:
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            if WRITES & set(listed(statement["Action"])):
                yield from (first(place) for place in listed(statement["Resource"]))

    def _redrives(self) -> Iterator[Arrow]:
        for name, queue in self.of("AWS::SQS::Queue"):
            if policy := queue.get("RedrivePolicy"):
                yield self._arrow({"Ref": name}, policy["deadLetterTargetArn"], dotted=True)

    def text(self) -> str:
        """The drawing."""
        arrows = [str(arrow) for arrow in self.arrows()]
        drawn = {word for arrow in arrows for word in arrow.split()}
        nodes = [line for name in self.resources if (line := self._shape(name)) and self.node(name) in drawn]
        return "\n    ".join(["flowchart LR", *sorted(nodes), *arrows])

    def _shape(self, name: str) -> str:
        shape = SHAPES.get(self.resources[name]["Type"])
        return shape.format(name=self.node(name), label=self.label(name)) if shape else ""


def flat(value: object) -> str:
    """A name without the parts that are known only when deployed."""
    match value:
        case {"Fn::Join": [str(glue), [*parts]]}:
            return glue.join(flat(part) for part in parts)
        case str():
            return value
    return ""


def listed(value: Any) -> list[Any]:
    """IAM writes one thing bare and many as a list."""
    return value if isinstance(value, list) else [value]


def references(value: object) -> list[str]:
    """All resources an expression mentions, in order."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return [] if name.startswith("AWS::") else [name]
        case dict():
            return [name for part in value.values() for name in references(part)]
        case list():
            return [name for part in value for name in references(part)]
    return []


def first(value: object) -> str:
    """The resource an expression is about."""
    return references(value)[0]


def draw(stack: Stack) -> str:
    """The route of one tenant's stack."""
    return Picture(Template.from_stack(stack).to_json()["Resources"]).text()


def route() -> str:
    """The route as deployed on AWS; assets are not built for it."""
    app = App(context={"target": "embedded", "tenants": "demo", "aws:cdk:bundling-stacks": []})
    return draw(build(app)[0])


if __name__ == "__main__":
    print(route())
