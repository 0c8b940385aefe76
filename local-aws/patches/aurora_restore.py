"""Aurora: clusters that take the place of others."""

import json
import threading
import uuid

from ministack.services import rds, secretsmanager

from . import aurora
from .wire import after, one, xml


def clusters_are_restored_to_a_point_in_time():
    """RestoreDBClusterToPointInTime makes a second cluster like its source, without instances, unprotected, untagged and
    with the default groups, unless it is told otherwise; its master password is no longer in a secret. It has the data
    that its source has now, whatever the time."""
    kept = ("Engine", "EngineVersion", "MasterUsername", "DatabaseName", "KmsKeyId", "BackupRetentionPeriod")
    kept += ("PreferredBackupWindow", "PreferredMaintenanceWindow")

    def restore(params):
        identifier, name = (one(params, key) for key in ("SourceDBClusterIdentifier", "DBClusterIdentifier"))
        source = rds._clusters.get(identifier)
        if not source:
            return rds._error("DBClusterNotFoundFault", f"DBCluster {identifier} not found.", 404)
        if name in rds._clusters:
            return rds._error("DBClusterAlreadyExistsFault", f"DB cluster {name} already exists.", 400)
        settings = {key: source[key] for key in kept if source.get(key)}
        settings |= {"StorageEncrypted": xml(source["StorageEncrypted"]), "Port": source["Port"]}
        settings |= {"MasterUserPassword": source["_MasterUserPassword"]}
        aurora._sources[_arn(source, name)] = source
        created = {**{key: [str(value)] for key, value in settings.items()}, **params}
        status, headers, body = rds._ACTION_MAP["CreateDBCluster"](created)
        aurora._sources.pop(_arn(source, name), None)
        return status, headers, body.replace(b"CreateDBCluster", b"RestoreDBClusterToPointInTime")

    rds._ACTION_MAP["RestoreDBClusterToPointInTime"] = restore


def master_logins_become_managed():
    """ModifyDBCluster with ManageMasterUserPassword gives a cluster that has none a new master password in a secret that
    RDS keeps."""

    def change(params, response):
        cluster = rds._clusters[one(params, "DBClusterIdentifier")]
        if one(params, "ManageMasterUserPassword") != "true" or cluster.get("MasterUserSecret"):
            return response
        user, password = cluster["MasterUsername"], rds._generate_master_user_password()
        login = json.dumps({"username": user, "password": password})
        arn = secretsmanager.create_secret_in_process(f"rds!cluster-{uuid.uuid4()}", login)
        cluster.update(_MasterUserPassword=password, MasterUserSecret={"SecretArn": arn, "SecretStatus": "active"})
        if aurora._has_server(cluster):
            aurora._stop(cluster)
            folder, quoted = aurora._folder(cluster), password.replace("'", "''")
            aurora._command(folder, aurora._binaries(folder), f"alter role \"{user}\" password '{quoted}'")
            _start(cluster)
        return aurora._told("ModifyDBCluster", cluster)

    after(rds._ACTION_MAP, "ModifyDBCluster", change)


def clusters_are_renamed():
    """ModifyDBCluster with NewDBClusterIdentifier and ApplyImmediately renames a cluster, which keeps its resource id,
    settings, tags, instances and data. Its endpoint follows its name."""
    stock = rds._ACTION_MAP["ModifyDBCluster"]

    def modify(params):
        name = one(params, "NewDBClusterIdentifier")
        if name and name in rds._clusters:
            return rds._error("DBClusterAlreadyExistsFault", f"DB cluster {name} already exists.", 400)
        response = stock(params)
        if response[0] != 200 or not name or one(params, "ApplyImmediately") != "true":
            return response
        cluster = rds._clusters.pop(one(params, "DBClusterIdentifier"))
        aurora._ports[cluster["DBClusterArn"]] = cluster["Port"]
        aurora._stop(cluster)
        tags, arn = rds._tags.pop(cluster["DBClusterArn"], []), _arn(cluster, name)
        cluster.update(DBClusterIdentifier=name, DBClusterArn=arn, TagList=tags)
        rds._clusters[name], rds._tags[arn] = cluster, tags
        for member in cluster["DBClusterMembers"]:
            instance = rds._instances[member["DBInstanceIdentifier"]]
            instance.update({key: name for key in ("DBClusterIdentifier", "_shared_cluster_id") if instance.get(key)})
        if aurora._has_server(cluster):
            cluster["Port"] = aurora._port(cluster)
            if cluster.get("_shared_endpoint"):  # Where MiniStack looks for the port when it starts.
                cluster["_shared_endpoint"]["Port"] = cluster["Port"]
            _start(cluster)
        return aurora._told("ModifyDBCluster", cluster)

    rds._ACTION_MAP["ModifyDBCluster"] = modify


def _arn(cluster, name):
    return cluster["DBClusterArn"].rpartition(":")[0] + f":{name}"


def _start(cluster):
    cluster["Status"] = "modifying"
    threading.Thread(target=aurora._start, args=(cluster,), daemon=True).start()


PATCHES = (
    clusters_are_restored_to_a_point_in_time,
    master_logins_become_managed,
    clusters_are_renamed,  # Last: it is the others' result that is renamed.
)
