"""API Gateway (HTTP APIs)."""

import json

from ministack.services import apigateway


def the_endpoint_answers():
    """An HTTP API answers, at its stage $default, where its apiEndpoint says."""
    stock = apigateway._create_api

    def create(data):
        answer = stock(data)
        if answer[0] != 201:
            return answer
        api = apigateway._apis[json.loads(answer[2])["apiId"]]
        api["apiEndpoint"] = f"http://{apigateway._HOST}:{apigateway._PORT}/_aws/execute-api/{api['apiId']}/$default"
        return apigateway._apigw_response(api, 201)

    apigateway._create_api = create


PATCHES = (the_endpoint_answers,)
