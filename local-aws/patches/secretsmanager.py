"""Secrets Manager: versions, and their rotation by a function."""

import json
import threading
import time
import uuid

from ministack.core.responses import error_response_json, json_response
from ministack.services import lambda_svc, secretsmanager

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def a_secret_without_a_value_has_no_version():
    """CreateSecret without a value makes no version: GetSecretValue finds none, and no label is attached."""
    stock = secretsmanager._create_secret

    def create(request):
        response = stock(request)
        if response[0] != 200 or request.get("SecretString") or request.get("SecretBinary"):
            return response
        secretsmanager._secrets[request["Name"]]["Versions"].clear()
        body = json.loads(response[2])
        del body["VersionId"]
        return json_response(body)

    secretsmanager._create_secret = create


def a_version_is_written_once():
    """PutSecretValue refuses another value for a version that has one, and takes its labels from the versions that had
    them."""
    stock = secretsmanager._put_secret_value

    def put(request):
        _, secret = secretsmanager._resolve(request.get("SecretId"))
        token = request.setdefault("ClientRequestToken", str(uuid.uuid4()))
        old = secret["Versions"].get(token) if secret else None
        if old and _has_value(old):
            if all(old[key] == request.get(key) for key in ("SecretString", "SecretBinary")):
                told = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}
                return json_response({**told, "VersionStages": list(old["Stages"])})
            message = "You can't use ClientRequestToken because that value is already in use for a version of secret"
            return error_response_json("ResourceExistsException", f"{message} {secret['ARN']}.", 400)
        response = stock(request)
        if response[0] == 200:
            for stage in secret["Versions"][token]["Stages"]:
                secretsmanager._remove_stage_everywhere(secret, stage, except_version_id=token)
        return response

    secretsmanager._put_secret_value = put


def _has_value(version):
    return version.get("SecretString") is not None or version.get("SecretBinary") is not None


def an_empty_version_has_no_value():
    """GetSecretValue does not find the value of a version that a rotation has only just begun."""
    stock = secretsmanager._get_secret_value

    def get(request):
        response = stock(request)
        if response[0] == 200 and not json.loads(response[2]).keys() & {"SecretString", "SecretBinary"}:
            message = "Secrets Manager can't find the specified secret value for staging label: AWSPENDING"
            return error_response_json("ResourceNotFoundException", message, 400)
        return response

    secretsmanager._get_secret_value = get


def rotation_calls_the_function():
    """RotateSecret has the function make, set, test and finish a new version, each in a call with the version's token;
    with RotateImmediately false it only has it test a copy of the current one. It is refused while another rotation is
    unfinished."""

    def rotate(request):
        _, secret = secretsmanager._resolve(request.get("SecretId"))
        if not secret or secret.get("DeletedDate"):
            message = "Secrets Manager can't find the specified secret."
            return error_response_json("ResourceNotFoundException", message, 400)
        for key in ("RotationLambdaARN", "RotationRules"):
            secret[key] = request.get(key) or secret.get(key)
        function, config, _ = lambda_svc._get_func_record_for_ref(secret["RotationLambdaARN"] or "")
        if not function or not config:
            message = "Secrets Manager cannot invoke the specified Lambda function."
            return error_response_json("AccessDeniedException", message, 400)
        pending, _ = secretsmanager._find_stage_version(secret, "AWSPENDING")
        current, version = secretsmanager._find_stage_version(secret, "AWSCURRENT")
        if pending and pending != current:
            message = "A previous rotation isn't complete. That rotation will be reattempted."
            return error_response_json("InvalidRequestException", message, 400)
        secret["RotationEnabled"] = True
        token, whole = request.get("ClientRequestToken") or str(uuid.uuid4()), request.get("RotateImmediately", True)
        copied = {key: None if whole or not version else version[key] for key in ("SecretString", "SecretBinary")}
        secret["Versions"][token] = {**copied, "CreatedDate": int(time.time()), "Stages": []}
        secretsmanager._remove_stage_everywhere(secret, "AWSPENDING")
        secretsmanager._add_stage(secret, token, "AWSPENDING")
        record = lambda_svc._execution_record_for_config(function, config)
        threading.Thread(target=_run, args=(secret, token, record, whole), daemon=True).start()
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})

    secretsmanager._rotate_secret = rotate


def _run(secret, token, record, whole):
    for step in STEPS if whole else ("testSecret",):
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
        if lambda_svc._execute_function_with_config_scope(record, event).get("error"):
            break
    else:
        secret["LastRotatedDate"] = int(time.time()) if whole else secret.get("LastRotatedDate")
    if not whole:
        secret["Versions"].pop(token, None)


def rotation_can_be_cancelled():
    """CancelRotateSecret turns rotation off, and keeps the versions and labels as they are."""
    stock = secretsmanager.handle_request

    async def handle(method, path, headers, body, query_params):
        if not headers.get("x-amz-target", "").endswith(".CancelRotateSecret"):
            return await stock(method, path, headers, body, query_params)
        _, secret = secretsmanager._resolve(json.loads(body).get("SecretId"))
        if not secret:
            message = "Secrets Manager can't find the specified secret."
            return error_response_json("ResourceNotFoundException", message, 400)
        secret.update(RotationEnabled=False)
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})

    secretsmanager.handle_request = handle


PATCHES = (
    a_secret_without_a_value_has_no_version,
    a_version_is_written_once,
    an_empty_version_has_no_value,
    rotation_calls_the_function,
    rotation_can_be_cancelled,
)
