"""VPC: security group rules, NAT gateways, flow logs."""

import re

from ministack.services import ec2

from .wire import after, nested, one, xml

# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html, version 2
DEFAULT_FORMAT = " ".join(
    "${%s}" % field
    for field in (
        "version account-id interface-id srcaddr dstaddr srcport dstport "
        "protocol packets bytes start end action log-status"
    ).split()
)


def all_protocol_rules_have_no_ports():
    """A security group rule for all protocols has no ports, whatever the request says: the default egress rule is
    revoked as -1, 0-0."""
    stock = ec2._parse_ip_permissions

    def parse(params, prefix):
        rules = stock(params, prefix)
        for rule in rules:
            if rule.get("IpProtocol") == "-1":
                rule.pop("FromPort", None)
                rule.pop("ToPort", None)
        return rules

    ec2._parse_ip_permissions = parse


def rules_name_prefix_lists():
    """A security group rule can name a prefix list, such as the one of the S3 gateway endpoint."""
    stock_parse, stock_xml = ec2._parse_ip_permissions, ec2._sg_rule_xml

    def parse(params, prefix):
        rules = stock_parse(params, prefix)
        for number, rule in enumerate(rules, 1):
            rule["PrefixListIds"] = nested(params, f"{prefix}.{number}.PrefixListIds") or []
        return rules

    def rule_xml(group, rule, is_egress=False):
        items = stock_xml(group, rule, is_egress)
        lists = rule.get("PrefixListIds")
        if not lists or any(rule.get(kind) for kind in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")):
            return items
        return "".join(
            items.replace("</toPort>", f"</toPort><prefixListId>{entry['PrefixListId']}</prefixListId>")
            for entry in lists
        )

    ec2._parse_ip_permissions, ec2._sg_rule_xml = parse, rule_xml


def nat_gateways_have_addresses():
    """DescribeNatGateways tells a public gateway's elastic IP: its allocation and public address."""

    def addresses(gateway):
        allocation = (ec2._nat_gateways.get(gateway) or {}).get("AllocationId")
        address = ec2._addresses.get(allocation) if allocation else None
        return xml([{"allocationId": allocation, "publicIp": address["PublicIp"]}], "item") if address else ""

    def describe(params, response):
        status, headers, body = response
        gateways = iter(re.findall(r"<natGatewayId>([^<]+)<", body.decode()))
        filled = re.sub(
            "<natGatewayAddressSet/>",
            lambda _: f"<natGatewayAddressSet>{addresses(next(gateways))}</natGatewayAddressSet>",
            body.decode(),
        )
        return status, headers, filled.encode()

    after(ec2._ACTION_MAP, "DescribeNatGateways", describe)


def flow_logs_keep_their_settings():
    """A flow log keeps its tags, role, log format and aggregation interval (default 600 s), and DescribeFlowLogs tells
    them."""

    def create(params, response):
        for flow_log in re.findall(r"fl-[0-9a-fA-F]{17}", response[2].decode()):
            ec2._parse_tag_specs(params, "vpc-flow-log", flow_log)
            ec2._flow_logs[flow_log].update(
                Role=one(params, "DeliverLogsPermissionArn"),
                LogGroupName=one(params, "LogGroupName"),
                LogFormat=one(params, "LogFormat") or DEFAULT_FORMAT,
                MaxAggregationInterval=one(params, "MaxAggregationInterval") or "600",
            )

    def describe(params, response):
        body = response[2].decode()
        for record in ec2._flow_logs.values():
            told = {
                "deliverLogsPermissionArn": record["Role"],
                "deliverLogsStatus": "SUCCESS",
                "logGroupName": record["LogGroupName"],
                "logFormat": record["LogFormat"],
                "maxAggregationInterval": record["MaxAggregationInterval"],
            }
            identity = f"<flowLogId>{record['FlowLogId']}</flowLogId>"
            body = body.replace(identity, identity + xml(told))
        return response[0], response[1], body.encode()

    after(ec2._ACTION_MAP, "CreateFlowLogs", create)
    after(ec2._ACTION_MAP, "DescribeFlowLogs", describe)


PATCHES = (
    all_protocol_rules_have_no_ports,
    rules_name_prefix_lists,
    nat_gateways_have_addresses,
    flow_logs_keep_their_settings,
)
