"""Lambda."""

import json
import pathlib

from ministack.core import lambda_runtime
from ministack.services import cloudwatch_logs, lambda_svc

HOSTS = pathlib.Path(__file__).resolve().parent.parent / "hosts.js"


def event_age_is_told_when_set():
    """The configuration of asynchronous invocation tells MaximumEventAgeInSeconds only when it was set."""
    stock = lambda_svc._put_event_invoke_config

    def put(function, qualifier, data):
        status, headers, body = stock(function, qualifier, data)
        if status == 200 and "MaximumEventAgeInSeconds" not in data:
            # The same record is kept under both names of the unqualified function.
            lambda_svc._functions[function]["event_invoke_configs"][qualifier or ""].pop("MaximumEventAgeInSeconds")
            body = json.dumps(
                {key: value for key, value in json.loads(body).items() if key != "MaximumEventAgeInSeconds"}
            ).encode()
        return status, headers, body

    lambda_svc._put_event_invoke_config = put


def functions_make_no_log_group():
    """A function whose role may not make log groups (ours may not) writes to one that is there, else what it says is lost."""
    stock = lambda_svc._emit_lambda_logs

    def emit(function, *arguments, **options):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        # One that was still running when it was destroyed would make its group anew.
        if group in cloudwatch_logs._log_groups:
            stock(function, *arguments, **options)

    lambda_svc._emit_lambda_logs = emit


def functions_reach_hosts_of_the_public_internet():
    """A function's network has hosts of the public internet: those of LOCAL_HOSTS, which run on this machine (hosts.js)."""
    lambda_runtime._NODEJS_WORKER_SCRIPT = f"require({json.dumps(str(HOSTS))});\n{lambda_runtime._NODEJS_WORKER_SCRIPT}"


PATCHES = (event_age_is_told_when_set, functions_make_no_log_group, functions_reach_hosts_of_the_public_internet)
