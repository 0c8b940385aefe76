"""Application Auto Scaling, which MiniStack lacks: what is registered is kept and told; no policy scales."""

import json
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
from ministack.services import ecs

_targets = AccountRegionScopedDict()  # (namespace, resource, dimension) -> target
_policies = AccountRegionScopedDict()  # (namespace, resource, dimension, name) -> policy
_actions = AccountRegionScopedDict()  # (namespace, resource, dimension, name) -> scheduled action
_tags = AccountRegionScopedDict()  # target ARN -> tags

STORES = {"targets": _targets, "policies": _policies, "actions": _actions, "tags": _tags}


def the_service_exists():
    """Scalable targets, scaling policies, scheduled actions and the tags of targets are created, described, changed and
    deleted."""
    ministack.app.SERVICE_HANDLERS["application-autoscaling"] = handle_request
    ministack.app._state_map["application_autoscaling"] = "application_autoscaling"
    ministack.app._loaded_modules["application_autoscaling"] = sys.modules[__name__]


def services_are_within_their_bounds():
    """RegisterScalableTarget raises or lowers an ECS service's desired count into the bounds at once."""
    register = ACTIONS["RegisterScalableTarget"]

    def register_and_set(request):
        answer = register(request)
        if isinstance(answer, dict) and request["ScalableDimension"] == "ecs:service:DesiredCount":
            _set_desired_count(_targets[_target_key(request)])
        return answer

    ACTIONS["RegisterScalableTarget"] = register_and_set


async def handle_request(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").split(".")[-1]
    if action not in ACTIONS:
        return _error("UnknownOperationException", f"{action} is not part of the local AWS")
    answer = ACTIONS[action](json.loads(body or b"{}"))
    return json_response(answer, content_type="application/x-amz-json-1.1") if isinstance(answer, dict) else answer


def _error(code, message):
    return error_response_json(code, message, 400, content_type="application/x-amz-json-1.1")


def _target_key(request):
    return request["ServiceNamespace"], request["ResourceId"], request["ScalableDimension"]


def _no_target(request):
    namespace, resource, dimension = _target_key(request)
    return _error(
        "ObjectNotFoundException",
        f"No scalable target found for service namespace: {namespace}, resource ID: {resource}, "
        f"scalable dimension: {dimension}",
    )


def _arn(rest):
    return f"arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:{rest}"


def _register_target(request):
    key = _target_key(request)
    target = _targets.get(key)
    if not target:
        if "MinCapacity" not in request or "MaxCapacity" not in request:
            return _error("ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target")
        service = f"{key[0]}.application-autoscaling.amazonaws.com"
        role = f"AWSServiceRoleForApplicationAutoScaling_{key[0].upper()}Service"
        target = {
            **dict(zip(("ServiceNamespace", "ResourceId", "ScalableDimension"), key)),
            "CreationTime": time.time(),
            "ScalableTargetARN": _arn(f"scalable-target/{uuid.uuid4().hex[:24]}"),
            "RoleARN": f"arn:aws:iam::{get_account_id()}:role/aws-service-role/{service}/{role}",
            "SuspendedState": dict.fromkeys(
                ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
            ),
        }
    changed = {
        name: request[name]
        for name in ("MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState")
        if request.get(name) is not None
    }
    _targets[key] = {**target, **changed}
    if request.get("Tags"):
        _tags[target["ScalableTargetARN"]] = request["Tags"]
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _set_desired_count(target):
    _, cluster, name = target["ResourceId"].split("/")
    service = ecs._services.get(f"{cluster}/{name}")
    if service and service["status"] == "ACTIVE":
        count = min(max(service["desiredCount"], target["MinCapacity"]), target["MaxCapacity"])
        if count != service["desiredCount"]:
            ecs._update_service({"cluster": cluster, "service": name, "desiredCount": count})


def _deregister_target(request):
    key = _target_key(request)
    if not _targets.get(key):
        return _no_target(request)
    _tags.pop(_targets.pop(key)["ScalableTargetARN"], None)
    for store in (_policies, _actions):
        for child in [child for child in store if child[:3] == key]:
            del store[child]
    return {}


def _put(store, name, arn, kind, defaults):
    def put(request):
        key = _target_key(request)
        if key not in _targets:
            return _no_target(request)
        child = store.get((*key, request[name])) or {
            "CreationTime": time.time(),
            arn: _arn(f"{kind}:{uuid.uuid4()}:resource/{key[0]}/{key[1]}:{name[0].lower() + name[1:]}/{request[name]}"),
            **defaults,
        }
        store[(*key, request[name])] = {**child, **request}
        return {arn: child[arn], "Alarms": []} if store is _policies else {}

    return put


def _delete(store, name):
    def delete(request):
        return (
            {}
            if store.pop((*_target_key(request), request[name]), None)
            else _error("ObjectNotFoundException", f"No {name} {request[name]}")
        )

    return delete


def _describe(store, result, name=None):
    def describe(request):
        resources = request.get("ResourceIds") or ([request["ResourceId"]] if request.get("ResourceId") else [])

        def wanted(key):
            return (
                key[0] == request["ServiceNamespace"]
                and (not resources or key[1] in resources)
                and request.get("ScalableDimension") in (None, key[2])
                and (not name or not request.get(name) or key[3] in request[name])
            )

        return {result: [record for key, record in store.items() if wanted(key)]}

    return describe


def _tag(request):
    _tags[request["ResourceARN"]] = {**_tags.get(request["ResourceARN"], {}), **request["Tags"]}
    return {}


def _untag(request):
    _tags[request["ResourceARN"]] = {
        k: v for k, v in _tags.get(request["ResourceARN"], {}).items() if k not in request["TagKeys"]
    }
    return {}


ACTIONS = {
    "RegisterScalableTarget": _register_target,
    "DeregisterScalableTarget": _deregister_target,
    "DescribeScalableTargets": _describe(_targets, "ScalableTargets"),
    "PutScalingPolicy": _put(
        _policies, "PolicyName", "PolicyARN", "scalingPolicy", {"PolicyType": "StepScaling", "Alarms": []}
    ),
    "DescribeScalingPolicies": _describe(_policies, "ScalingPolicies", "PolicyNames"),
    "DeleteScalingPolicy": _delete(_policies, "PolicyName"),
    "PutScheduledAction": _put(_actions, "ScheduledActionName", "ScheduledActionARN", "scheduledAction", {}),
    "DescribeScheduledActions": _describe(_actions, "ScheduledActions", "ScheduledActionNames"),
    "DeleteScheduledAction": _delete(_actions, "ScheduledActionName"),
    "DescribeScalingActivities": lambda request: {"ScalingActivities": []},
    "ListTagsForResource": lambda request: {"Tags": _tags.get(request["ResourceARN"], {})},
    "TagResource": _tag,
    "UntagResource": _untag,
}


def tagged():
    """(ARN, tags) of every tagged target, as the Resource Groups Tagging API collects them."""
    return ((arn, [{"Key": key, "Value": value} for key, value in tags.items()]) for arn, tags in _tags.items())


def get_state():
    return dict(STORES)


def load_persisted_state(state):
    for name, store in STORES.items():
        store.update(state.get(name, {}))


def reset():
    for store in STORES.values():
        store.clear()


PATCHES = (the_service_exists, services_are_within_their_bounds)
