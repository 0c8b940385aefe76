"""IAM."""

from ministack.services import iam

from .wire import one

# As AWS names them, where that is not the service's name with a capital.
NAMES = {"ecs.amazonaws.com": "AWSServiceRoleForECS"}


def service_linked_roles_are_made_once():
    """CreateServiceLinkedRole makes ECS's as AWSServiceRoleForECS; a second time it is refused as InvalidInput: the name has been
    taken in this account."""
    stock = iam._IAM_HANDLERS["CreateServiceLinkedRole"]

    def create(params):
        service = one(params, "AWSServiceName", "")
        stock_name = f"AWSServiceRoleFor{service.split('.')[0].capitalize()}"
        name = NAMES.get(service, stock_name)
        if name in iam._roles:
            said = f"Service role name {name} has been taken in this account, please try a different suffix."
            return iam._error(400, "InvalidInput", said, ns="iam")
        status, headers, body = stock(params)
        role = iam._roles.pop(stock_name)
        iam._roles[name] = {**role, "RoleName": name, "Arn": role["Arn"].replace(stock_name, name)}
        return status, headers, body.replace(stock_name.encode(), name.encode())

    iam._IAM_HANDLERS["CreateServiceLinkedRole"] = create


PATCHES = (service_linked_roles_are_made_once,)
