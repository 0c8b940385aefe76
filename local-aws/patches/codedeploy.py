"""CodeDeploy for Lambda, which MiniStack lacks: applications, deployment groups, and deployments that shift an alias's
weights, a simulation: a minute takes a second, and a deployment moves on when somebody asks for it."""

import json
import re
import sys
import time
import uuid

import ministack.app
from ministack.core.responses import (
    AccountRegionScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services import cloudwatch, lambda_svc

SECONDS_A_MINUTE = 1.0

_applications = AccountRegionScopedDict()  # name -> application
_groups = AccountRegionScopedDict()  # "application/group" -> deployment group
_deployments = AccountRegionScopedDict()  # id -> deployment
_tags = AccountRegionScopedDict()  # ARN -> [{"Key", "Value"}]

STORES = {"applications": _applications, "groups": _groups, "deployments": _deployments, "tags": _tags}


def the_service_exists():
    """Applications and deployment groups of the Lambda platform are created, described, changed and deleted. A
    deployment shifts an alias's weights as its configuration says, and back when one of the group's alarms is on."""
    ministack.app.SERVICE_HANDLERS["codedeploy"] = handle_request
    ministack.app._state_map["codedeploy"] = "codedeploy"
    ministack.app._loaded_modules["codedeploy"] = sys.modules[__name__]


class Refused(Exception):
    """An error of AWS's: its code and a message."""


async def handle_request(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").split(".")[-1]
    try:
        if action not in ACTIONS:
            raise Refused("UnknownOperationException", f"{action} is not part of the local AWS")
        answer = ACTIONS[action](json.loads(body or b"{}"))
    except Refused as refused:
        return error_response_json(*refused.args, 400, content_type="application/x-amz-json-1.1")
    return json_response(answer or {}, content_type="application/x-amz-json-1.1")


def _arn(rest):
    return f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:{rest}"


def _application(name):
    if name not in _applications:
        raise Refused("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return _applications[name]


def _group(application, name):
    _application(application)
    if f"{application}/{name}" not in _groups:
        raise Refused("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return _groups[f"{application}/{name}"]


def _create_application(request):
    name = request["applicationName"]
    if name in _applications:
        raise Refused("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    _applications[name] = {
        "applicationId": str(uuid.uuid4()),
        "applicationName": name,
        "createTime": time.time(),
        "linkedToGitHub": False,
        "computePlatform": request.get("computePlatform", "Server"),
    }
    _tags[_arn(f"application:{name}")] = request.get("tags") or []
    return {"applicationId": _applications[name]["applicationId"]}


def _delete_application(request):
    name = request["applicationName"]
    _applications.pop(name, None)
    _tags.pop(_arn(f"application:{name}"), None)
    for key in [key for key in _groups if key.startswith(f"{name}/")]:
        _forget_group(key)


def _create_group(request):
    application, name = request["applicationName"], request["deploymentGroupName"]
    key = f"{application}/{name}"
    platform = _application(application)["computePlatform"]
    if key in _groups:
        raise Refused("DeploymentGroupAlreadyExistsException", f"Deployment group already exists: {name}")
    settings = {field: value for field, value in request.items() if field != "tags" and value not in (None, [], {})}
    _groups[key] = {
        "outdatedInstancesStrategy": "UPDATE",
        **settings,
        "deploymentGroupId": str(uuid.uuid4()),
        "computePlatform": platform,
    }
    _tags[_arn(f"deploymentgroup:{key}")] = request.get("tags") or []
    return {"deploymentGroupId": _groups[key]["deploymentGroupId"]}


def _update_group(request):
    group = _group(request["applicationName"], request["currentDeploymentGroupName"])
    names = ("currentDeploymentGroupName", "newDeploymentGroupName")
    group.update({field: value for field, value in request.items() if field not in names and value is not None})
    return {"hooksNotCleanedUp": []}


def _delete_group(request):
    _forget_group(f"{request['applicationName']}/{request['deploymentGroupName']}")
    return {"hooksNotCleanedUp": []}


def _forget_group(key):
    _groups.pop(key, None)
    _tags.pop(_arn(f"deploymentgroup:{key}"), None)


def _create_deployment(request):
    group = _group(request["applicationName"], request["deploymentGroupName"])
    revision = request["revision"]
    content = (revision.get("appSpecContent") or revision.get("string"))["content"]
    (resource,) = json.loads(content)["Resources"]
    (properties,) = (each["Properties"] for each in resource.values())
    key = f"{request['applicationName']}/{request['deploymentGroupName']}"
    if any(_advanced(each)["status"] == "InProgress" for each in _deployments.values() if each["group"] == key):
        raise Refused("DeploymentLimitExceededException", f"A deployment is already in progress for {key}")
    identity = f"d-{uuid.uuid4().hex[:9].upper()}"
    _deployments[identity] = {
        "deploymentId": identity,
        "group": key,
        "config": group["deploymentConfigName"],
        "createTime": time.time(),
        "status": "InProgress",
        "alias": [properties["Name"], properties["Alias"]],
        "from": str(properties["CurrentVersion"]),
        "to": str(properties["TargetVersion"]),
        "alarms": [each["name"] for each in group.get("alarmConfiguration", {}).get("alarms", [])],
    }
    _advanced(_deployments[identity])
    return {"deploymentId": identity}


def _stop_deployment(request):
    deployment = _deployment(request["deploymentId"])
    if deployment["status"] == "InProgress":
        _take_back(deployment, "DEPLOYMENT_STOP_ON_REQUEST", "The deployment was stopped")
    return {"status": "Succeeded", "statusMessage": "Deployment stopped"}


def _deployment(identity):
    if identity not in _deployments:
        raise Refused("DeploymentDoesNotExistException", f"The deployment {identity} could not be found")
    return _advanced(_deployments[identity])


def _advanced(deployment):
    """The deployment as it stands now: its alias's weights are set, or taken back, on the way."""
    if deployment["status"] != "InProgress":
        return deployment
    on = [name for name in deployment["alarms"] if cloudwatch._alarms.get(name, {}).get("StateValue") == "ALARM"]
    share = _share(deployment["config"], (time.time() - deployment["createTime"]) / SECONDS_A_MINUTE)
    if on:
        _take_back(deployment, "ALARM_ACTIVE", f"One or more alarms have been activated: {', '.join(on)}")
    elif share < 1:
        _point(deployment, deployment["from"], {deployment["to"]: share})
    else:
        _point(deployment, deployment["to"], {})
        deployment.update(status="Succeeded", completeTime=time.time())
    return deployment


def _share(config, minutes):
    """The part of the traffic that the new version has: "…LambdaCanary10Percent5Minutes", "…Linear10PercentEvery1Minute"."""
    canary = re.search(r"Canary(\d+)Percent(\d+)Minute", config)
    if canary:
        percent, length = map(int, canary.groups())
        return percent / 100 if minutes < length else 1
    linear = re.search(r"Linear(\d+)PercentEvery(\d+)Minute", config)
    if linear:
        percent, length = map(int, linear.groups())
        return min(1, percent / 100 * (1 + minutes // length))
    return 1


def _point(deployment, version, weights):
    function, alias = deployment["alias"]
    routing = {"AdditionalVersionWeights": weights}
    lambda_svc._update_alias(function, alias, {"FunctionVersion": version, "RoutingConfig": routing})


def _take_back(deployment, code, message):
    _point(deployment, deployment["from"], {})
    error = {"code": code, "message": message}
    deployment.update(status="Stopped", completeTime=time.time(), errorInformation=error)


def _get_deployment(request):
    deployment = _deployment(request["deploymentId"])
    application, group = deployment["group"].split("/")
    told = ("deploymentId", "status", "createTime", "completeTime", "errorInformation")
    info = {field: deployment[field] for field in told if field in deployment}
    return {
        "deploymentInfo": {
            "applicationName": application,
            "deploymentGroupName": group,
            "deploymentConfigName": deployment["config"],
            "computePlatform": "Lambda",
            **info,
        }
    }


def _list_deployments(request):
    key = f"{request.get('applicationName')}/{request.get('deploymentGroupName')}"
    wanted = request.get("includeOnlyStatuses")
    found = [each for each in _deployments.values() if each["group"] == key]
    return {"deployments": [each["deploymentId"] for each in found if not wanted or _advanced(each)["status"] in wanted]}


def _tag(request):
    tags = {each["Key"]: each["Value"] for each in (*_tags.get(request["ResourceArn"], []), *request["Tags"])}
    _tags[request["ResourceArn"]] = [{"Key": key, "Value": value} for key, value in tags.items()]


def _untag(request):
    kept = [each for each in _tags.get(request["ResourceArn"], []) if each["Key"] not in request["TagKeys"]]
    _tags[request["ResourceArn"]] = kept


ACTIONS = {
    "CreateApplication": _create_application,
    "GetApplication": lambda request: {"application": _application(request["applicationName"])},
    "DeleteApplication": _delete_application,
    "CreateDeploymentGroup": _create_group,
    "GetDeploymentGroup": lambda request: {
        "deploymentGroupInfo": _group(request["applicationName"], request["deploymentGroupName"])
    },
    "UpdateDeploymentGroup": _update_group,
    "DeleteDeploymentGroup": _delete_group,
    "CreateDeployment": _create_deployment,
    "GetDeployment": _get_deployment,
    "ListDeployments": _list_deployments,
    "StopDeployment": _stop_deployment,
    "ListTagsForResource": lambda request: {"Tags": _tags.get(request["ResourceArn"], [])},
    "TagResource": _tag,
    "UntagResource": _untag,
}


def tagged():
    """(ARN, tags) of every tagged application and group, as the Resource Groups Tagging API collects them."""
    return ((arn, tags) for arn, tags in _tags.items() if tags)


def get_state():
    return dict(STORES)


def load_persisted_state(state):
    for name, store in STORES.items():
        store.update(state.get(name, {}))


def reset():
    for store in STORES.values():
        store.clear()


PATCHES = (the_service_exists,)
