"""Service Quotas, which MiniStack lacks, and EC2's refusals: how much a region has of what AWS has little of.

LOCAL_QUOTAS   "vpcs=5,addresses=5,fargate=6,fargatespot=6"; unless it says otherwise, as many VPCs and addresses as AWS gives
               everybody, and vCPUs as an account has that asked for more: the local AWS has none to run out of
"""

import json
import os
import re
import sys

import ministack.app
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import ec2

from .wire import xml

JSON = "application/x-amz-json-1.1"
# Name in LOCAL_QUOTAS -> service, quota code and name, what AWS gives everybody, what the local AWS gives.
QUOTAS = {
    "vpcs": ("vpc", "L-F678F1CE", "VPCs per Region", 5, 5),
    "addresses": ("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5, 5),
    "fargate": ("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6, 4000),
    "fargatespot": ("fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6, 4000),
}
SERVICES = {
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
    "ec2": "Amazon Elastic Compute Cloud",
    "fargate": "AWS Fargate",
}


def quotas_are_told():
    """GetServiceQuota and ListServiceQuotas tell the quotas of VPCs, elastic IP addresses and the vCPUs of Fargate and Fargate
    Spot (4000 each, as of an account that asked for more: the local AWS has none to run out of), and the AWS default ones."""
    _values()
    ministack.app.SERVICE_HANDLERS["servicequotas"] = handle_request


def quotas_are_kept():
    """CreateVpc and AllocateAddress are refused beyond the quota, which DescribeAccountAttributes tells."""
    for action, name, store, code in (
        ("CreateVpc", "vpcs", ec2._vpcs, "VpcLimitExceeded"),
        ("AllocateAddress", "addresses", ec2._addresses, "AddressLimitExceeded"),
    ):
        ec2._ACTION_MAP[action] = _within(name, store, code, ec2._ACTION_MAP[action])
    ec2._ACTION_MAP["DescribeAccountAttributes"] = _attributes


async def handle_request(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").split(".")[-1]
    request = json.loads(body or b"{}")
    asked = (request.get("ServiceCode"), request.get("QuotaCode"))
    standard = {name: quota[3] for name, quota in QUOTAS.items()}
    values = standard if "AWSDefault" in action else _values()
    of_service = [_quota(name, values[name]) for name in QUOTAS if QUOTAS[name][0] == asked[0]]
    if action in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
        return json_response({"Quotas": of_service}, content_type=JSON)
    if action in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
        for quota in of_service:
            if quota["QuotaCode"] == asked[1]:
                return json_response({"Quota": quota}, content_type=JSON)
        said = "The request failed because the specified quota does not exist."
        return error_response_json("NoSuchResourceException", said, 400, content_type=JSON)
    return error_response_json("UnknownOperationException", f"{action} is not part of the local AWS", 400, content_type=JSON)


def _values():
    said = os.environ.get("LOCAL_QUOTAS", "")
    if not re.fullmatch(rf"(({'|'.join(QUOTAS)})=\d+(,(?!$)|$))*", said):
        sys.exit(f"local-aws: LOCAL_QUOTAS must be like vpcs=5,addresses=5, got {said}.")
    given = dict(part.split("=") for part in said.split(",") if part)
    return {name: int(given.get(name, quota[4])) for name, quota in QUOTAS.items()}


def _quota(name, value):
    service, code, told, *_ = QUOTAS[name]
    return {
        "ServiceCode": service,
        "ServiceName": SERVICES[service],
        "QuotaArn": f"arn:aws:servicequotas:{get_region()}:{get_account_id()}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": told,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _within(name, store, code, stock):
    def action(params):
        if len(store) >= _values()[name]:
            return ec2._error(code, f"The maximum number of {name} has been reached.", 400)
        return stock(params)

    return action


def _attributes(params):
    addresses = _values()["addresses"]
    wanted = [value for key, value in params.items() if key.startswith("AttributeName.")]
    wanted = [each[0] if isinstance(each, list) else each for each in wanted]
    values = {"supported-platforms": "VPC", "max-elastic-ips": addresses, "vpc-max-elastic-ips": addresses}
    told = [
        {"attributeName": name, "attributeValueSet": [{"attributeValue": value}]}
        for name, value in values.items()
        if not wanted or name in wanted
    ]
    return ec2._xml(200, "DescribeAccountAttributesResponse", xml({"accountAttributeSet": told}, "item"))


PATCHES = (quotas_are_told, quotas_are_kept)
