"""ECS's tasks. What runs in them: task_engine.py."""

from ministack.core.responses import error_response_json
from ministack.services import ec2, ecs

from .task_engine import Engine

# Of a container that ended by SIGTERM: 128 + 15.
TERMINATED = 143
# What MiniStack puts before the words of an engine that cannot start a container.
NOT_STARTED = "ResourceInitializationError: unable to pull image or start container: "


def tasks_run():
    """RunTask starts a task, which stops when its essential container exits, or on request (exit code 143): with its exit code,
    the reason and its output in the log group. Its environment has its secrets and its account's credentials. It is gone with the local AWS."""
    stock_stopped, stock_fail = ecs._mark_task_stopped, ecs._fail_task_start
    engine = Engine()

    def stopped(arn, task, reason, stop_code, exit_code=None):
        reason = "Essential container in task exited" if stop_code == "EssentialContainerExited" else reason
        exit_code = TERMINATED if stop_code == "UserInitiated" else exit_code
        unhealthy = stop_code == "EssentialContainerExited" and engine.containers.unhealthy(task)
        done = stock_stopped(arn, task, unhealthy or reason, stop_code, exit_code)
        if unhealthy:
            task["stopCode"] = "ServiceSchedulerInitiated"
        return done

    def fail(task, client, reason):
        reason = reason.replace(NOT_STARTED, "")
        for container in task["containers"]:
            container["reason"] = reason
        stock_fail(task, client, reason)

    ecs._get_docker = lambda: engine
    ecs._mark_task_stopped, ecs._fail_task_start = stopped, fail


def tasks_are_checked():
    """RunTask refuses an unknown cluster, a task definition that is unknown or inactive, a capacity provider that is not the
    cluster's, a network that is missing or unknown, and overrides for an unknown container."""
    stock = ecs._ACTION_MAP["RunTask"]

    def run(request):
        fault = _fault(request)
        return error_response_json(*fault, 400) if fault else stock(request)

    ecs._ACTION_MAP["RunTask"] = run


def tasks_end_with_the_server():
    """A task that ran when the local AWS was stopped is a stopped one afterwards, and says so."""
    stock = ecs.load_persisted_state

    def load(state):
        stock(state)
        for task in ecs._tasks.all_values():
            if task["desiredStatus"] != "STOPPED":
                task.update(desiredStatus="STOPPED", stopCode="TerminationNotice", stoppedAt=ecs._iso())
                task["stoppedReason"] = "The local AWS was stopped"
                for container in task["containers"]:
                    container["lastStatus"] = "STOPPED"

    ecs.load_persisted_state = load


def _fault(request):
    cluster = ecs._clusters.get(ecs._resolve_cluster_name(request.get("cluster", "default")))
    if not cluster:
        return "ClusterNotFoundException", "Cluster not found."
    definition = ecs._task_defs.get(ecs._resolve_td_key(request.get("taskDefinition", "")))
    if not definition:
        return "ClientException", "TaskDefinition not found."
    if definition["status"] != "ACTIVE":
        return "ClientException", "TaskDefinition is inactive"
    for item in request.get("capacityProviderStrategy") or ():
        if item["capacityProvider"] not in cluster["capacityProviders"]:
            return (
                "InvalidParameterException",
                "The specified capacity provider strategy cannot contain a capacity provider that is not associated with "
                "the cluster. Associate the capacity provider with the cluster and try again.",
            )
    known = [container["name"] for container in definition["containerDefinitions"]]
    for override in request.get("overrides", {}).get("containerOverrides", ()):
        if override.get("name") not in known:
            said = f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
            return "InvalidParameterException", said
    return _network_fault(request) if definition["networkMode"] == "awsvpc" else None


def _network_fault(request):
    network = request.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if not network:
        said = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        return "InvalidParameterException", said
    for ids, known in ((network["subnets"], ec2._subnets), (network.get("securityGroups", ()), ec2._security_groups)):
        for each in ids:
            if each not in known:
                return "InvalidParameterException", f"Error retrieving network information: {each} does not exist"
    return None


PATCHES = (tasks_run, tasks_are_checked, tasks_end_with_the_server)
