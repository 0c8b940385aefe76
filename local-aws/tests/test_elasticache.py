from server import AwsTest


class Cache(AwsTest):
    def setUp(self):
        super().setUp()
        self.cache = self.aws("elasticache")

    def create(self, **settings):
        self.cache.create_replication_group(
            ReplicationGroupId="cache",
            ReplicationGroupDescription="cache",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=2,
            **settings,
        )
        return self.cache.describe_replication_groups(ReplicationGroupId="cache")["ReplicationGroups"][0]

    def test_only_the_parameters_that_were_set_have_the_source_user(self):
        self.cache.create_cache_parameter_group(
            CacheParameterGroupName="redis", CacheParameterGroupFamily="redis7", Description="redis"
        )
        self.cache.modify_cache_parameter_group(
            CacheParameterGroupName="redis",
            ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}],
        )
        told = self.cache.describe_cache_parameters(CacheParameterGroupName="redis", Source="user")["Parameters"]
        self.assertEqual(
            [(each["ParameterName"], each["ParameterValue"]) for each in told], [("maxmemory-policy", "noeviction")]
        )
        self.assertGreater(len(self.cache.describe_cache_parameters(CacheParameterGroupName="redis")["Parameters"]), 1)

    def test_a_replication_group_tells_its_key(self):
        key = f"arn:aws:kms:eu-west-1:{self.account}:key/cache"
        self.assertEqual(self.create(AtRestEncryptionEnabled=True, KmsKeyId=key).get("KmsKeyId"), key)

    def test_clusters_follow_the_minor_upgrades_of_their_group(self):
        def upgrades():
            return {
                each["AutoMinorVersionUpgrade"]
                for each in self.cache.describe_cache_clusters()["CacheClusters"]
                if "AutoMinorVersionUpgrade" in each
            }

        self.create(AutoMinorVersionUpgrade=True)
        self.assertEqual(upgrades(), {True})
        self.cache.modify_replication_group(
            ReplicationGroupId="cache", AutoMinorVersionUpgrade=False, ApplyImmediately=True
        )
        self.assertEqual(upgrades(), {False})
