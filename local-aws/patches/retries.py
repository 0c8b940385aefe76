"""The SDKs' retries."""

from collections import OrderedDict

import ministack.app

# Answers that are kept, far more than there are calls under way at a time.
REMEMBERED = 500


def a_lost_answer_is_given_again():
    """A retry of a call that succeeded gets the answer that was lost on its way (by the SDK's invocation id): the work is
    not done twice, and Terraform does not meet its own lock."""
    stock, answers = ministack.app.app, OrderedDict()

    async def app(scope, receive, send):
        call = _invocation(scope)
        if call is None:
            return await stock(scope, receive, send)
        if call in answers:
            for message in answers[call]:
                await send(message)
            return None
        sent = []

        async def remember(message):
            sent.append(message)
            await send(message)

        try:
            return await stock(scope, receive, remember)
        finally:
            if sent and sent[0].get("status", 500) < 300 and not sent[-1].get("more_body"):
                answers[call] = sent
                if len(answers) > REMEMBERED:
                    answers.popitem(last=False)

    ministack.app.app = app


def _invocation(scope):
    """What a call and its retries share; None for what only reads."""
    if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
        return None
    return dict(scope["headers"]).get(b"amz-sdk-invocation-id")


PATCHES = [a_lost_answer_is_given_again]
