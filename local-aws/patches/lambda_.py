"""Lambda."""

import json

from ministack.services import lambda_svc


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


PATCHES = (event_age_is_told_when_set,)
