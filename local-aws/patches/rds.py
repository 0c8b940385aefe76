"""RDS instances."""

from ministack.services import rds

from .wire import after, one, xml


def instances_are_filtered_by_resource_id():
    """DescribeDBInstances honours the filter dbi-resource-id: Terraform's provider waits with it for a deletion."""
    stock = rds._apply_instance_filters

    def filtered(instances, filters):
        wanted = filters.get("dbi-resource-id")
        return [instance for instance in stock(instances, filters) if not wanted or instance["DbiResourceId"] in wanted]

    rds._apply_instance_filters = filtered


def backup_window_is_taken_at_creation():
    """CreateDBInstance takes PreferredBackupWindow."""

    def create(params, response):
        instance = rds._instances.get(one(params, "DBInstanceIdentifier"))
        if instance and one(params, "PreferredBackupWindow"):
            instance["PreferredBackupWindow"] = one(params, "PreferredBackupWindow")

    after(rds._ACTION_MAP, "CreateDBInstance", create)


def logs_are_exported():
    """An instance tells which of its logs go to CloudWatch Logs; ModifyDBInstance switches single ones on and off."""
    stock = rds._instance_xml

    def change(params, response):
        instance = rds._resolve_instance(one(params, "DBInstanceIdentifier"))
        logs = set(instance["EnabledCloudwatchLogsExports"])
        logs |= set(rds._parse_member_list(params, "EnableCloudwatchLogsExports"))
        logs |= set(rds._parse_member_list(params, "CloudwatchLogsExportConfiguration.EnableLogTypes"))
        logs -= set(rds._parse_member_list(params, "CloudwatchLogsExportConfiguration.DisableLogTypes"))
        instance["EnabledCloudwatchLogsExports"] = sorted(logs)

    def told(instance):
        empty = "<EnabledCloudwatchLogsExports/>"
        return stock(instance).replace(
            empty, xml({"EnabledCloudwatchLogsExports": instance.get("EnabledCloudwatchLogsExports", [])})
        )

    for action in ("CreateDBInstance", "ModifyDBInstance"):
        after(rds._ACTION_MAP, action, change)
    rds._instance_xml = told


def performance_insights_can_be_switched():
    """ModifyDBInstance switches Performance Insights and sets its retention; an instance tells the key that encrypts
    them."""
    stock = rds._instance_xml

    def change(params, response):
        instance = rds._resolve_instance(one(params, "DBInstanceIdentifier"))
        if one(params, "EnablePerformanceInsights"):
            instance["PerformanceInsightsEnabled"] = one(params, "EnablePerformanceInsights") == "true"
        if one(params, "PerformanceInsightsRetentionPeriod"):
            instance["PerformanceInsightsRetentionPeriod"] = int(one(params, "PerformanceInsightsRetentionPeriod"))
        if one(params, "PerformanceInsightsKMSKeyId"):
            instance["PerformanceInsightsKMSKeyId"] = one(params, "PerformanceInsightsKMSKeyId")

    for action in ("CreateDBInstance", "ModifyDBInstance"):
        after(rds._ACTION_MAP, action, change)
    rds._instance_xml = lambda instance: stock(instance) + xml(
        {"PerformanceInsightsKMSKeyId": instance.get("PerformanceInsightsKMSKeyId") or None}
    )


def instances_are_restored_to_a_point_in_time():
    """RestoreDBInstanceToPointInTime makes a second instance like its source, but in one zone, unprotected, untagged and
    with the default groups, unless it is told otherwise. It needs automated backups."""
    kept = ("DBInstanceClass", "Engine", "EngineVersion", "MasterUsername", "DBName", "AllocatedStorage", "StorageType")
    kept += ("KmsKeyId", "BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow")

    def restore(params):
        identifier = one(params, "SourceDBInstanceIdentifier")
        source = rds._resolve_instance(identifier)
        if not source:
            return rds._error("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)
        if not source["BackupRetentionPeriod"]:
            return rds._error("PointInTimeRestoreNotEnabled", f"{identifier} has no automated backups.", 400)
        settings = {key: source[key] for key in kept if source.get(key)}
        settings |= {"StorageEncrypted": xml(source["StorageEncrypted"]), "Port": source["Endpoint"]["Port"]}
        settings |= {"MasterUserPassword": source["_MasterUserPassword"]}
        settings |= {"DBInstanceIdentifier": one(params, "TargetDBInstanceIdentifier")}
        created = {**{key: [str(value)] for key, value in settings.items()}, **params}
        status, headers, body = rds._ACTION_MAP["CreateDBInstance"](created)
        return status, headers, body.replace(b"CreateDBInstance", b"RestoreDBInstanceToPointInTime")

    rds._ACTION_MAP["RestoreDBInstanceToPointInTime"] = restore


def instances_are_renamed():
    """ModifyDBInstance with NewDBInstanceIdentifier and ApplyImmediately renames an instance, which keeps its resource id,
    settings and tags."""
    stock = rds._ACTION_MAP["ModifyDBInstance"]

    def modify(params):
        name = one(params, "NewDBInstanceIdentifier")
        if name and name in rds._instances:
            return rds._error("DBInstanceAlreadyExists", f"DBInstance {name} already exists.", 400)
        response = stock(params)
        if response[0] != 200 or not name or one(params, "ApplyImmediately") != "true":
            return response
        instance = rds._instances.pop(one(params, "DBInstanceIdentifier"))
        tags = rds._tags.pop(instance["DBInstanceArn"], [])
        arn = instance["DBInstanceArn"].rpartition(":")[0] + f":{name}"
        instance.update(DBInstanceIdentifier=name, DBInstanceArn=arn, TagList=tags)
        rds._instances[name], rds._tags[arn] = instance, tags
        cluster = rds._clusters.get(instance.get("DBClusterIdentifier") or "") or {"DBClusterMembers": []}
        for member in cluster["DBClusterMembers"]:
            if member["DBInstanceIdentifier"] == one(params, "DBInstanceIdentifier"):
                member["DBInstanceIdentifier"] = name
        return rds._single_instance_response("ModifyDBInstanceResponse", "ModifyDBInstanceResult", instance)

    rds._ACTION_MAP["ModifyDBInstance"] = modify


PATCHES = (
    instances_are_filtered_by_resource_id,
    backup_window_is_taken_at_creation,
    logs_are_exported,
    performance_insights_can_be_switched,
    instances_are_restored_to_a_point_in_time,
    instances_are_renamed,
)
