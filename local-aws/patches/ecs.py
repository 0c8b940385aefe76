"""ECS."""

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


PATCHES = (services_keep_their_zone_rebalancing,)
