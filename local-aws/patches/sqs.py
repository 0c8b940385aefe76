"""SQS."""

import asyncio
import time
import uuid

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import sqs

_tasks = AccountRegionScopedDict()  # dead-letter queue's ARN -> its tasks, the newest first
# AWS tells the last ten.
REMEMBERED = 10


def dead_letters_are_sent_back():
    """StartMessageMoveTask sends a dead-letter queue's messages back to where they came from, as new ones, one task a queue at
    a time; ListMessageMoveTasks tells how far it is, CancelMessageMoveTask stops it."""
    sqs._HANDLERS.update(StartMessageMoveTask=_start, ListMessageMoveTasks=_list, CancelMessageMoveTask=_cancel)


async def _start(data, _url):
    arn = data["SourceArn"]
    source = _queue(arn)
    if not any(arn in queue["attributes"].get("RedrivePolicy", "") for queue in sqs._queues.values()):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task["Status"] == "RUNNING" for task in _tasks.get(arn, [])):
        raise sqs._Err("UnsupportedOperation", "There is already a task running. Only one active task is allowed.")
    now = time.time()
    task = {
        "TaskHandle": uuid.uuid4().hex,
        "Status": "RUNNING",
        "SourceArn": arn,
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": sum(message["visible_at"] <= now for message in source["messages"]),
        "StartedTimestamp": int(now * 1000),
    }
    for name in ("DestinationArn", "MaxNumberOfMessagesPerSecond"):
        if data.get(name):
            task[name] = data[name]
    _tasks[arn] = [task, *_tasks.get(arn, [])][:REMEMBERED]
    task["work"] = asyncio.get_running_loop().create_task(_move(source, task))
    return {"TaskHandle": task["TaskHandle"]}


async def _move(source, task):
    while task["Status"] == "RUNNING":
        message = next((one for one in source["messages"] if one["visible_at"] <= time.time()), None)
        if message is None:
            task["Status"] = "COMPLETED"
            return
        target = task.get("DestinationArn") or message["sys"].get("DeadLetterQueueSourceArn")
        if not target:
            task.update(Status="FAILED", FailureReason="CouldNotDetermineMessageSource")
            return
        source["messages"].remove(message)
        _queue(target)["messages"].append(_fresh(message))
        sqs.esm_wake.set()
        task["ApproximateNumberOfMessagesMoved"] += 1
        await asyncio.sleep(1 / task["MaxNumberOfMessagesPerSecond"] if "MaxNumberOfMessagesPerSecond" in task else 0)


def _fresh(message):
    now = time.time()
    system = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    return {
        **message,
        "id": str(uuid.uuid4()),
        "sys": {**system, "SentTimestamp": str(int(now * 1000))},
        "sent_at": now,
        "enqueued_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
        "receipt_handle": None,
    }


def _list(data, _url):
    _queue(data["SourceArn"])
    found = _tasks.get(data["SourceArn"], [])[: int(data.get("MaxResults", 1))]
    # Only a task that runs has a handle: nothing can be done with the others.
    return {
        "Results": [
            {
                name: value
                for name, value in task.items()
                if name != "work" and (name != "TaskHandle" or task["Status"] == "RUNNING")
            }
            for task in found
        ]
    }


def _cancel(data, _url):
    for tasks in _tasks.values():
        for task in tasks:
            if task["TaskHandle"] == data["TaskHandle"] and task["Status"] == "RUNNING":
                task["Status"] = "CANCELLED"
                return {"ApproximateNumberOfMessagesMoved": task["ApproximateNumberOfMessagesMoved"]}
    raise sqs._Err("ResourceNotFoundException", "The task does not exist or does not run.")


def _queue(arn):
    queue = sqs._queue_by_arn(arn)
    if queue is None:
        raise sqs._Err("ResourceNotFoundException", "The resource that you specified for the SourceArn does not exist.")
    return queue


PATCHES = (dead_letters_are_sent_back,)
