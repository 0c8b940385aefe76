"""Elastic Load Balancing: what answers at a load balancer is a simulation, by the tasks that are registered there."""

import ministack.app
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import alb, ecs

from . import local_tasks


def load_balancers_answer_by_their_names():
    """A request whose Host is a load balancer's DNS name, or a name that its rules are for, is answered by its listener on
    the Host's port (80 unless it has one), whichever account's it is."""
    may_be = ministack.app._is_potential_alb_request

    def find(host):
        name = host.partition(":")[0].lower()
        if name == ministack.app._MINISTACK_HOST:
            return None
        for (account, region, arn), balancer in alb._lbs.all_items():
            if name == balancer["DNSName"].lower() or name in _hosts(arn):
                set_request_account_id(account)
                set_request_region(region)
                return balancer
        return None

    # MiniStack's own, at every host; it has two more.
    ministack.app._HEALTH_PATHS = tuple(path for path in ministack.app._HEALTH_PATHS if path != "/health")
    alb.find_lb_for_host = find
    ministack.app._is_potential_alb_request = lambda host, path: may_be(host, path) or find(host) is not None


def tasks_answer():
    """A target group's requests are answered while a task is registered there, simulated: with 200, or the health that
    LOCAL_TASKS has for the task's image. Without tasks the load balancer says 503. DescribeTargetHealth agrees."""
    forward, describe = alb._proxy_http_target, alb._describe_target_health

    async def answer(target, *arguments):
        task = _task(target["Id"])
        if not task:
            return await forward(target, *arguments)
        return _health(task), {"Content-Type": "text/plain"}, f"simulated: {task['containers'][0]['image']}\n".encode()

    def health(params):
        status, headers, body = describe(params)
        for target in alb._targets.get(alb._p(params, "TargetGroupArn"), ()):
            task = _task(target["Id"])
            if task and (code := _health(task)) >= 400:
                start = body.index(f"<Id>{target['Id']}</Id>".encode())
                failed = f"Health checks failed with these codes: [{code}]"
                state = f"<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason><Description>{failed}</Description>"
                body = body[:start] + body[start:].replace(b"<State>healthy</State>", state.encode(), 1)
        return status, headers, body

    alb._proxy_http_target = answer
    alb._ACTION_MAP["DescribeTargetHealth"] = health


def _hosts(balancer):
    """The names that a load balancer's rules are for."""
    listeners = {arn for (_, _, arn), each in alb._listeners.all_items() if each["LoadBalancerArn"] == balancer}
    for rule in alb._rules.all_values():
        if rule["ListenerArn"] in listeners:
            for condition in rule["Conditions"]:
                if condition["Field"] == "host-header":
                    yield from condition.get("HostHeaderConfig", {}).get("Values") or condition.get("Values", ())


def _task(address):
    return next((task for task in ecs._tasks.values() if ecs._task_ip(task) == address), None)


def _health(task):
    return int(local_tasks.said_of(task["containers"][0]["image"]).get("health", 200))


PATCHES = (load_balancers_answer_by_their_names, tasks_answer)
