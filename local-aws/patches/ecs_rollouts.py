"""ECS's services: their rollouts, as the circuit breaker and the service's events tell them."""

from ministack.core.concurrency import resource_lock
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import ecs

# As many as ECS keeps.
EVENTS = 100


def rollouts_begin_in_progress():
    """Every deployment is IN_PROGRESS until its tasks are steady, that of a new service too; then COMPLETED, the only one
    of its service, and said in an event."""
    make, reconcile, complete = ecs._make_deployment, ecs._reconcile_service_tasks, ecs._complete_service_deployment

    def begun(*arguments, **options):
        return {**make(*arguments, **options), "rolloutState": "IN_PROGRESS", "rolloutStateReason": ""}

    def explained(cluster, key):
        service = ecs._services.get(key)
        primary = service and ecs._primary_deployment(service)
        if primary and not primary["rolloutStateReason"]:
            primary["rolloutStateReason"] = f"ECS deployment {primary['id']} in progress."
            # MiniStack's event says what has not happened.
            service["events"] = [each for each in service["events"] if "begun draining" not in each["message"]]
        return reconcile(cluster, key)

    def completed(cluster, key, **options):
        service = ecs._services.get(key)
        primary = service and ecs._primary_deployment(service)
        began = primary and primary["rolloutState"] == "IN_PROGRESS"
        complete(cluster, key, **options)
        if began and primary["rolloutState"] == "COMPLETED":
            primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
            service["deployments"] = [each for each in service["deployments"] if each["rolloutState"] != "FAILED"]
            _tell(service, f"(deployment {primary['id']}) deployment completed.")
            _tell(service, "has reached a steady state.")

    ecs._make_deployment, ecs._reconcile_service_tasks = begun, explained
    ecs._complete_service_deployment = completed


def failing_rollouts_are_stopped():
    """A deployment whose tasks fail, three or half of the desired ones, is FAILED by the circuit breaker, which rolls the
    service back to the deployment that was completed last."""

    def failed(task, digest_resolution_failed=False):
        cluster, key = _service_of(task)
        service = ecs._services.get(key)
        if not service or service["status"] != "ACTIVE" or digest_resolution_failed:
            return
        with resource_lock("ecs-service", key):
            deployment = ecs._primary_deployment(service)
            if ecs._deployment_for_task(service, task) is not deployment:
                return
            deployment["failedTasks"] += 1
            deployment["updatedAt"] = ecs._iso()
            breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
            enough = deployment["failedTasks"] >= ecs._circuit_breaker_threshold(service)
            tripped = enough and deployment["rolloutState"] == "IN_PROGRESS" and breaker.get("enable")
            if tripped:
                _fail(service, deployment, breaker.get("rollback"))
            elif deployment["failedTasks"] == 3:
                _tell(service, "is unable to consistently start tasks successfully.")
        ecs._reconcile_service_tasks(cluster, key)
        if tripped:
            ecs._schedule_service_deployment_completion(cluster, key, get_account_id(), get_region())

    stock_healthy = ecs._record_service_task_healthy

    def healthy(key, task):
        # It may have ended since somebody looked.
        ecs._maybe_mark_stopped(task)
        stock_healthy(key, task)

    ecs._record_service_task_failure, ecs._record_service_task_healthy = failed, healthy


def services_tell_their_tasks():
    """Events tell which tasks a service started and stopped; a task that its service stopped says so, and one that somebody
    else stopped is replaced."""
    run, stop, by_user = ecs._run_task, ecs._stop_task, ecs._ACTION_MAP["StopTask"]

    def started(request):
        before = set(ecs._tasks)
        response = run(request)
        service = ecs._services.get(f"{request['cluster']}/{request.get('group', '').partition(':')[2]}")
        if service:
            _tell_tasks(service, "has started {} tasks", [arn for arn in ecs._tasks if arn not in before])
        return response

    def stopped(request):
        task = ecs._resolve_task(request["task"], request["cluster"])
        service = task and ecs._services.get(_service_of(task)[1])
        deployment = service and ecs._deployment_for_task(service, task)
        reason = f"Scaling activity initiated by (deployment {deployment['id']})" if deployment else request["reason"]
        response = stop({**request, "reason": reason})
        # It may have ended by itself in between.
        if service and task["stoppedReason"] == reason:
            task["stopCode"] = "ServiceSchedulerInitiated"
            _tell_tasks(service, "has stopped {} running tasks", [task["taskArn"]])
        return response

    def stopped_by_user(request):
        response = by_user(request)
        task = response[0] == 200 and ecs._resolve_task(
            request["task"], ecs._resolve_cluster_name(request.get("cluster", "default"))
        )
        if task and task["group"].startswith("service:"):
            ecs._reconcile_service_tasks(*_service_of(task))
        return response

    ecs._run_task, ecs._stop_task, ecs._ACTION_MAP["StopTask"] = started, stopped, stopped_by_user


def _fail(service, deployment, rollback):
    deployment.update(
        rolloutState="FAILED",
        rolloutStateReason="ECS deployment circuit breaker: tasks failed to start.",
        desiredCount=0,
    )
    _tell(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    last = next((each for each in service["deployments"] if each["rolloutState"] == "COMPLETED"), None)
    if not rollback or not last:
        return
    deployment["status"] = "ACTIVE"
    last.update(
        status="PRIMARY",
        desiredCount=service["desiredCount"],
        failedTasks=0,
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment circuit breaker: rolling back to deploymentId {last['id']}.",
        updatedAt=ecs._iso(),
    )
    service["taskDefinition"] = last["taskDefinition"]
    service["deployments"].sort(key=lambda each: each["status"] != "PRIMARY")
    _tell(service, f"rolling back to deployment {last['id']}.")


def _service_of(task):
    """The cluster's name, and the key of the service that a task belongs to."""
    cluster = ecs._cluster_name_from_arn(task["clusterArn"])
    return cluster, f"{cluster}/{task['group'].partition(':')[2]}"


def _tell_tasks(service, text, arns):
    if arns:
        names = " ".join(f"(task {arn.rsplit('/', 1)[1]})" for arn in arns)
        _tell(service, f"{text.format(len(arns))}: {names}.")


def _tell(service, text):
    event = {"id": new_uuid(), "createdAt": ecs._iso(), "message": f"(service {service['serviceName']}) {text}"}
    service["events"] = [event, *service["events"]][:EVENTS]


PATCHES = (rollouts_begin_in_progress, failing_rollouts_are_stopped, services_tell_their_tasks)
