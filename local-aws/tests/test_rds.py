from botocore.exceptions import ClientError
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

    def restore(self, source="database", target="restored", **settings):
        self.rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=source,
            TargetDBInstanceIdentifier=target,
            UseLatestRestorableTime=True,
            **settings,
        )
        return self.instance(target)

    def test_an_instance_restored_to_a_point_in_time_is_like_its_source_but_for_its_groups_and_protection(self):
        source = self.create(StorageEncrypted=True, DBName="app", MultiAZ=True, DeletionProtection=True)
        restored = self.restore()
        for same in ("DBInstanceClass", "Engine", "EngineVersion", "MasterUsername", "DBName", "StorageEncrypted"):
            self.assertEqual(restored[same], source[same], same)
        self.assertNotEqual(restored["DbiResourceId"], source["DbiResourceId"])
        self.assertEqual((restored["MultiAZ"], restored["DeletionProtection"]), (False, False))
        self.assertEqual(restored["VpcSecurityGroups"], [])
        self.assertEqual(self.instance(), source)

    def test_a_restore_is_told_its_groups_tags_and_protection(self):
        self.create()
        settings = {"MultiAZ": True, "DeletionProtection": True, "VpcSecurityGroupIds": ["sg-1"]}
        restored = self.restore(**settings, Tags=[{"Key": "deployment", "Value": "es-dev"}])
        self.assertEqual((restored["MultiAZ"], restored["DeletionProtection"]), (True, True))
        self.assertEqual(restored["VpcSecurityGroups"][0]["VpcSecurityGroupId"], "sg-1")
        self.assertEqual(restored["TagList"], [{"Key": "deployment", "Value": "es-dev"}])

    def test_a_restore_needs_backups_a_source_and_a_free_name(self):
        self.create("without", BackupRetentionPeriod=0)
        self.create()
        for code, source, target in (
            ("PointInTimeRestoreNotEnabled", "without", "restored"),
            ("DBInstanceNotFound", "unknown", "restored"),
            ("DBInstanceAlreadyExists", "database", "without"),
        ):
            with self.assertRaises(ClientError) as refused:
                self.restore(source, target)
            self.assertEqual(refused.exception.response["Error"]["Code"], code)

    def test_a_renamed_instance_keeps_its_resource_id_and_tags_and_frees_its_name(self):
        tags = [{"Key": "deployment", "Value": "es-dev"}]
        created = self.create(Tags=tags)
        rename = {"DBInstanceIdentifier": "database", "NewDBInstanceIdentifier": "before"}
        self.rds.modify_db_instance(**rename)
        self.assertEqual(self.instance()["DbiResourceId"], created["DbiResourceId"])
        self.rds.modify_db_instance(**rename, ApplyImmediately=True)
        renamed = self.instance("before")
        self.assertEqual((renamed["DbiResourceId"], renamed["TagList"]), (created["DbiResourceId"], tags))
        self.assertEqual(self.rds.list_tags_for_resource(ResourceName=renamed["DBInstanceArn"])["TagList"], tags)
        with self.assertRaises(ClientError):
            self.instance()
        self.create()
        with self.assertRaises(ClientError) as refused:
            self.rds.modify_db_instance(**rename, ApplyImmediately=True)
        self.assertEqual(refused.exception.response["Error"]["Code"], "DBInstanceAlreadyExists")
