import botocore.exceptions

from server import AwsTest

CLIENT = "on ~* &* +@all -@dangerous +info"


class Users(AwsTest):
    def setUp(self):
        super().setUp()
        self.cache = self.aws("elasticache")

    def user(self, identity, name=None, access="on ~* +@all", **mode):
        return self.cache.create_user(
            UserId=identity,
            UserName=name or identity,
            Engine="redis",
            AccessString=access,
            AuthenticationMode=mode or {"Type": "iam"},
        )

    def nobody(self, identity="nobody"):
        return self.cache.create_user(
            UserId=identity, UserName="default", Engine="redis", AccessString="off -@all", NoPasswordRequired=True
        )

    def group(self, *users, identity="users"):
        return self.cache.create_user_group(UserGroupId=identity, Engine="redis", UserIds=list(users))

    def users_of(self, identity="users"):
        return self.cache.describe_user_groups(UserGroupId=identity)["UserGroups"][0]["UserIds"]

    def refuses(self, code, call, *args, **settings):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(*args, **settings)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)

    def test_an_access_string_with_channels_is_told_as_given(self):
        self.assertEqual(self.user("app", access=CLIENT)["AccessString"], CLIENT)
        self.assertEqual(self.cache.describe_users(UserId="app")["Users"][0]["AccessString"], CLIENT)
        self.cache.modify_user(UserId="app", AccessString=f"{CLIENT} -eval")
        self.assertEqual(self.cache.describe_users(UserId="app")["Users"][0]["AccessString"], f"{CLIENT} -eval")

    def test_users_authenticate_as_asked(self):
        def authentication(identity):
            told = self.cache.describe_users(UserId=identity)["Users"][0]["Authentication"]
            return told["Type"], told["PasswordCount"]

        passwords = ["not-a-secret-000001", "not-a-secret-000002"]
        self.user("by-role", Type="iam")
        self.user("by-password", Type="password", Passwords=passwords)
        self.user("open", Type="no-password-required")
        self.assertEqual(authentication("by-role"), ("iam", 0))
        self.assertEqual(authentication("by-password"), ("password", 2))
        self.assertEqual(authentication("open"), ("no-password", 0))
        self.cache.modify_user(UserId="open", AuthenticationMode={"Type": "iam"})
        self.assertEqual(authentication("open"), ("iam", 0))

    def test_by_iam_authenticates_only_a_user_whose_id_is_its_name(self):
        self.refuses("InvalidParameterValue", self.user, "app", "application")
        self.user("app", "application", Type="no-password-required")
        self.refuses("InvalidParameterValue", self.cache.modify_user, UserId="app", AuthenticationMode={"Type": "iam"})

    def test_a_user_group_has_users_that_exist_with_names_of_their_own_and_one_default(self):
        self.user("app")
        self.nobody()
        self.refuses("UserNotFound", self.group, "nobody", "stranger")
        self.refuses("DefaultUserRequired", self.group, "app")
        self.nobody("nobody-else")
        self.refuses("DuplicateUserName", self.group, "nobody", "nobody-else")
        self.assertEqual(self.group("nobody", "app")["UserIds"], ["nobody", "app"])
        modify = self.cache.modify_user_group
        self.refuses("DefaultUserRequired", modify, UserGroupId="users", UserIdsToRemove=["nobody"])
        self.refuses("DuplicateUserName", modify, UserGroupId="users", UserIdsToAdd=["nobody-else"])
        modify(UserGroupId="users", UserIdsToAdd=["nobody-else"], UserIdsToRemove=["nobody"])
        self.assertEqual(self.users_of(), ["app", "nobody-else"])

    def test_a_deleted_user_leaves_its_groups_but_not_the_default_one(self):
        self.user("app")
        self.nobody()
        self.group("nobody", "app")
        self.refuses("DefaultUserAssociatedToUserGroup", self.cache.delete_user, UserId="nobody")
        self.cache.delete_user(UserId="app")
        self.assertEqual(self.users_of(), ["nobody"])
        self.cache.delete_user_group(UserGroupId="users")
        self.cache.delete_user(UserId="nobody")

    def test_a_user_group_of_a_cache_is_not_deleted(self):
        self.nobody()
        self.group("nobody")
        self.cache.create_replication_group(
            ReplicationGroupId="cache",
            ReplicationGroupDescription="cache",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=1,
            TransitEncryptionEnabled=True,
            UserGroupIds=["users"],
        )
        self.refuses("InvalidUserGroupState", self.cache.delete_user_group, UserGroupId="users")
        self.cache.modify_replication_group(ReplicationGroupId="cache", UserGroupIdsToRemove=["users"])
        self.cache.delete_user_group(UserGroupId="users")
