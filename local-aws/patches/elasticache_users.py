"""ElastiCache: who may sign in to a cache."""

from xml.sax.saxutils import escape

from ministack.services import elasticache

from .wire import nested, one

# Authentication.Type tells a user without a password in another word than AuthenticationMode.Type asks for one.
AUTHENTICATION = {"iam": "iam", "password": "password", "no-password-required": "no-password"}


def users_tell_their_access_string():
    """A user tells an access string with channels (&*) as it was given."""
    told = elasticache._user_xml
    elasticache._user_xml = lambda user: told({**user, "AccessString": escape(user["AccessString"])})


def users_authenticate_as_asked():
    """A user created or modified with an AuthenticationMode (iam, password, no-password-required) authenticates that
    way; by IAM only one whose id is its name."""

    def asked(action, stock):
        def patched(params):
            mode = nested(params, "AuthenticationMode")
            if mode.get("Type") == "iam" and _name(params) != one(params, "UserId"):
                return elasticache._error(
                    "InvalidParameterValue", "With IAM authentication a user's id and name must be the same", 400
                )
            response = stock(params)
            if response[0] != 200 or not mode:
                return response
            user = elasticache._users[one(params, "UserId")]
            passwords = len(mode.get("Passwords", []))
            user["Authentication"] = {"Type": AUTHENTICATION[mode["Type"]], "PasswordCount": passwords}
            answer = f"<{action}Result>{elasticache._user_xml(user)}</{action}Result>"
            return elasticache._xml(200, f"{action}Response", answer)

        return patched

    elasticache._create_user = asked("CreateUser", elasticache._create_user)
    elasticache._modify_user = asked("ModifyUser", elasticache._modify_user)


def user_groups_have_one_default():
    """A user group is created or modified with users that exist, no two of one name, and one of the name default."""
    create, modify = elasticache._create_user_group, elasticache._modify_user_group

    def create_checked(params):
        return _unfit(_listed(params, "UserIds")) or create(params)

    def modify_checked(params):
        group = elasticache._user_groups.get(one(params, "UserGroupId"))
        if group is None:
            return modify(params)
        kept = [user for user in group["UserIds"] if user not in _listed(params, "UserIdsToRemove")]
        return _unfit(kept + _listed(params, "UserIdsToAdd")) or modify(params)

    elasticache._create_user_group = create_checked
    elasticache._modify_user_group = modify_checked


def what_signs_in_is_not_deleted_in_use():
    """A user group that a cache has is not deleted, nor the default user of a group; another user leaves its groups
    when it is deleted."""
    delete_user, delete_group = elasticache._delete_user, elasticache._delete_user_group

    def delete_unused_user(params):
        identity = one(params, "UserId")
        user = elasticache._users.get(identity)
        groups = [group for group in elasticache._user_groups.values() if identity in group["UserIds"]]
        if user and groups and user["UserName"] == "default":
            return elasticache._error(
                "DefaultUserAssociatedToUserGroup",
                f"User {identity} is the default user of {groups[0]['UserGroupId']}",
                400,
            )
        for group in groups:
            group["UserIds"].remove(identity)
        return delete_user(params)

    def delete_unused_group(params):
        group = elasticache._user_groups.get(one(params, "UserGroupId"))
        if group and group["ReplicationGroups"]:
            return elasticache._error(
                "InvalidUserGroupState",
                f"User group {group['UserGroupId']} is associated with {', '.join(group['ReplicationGroups'])}",
                400,
            )
        return delete_group(params)

    elasticache._delete_user = delete_unused_user
    elasticache._delete_user_group = delete_unused_group


def _name(params):
    user = elasticache._users.get(one(params, "UserId"), {})
    return one(params, "UserName") or user.get("UserName")


def _listed(params, name):
    return nested(params, name) or []


def _unfit(identities):
    """The error that AWS answers for such a group; None for a good one."""
    users = elasticache._users
    missing = [identity for identity in identities if identity not in users]
    names = [users[identity]["UserName"] for identity in identities if identity in users]
    if missing:
        return elasticache._error("UserNotFound", f"User {missing[0]} not found", 404)
    if len(set(names)) < len(names):
        return elasticache._error("DuplicateUserName", "Two users of the group have one name", 400)
    if "default" not in names:
        return elasticache._error(
            "DefaultUserRequired", "User group needs to contain a user with the user name default.", 400
        )
    return None


PATCHES = (
    users_tell_their_access_string,
    users_authenticate_as_asked,
    user_groups_have_one_default,
    what_signs_in_is_not_deleted_in_use,
)
