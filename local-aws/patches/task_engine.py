"""What runs in ECS's tasks. MiniStack starts containers with the Docker SDK; this engine has what it asks of that SDK, and no
containers: a process for a task of its own, where LOCAL_TASKS has a command for its image, else a simulation."""

import ipaddress
import os
import queue
import random
import signal
import subprocess
import threading
import time
import types
import uuid

import ministack.app
from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, ecs

from . import child, local_tasks

ENDPOINT = f"http://{ministack.app._MINISTACK_HOST}:{ministack.app._MINISTACK_PORT}"
# Of the local AWS's own environment: what programs are found and trusted with.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "NODE_EXTRA_CA_CERTS")
# A container that fails does so after it was seen to run, and ECS throttles what fails again and again.
FAILS_AFTER_SECONDS = 0.5
THROTTLED_SECONDS = 5
# A container has ended when its log has been read, if somebody reads it.
LOG_SECONDS = 1


class Engine:
    """docker.from_env()"""

    def __init__(self):
        self.containers, self.images = _Containers(), _Images()


class _Containers:
    """docker.from_env().containers"""

    def __init__(self):
        self._all = {}

    def run(self, image, *, environment, command, labels, **_):
        task = ecs._tasks[labels["com.amazonaws.ecs.task-arn"]]
        said = local_tasks.said_of(image)
        if task["group"].startswith("service:"):
            container = _of_service(task, said)
        elif "command" in said:
            container = _Process([*said["command"], *(command or [])], _environment(environment))
        else:
            container = _Simulation(0, 0, f"simulated: {image} {' '.join(command or [])}".strip())
        container.attrs = {"NetworkSettings": {"Networks": {"awsvpc": {"IPAddress": _address(task)}}}}
        container.remove = lambda **_: self._all.pop(container.id, None)
        self._all[container.id] = container
        return container

    def get(self, id):
        return self._all[id]

    def list(self, **_):
        return list(self._all.values())

    def unhealthy(self, task):
        found = (self._all.get(id) for id in task.get("_docker_ids", ()))
        return next((container.unhealthy for container in found if container), None)


class _Images:
    """docker.from_env().images: whatever is asked for is there, and ECR's tags have digests."""

    def get(self, image):
        return image

    def pull(self, image, **_):
        return types.SimpleNamespace(tag=lambda *_, **__: True)

    def get_registry_data(self, image, **_):
        return types.SimpleNamespace(id=local_tasks.pushed(image)["imageDigest"])


class _Container:
    unhealthy = None

    def __init__(self):
        self.id = uuid.uuid4().hex * 2
        self._read = threading.Event()

    def reload(self):
        """The status is never stale."""

    def stop(self, timeout=None):
        """Nothing runs."""

    def wait(self):
        return {"StatusCode": self._exit_code()}

    @property
    def status(self):
        ended = self._ended()
        read = self._read.is_set() or (ended and time.monotonic() > ended + LOG_SECONDS)
        return "exited" if ended and read else "running"

    def logs(self, stream=False, **_):
        return self._stream() if stream else b""

    def _stream(self):
        yield from self._lines()
        self._read.set()


class _Simulation(_Container):
    """Runs for ever, or ends after some seconds."""

    def __init__(self, exit_code=None, seconds=0.0, log="", unhealthy=None):
        super().__init__()
        self.unhealthy = unhealthy
        self._exit, self._log = exit_code, log
        self._until = None if exit_code is None else time.monotonic() + seconds
        if not log:
            self._read.set()

    def _exit_code(self):
        return self._exit

    def _ended(self):
        return self._until if self._until is not None and time.monotonic() > self._until else None

    def _lines(self):
        return [self._log.encode()] if self._log else []


class _Process(_Container):
    def __init__(self, command, environment):
        super().__init__()
        self._ended_at = None
        self._output = queue.Queue()
        self._child = child.start(
            command,
            "TERM",
            env=environment,
            cwd=local_tasks.folder(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        for line in self._child.stdout:
            self._output.put(line)
        self._child.wait()
        self._output.put(None)
        self._ended_at = time.monotonic()

    def _lines(self):
        return iter(self._output.get, None)

    def _ended(self):
        return self._ended_at

    def _exit_code(self):
        return self._child.wait()

    def stop(self, timeout=30):
        self._child.stdin.close()
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)


def _of_service(task, said):
    if said.get("rollout") != "fails":
        return _Simulation()
    cluster, name = ecs._cluster_name_from_arn(task["clusterArn"]), task["group"].partition(":")[2]
    service = ecs._services[f"{cluster}/{name}"]
    rolling = (ecs._deployment_for_task(service, task) or {}).get("rolloutState") == "IN_PROGRESS"
    seconds = FAILS_AFTER_SECONDS if rolling else THROTTLED_SECONDS
    if "reason" in said:
        time.sleep(seconds)
        raise RuntimeError(said["reason"])
    targets = [each["targetGroupArn"] for each in service["loadBalancers"] if "targetGroupArn" in each]
    unhealthy = f"Task failed ELB health checks in (target-group {targets[0]})" if targets and "health" in said else None
    return _Simulation(1, seconds, unhealthy=unhealthy)


def _environment(container):
    ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # Credentials come from a container's own endpoint on AWS; here the access key is the account.
    theirs = {name: value for name, value in container.items() if not name.startswith("AWS_CONTAINER_")}
    return {
        **ours,
        **theirs,
        "AWS_ENDPOINT_URL": ENDPOINT,
        "AWS_REGION": get_region(),
        "AWS_DEFAULT_REGION": get_region(),
        "AWS_ACCESS_KEY_ID": get_account_id(),
        "AWS_SECRET_ACCESS_KEY": "local",
        "ECS_CONTAINER_METADATA_URI_V4": f"{ENDPOINT}/v4/{container['ECS_CONTAINER_METADATA_URI_V4'].split('/v4/')[1]}",
    }


def _address(task):
    """One of the task's subnet; the first four and the last one are AWS's."""
    subnet = ec2._subnets.get(task.get("_subnet"), {})
    network = ipaddress.ip_network(subnet.get("CidrBlock", "10.0.0.0/24"))
    return str(network[random.randrange(4, network.num_addresses - 1)])
