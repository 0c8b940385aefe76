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


PATCHES = (
    instances_are_filtered_by_resource_id,
    backup_window_is_taken_at_creation,
    logs_are_exported,
    performance_insights_can_be_switched,
)
