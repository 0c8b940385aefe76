from server import AwsTest


class Instances(AwsTest):
    def setUp(self):
        super().setUp()
        self.rds = self.aws("rds")

    def create(self, name="database", **settings):
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="app",
            MasterUserPassword="not-a-secret",
            **settings,
        )
        return self.instance(name)

    def instance(self, name="database"):
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def test_instances_are_filtered_by_resource_id(self):
        self.create("one")
        wanted = self.create("two")["DbiResourceId"]
        found = self.rds.describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [wanted]}])["DBInstances"]
        self.assertEqual([instance["DBInstanceIdentifier"] for instance in found], ["two"])

    def test_a_deleted_instance_is_not_found_by_its_resource_id(self):
        self.create("kept")
        gone = self.create("gone")["DbiResourceId"]
        self.rds.delete_db_instance(DBInstanceIdentifier="gone", SkipFinalSnapshot=True)
        found = self.rds.describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [gone]}])["DBInstances"]
        self.assertEqual(found, [])

    def test_the_backup_window_is_taken_at_creation(self):
        self.assertEqual(self.create(PreferredBackupWindow="02:00-02:30")["PreferredBackupWindow"], "02:00-02:30")

    def test_exported_logs_are_told_and_switched_singly(self):
        created = self.create(EnableCloudwatchLogsExports=["postgresql", "upgrade"])
        self.assertEqual(created.get("EnabledCloudwatchLogsExports"), ["postgresql", "upgrade"])
        self.rds.modify_db_instance(
            DBInstanceIdentifier="database", CloudwatchLogsExportConfiguration={"DisableLogTypes": ["upgrade"]}
        )
        self.assertEqual(self.instance()["EnabledCloudwatchLogsExports"], ["postgresql"])
        self.rds.modify_db_instance(
            DBInstanceIdentifier="database",
            CloudwatchLogsExportConfiguration={
                "EnableLogTypes": ["iam-db-auth-error"],
                "DisableLogTypes": ["postgresql"],
            },
        )
        self.assertEqual(self.instance()["EnabledCloudwatchLogsExports"], ["iam-db-auth-error"])

    def test_an_instance_exports_no_logs_unless_asked(self):
        self.assertEqual(self.create().get("EnabledCloudwatchLogsExports", []), [])

    def test_performance_insights_are_switched_and_tell_their_key(self):
        key = f"arn:aws:kms:eu-west-1:{self.account}:key/insights"
        created = self.create(EnablePerformanceInsights=True, PerformanceInsightsKMSKeyId=key)
        self.assertEqual(
            (created["PerformanceInsightsEnabled"], created.get("PerformanceInsightsKMSKeyId")), (True, key)
        )
        self.rds.modify_db_instance(DBInstanceIdentifier="database", PerformanceInsightsRetentionPeriod=31)
        self.assertEqual(self.instance()["PerformanceInsightsRetentionPeriod"], 31)
        self.rds.modify_db_instance(DBInstanceIdentifier="database", EnablePerformanceInsights=False)
        self.assertFalse(self.instance()["PerformanceInsightsEnabled"])
