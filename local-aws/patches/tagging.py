"""Resource Groups Tagging API."""

from itertools import chain

from ministack.core.responses import get_account_id, get_region
from ministack.services import alb, cloudwatch, cloudwatch_logs, ec2, ecs, lambda_svc, rds, tagging

from . import application_autoscaling, cloudtrail, codedeploy


def get_resources_lists_every_service():
    """GetResources lists the tagged resources of every service (but IAM users and roles), among them VPC, RDS, load
    balancing, logs, alarms, secrets, parameters and scalable targets."""
    functions = tagging._collect_lambda
    tagging._COLLECTORS.update(
        {
            "application-autoscaling": application_autoscaling.tagged,
            "cloudtrail": cloudtrail.tagged,
            "codedeploy": codedeploy.tagged,
            "cloudwatch": lambda: _in_region({arn: _pairs(tags) for arn, tags in cloudwatch._resource_tags.items()}),
            "ec2": _ec2,
            "elasticloadbalancing": lambda: _in_region(alb._tags),
            "lambda": lambda: chain(
                functions(),
                ((lambda_svc._esm_arn(key), _pairs(esm.get("Tags", {}))) for key, esm in lambda_svc._esms.items()),
            ),
            "logs": lambda: (
                (group["arn"].removesuffix(":*"), _pairs(group["tags"]))
                for group in cloudwatch_logs._log_groups.values()
            ),
            "rds": _rds,
            "secretsmanager": tagging._collect_secretsmanager,
            "ssm": tagging._collect_ssm,
        }
    )


def get_resources_lists_the_region_only():
    """GetResources lists the resources of the region that it is asked in."""
    for service in ("elasticache", "ecs", "scheduler"):
        stock = tagging._COLLECTORS[service]
        tagging._COLLECTORS[service] = lambda stock=stock: _in_region(dict(stock()))


def get_resources_forgets_what_is_gone():
    """GetResources lists no task definition that was deregistered, nor a service that was deleted."""
    stock = tagging._COLLECTORS["ecs"]

    def present():
        gone = {task["taskDefinitionArn"] for task in ecs._task_defs.values() if task["status"] != "ACTIVE"}
        gone |= {service["serviceArn"] for service in ecs._services.values() if service["status"] != "ACTIVE"}
        return ((arn, tags) for arn, tags in stock() if arn not in gone)

    tagging._COLLECTORS["ecs"] = present


def _pairs(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _in_region(tags):
    return ((arn, pairs) for arn, pairs in tags.items() if pairs and arn.split(":")[3] == get_region())


EC2_KINDS = {
    "elastic-ip": "_addresses",
    "instance": "_instances",
    "internet-gateway": "_internet_gateways",
    "natgateway": "_nat_gateways",
    "network-interface": "_network_interfaces",
    "route-table": "_route_tables",
    "security-group": "_security_groups",
    "subnet": "_subnets",
    "volume": "_volumes",
    "vpc": "_vpcs",
    "vpc-endpoint": "_vpc_endpoints",
    "vpc-flow-log": "_flow_logs",
}


# A NAT gateway's state, and an instance's.
GONE = ("deleted", {"Code": 48, "Name": "terminated"})


def _ec2():
    """From the resources, not from the tags, which MiniStack does not always delete with them."""
    for kind, store in EC2_KINDS.items():
        for identity, record in getattr(ec2, store).items():
            if record.get("State") not in GONE and ec2._tags.get(identity):
                yield f"arn:aws:ec2:{get_region()}:{get_account_id()}:{kind}/{identity}", ec2._tags[identity]
    for group in ec2._security_groups.values():
        for is_egress, rules in ((False, group["IpPermissions"]), (True, group["IpPermissionsEgress"])):
            for rule in rules:
                identity = ec2._sg_rule_id(group["GroupId"], is_egress, rule)
                if ec2._tags.get(identity):
                    yield ec2._sg_rule_arn(identity), ec2._tags[identity]


def _rds():
    """A snapshot has the instance's tags, which MiniStack keeps with the snapshot only."""
    snapshots = {snapshot["DBSnapshotArn"]: snapshot["TagList"] for snapshot in rds._snapshots.values()}
    return _in_region({**dict(rds._tags.items()), **snapshots})


PATCHES = (get_resources_lists_every_service, get_resources_lists_the_region_only, get_resources_forgets_what_is_gone)
