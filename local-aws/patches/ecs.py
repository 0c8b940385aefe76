"""ECS."""

import re

from ministack.services import ecs

from .wire import after


def services_keep_their_zone_rebalancing():
    """A service tells the availabilityZoneRebalancing that it was created or updated with."""

    def remember(request, response):
        wanted = request.get("availabilityZoneRebalancing")
        if wanted:
            cluster = ecs._resolve_cluster_name(request.get("cluster", "default"))
            name = (request.get("serviceName") or request["service"]).split("/")[-1]
            ecs._services[f"{cluster}/{name}"]["availabilityZoneRebalancing"] = wanted

    for action in ("CreateService", "UpdateService"):
        after(ecs._ACTION_MAP, action, remember)


def a_family_is_its_newest_active_revision():
    """A family without a revision's number is its newest ACTIVE one, not one that was deregistered since."""
    stock = ecs._resolve_td_key

    def resolve(ref):
        key = stock(ref)
        if not key or re.search(r":\d+$", ref):
            return key
        family = key.split(":")[0]
        active = [
            each["revision"]
            for each in ecs._task_defs.values()
            if each["family"] == family and each["status"] == "ACTIVE"
        ]
        return f"{family}:{max(active)}" if active else family

    ecs._resolve_td_key = resolve


PATCHES = (services_keep_their_zone_rebalancing, a_family_is_its_newest_active_revision)
