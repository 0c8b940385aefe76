"""CloudWatch alarms."""

import json
from datetime import datetime, timezone

from ministack.services import cloudwatch

from .wire import nested, one, xml


def alarms_keep_metric_math():
    """An alarm on metric math keeps its Metrics and has no metric, period or statistic of its own; the anomaly band's
    metric id stands for a threshold."""
    stock = cloudwatch._put_metric_alarm

    def put(params, data, is_cbor, is_json=False):
        response = stock(params, data, is_cbor, is_json)
        request = data if is_cbor or is_json else {"AlarmName": one(params, "AlarmName"), **_query_only(params)}
        alarm = cloudwatch._alarms.get(request.get("AlarmName"))
        if response[0] == 200 and alarm:
            alarm.update(
                {
                    key: request[key]
                    for key in ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
                    if request.get(key)
                }
            )
            alarm["InsufficientDataActions"] = request.get("InsufficientDataActions") or []
            own = ["Statistic"] if alarm.get("ExtendedStatistic") else []
            own += ["MetricName", "Namespace", "Period", "Statistic"] if alarm.get("Metrics") else []
            own += ["Threshold"] if alarm.get("ThresholdMetricId") else []
            for key in own:
                alarm.pop(key, None)
        return response

    cloudwatch._put_metric_alarm = put


def _query_only(params):
    """What MiniStack does not read from a PutMetricAlarm in the query protocol."""
    metrics = nested(params, "Metrics") or []
    for metric in metrics:
        for owner in (metric, metric.get("MetricStat", {})):
            if "Period" in owner:
                owner["Period"] = int(owner["Period"])
        if "ReturnData" in metric:
            metric["ReturnData"] = metric["ReturnData"] == "true"
    return {
        "Metrics": metrics,
        "InsufficientDataActions": nested(params, "InsufficientDataActions") or [],
        "ThresholdMetricId": one(params, "ThresholdMetricId"),
        "EvaluateLowSampleCountPercentile": one(params, "EvaluateLowSampleCountPercentile"),
    }


def alarms_are_described_in_full():
    """DescribeAlarms in the query protocol, which Terraform's provider speaks, tells every setting of an alarm."""
    stock = cloudwatch._describe_alarms

    def describe(params, data, is_cbor, is_json=False):
        if is_cbor or is_json:
            return stock(params, data, is_cbor, is_json)
        query = {key: nested(params, key) for key in ("AlarmNames", "AlarmTypes") if nested(params, key)}
        query |= {
            key: one(params, key)
            for key in ("AlarmNamePrefix", "StateValue", "MaxRecords", "NextToken")
            if one(params, key)
        }
        status, _, body = stock(params, query, False, True)
        if status != 200:
            return stock(params, data, False)
        found = json.loads(body)
        result = {key: [_told(alarm) for alarm in found[key]] for key in ("MetricAlarms", "CompositeAlarms")}
        return cloudwatch._xml(
            200,
            "DescribeAlarmsResponse",
            xml({"DescribeAlarmsResult": {**result, "NextToken": found.get("NextToken")}}),
        )

    cloudwatch._describe_alarms = describe


def _told(alarm):
    shown = {key: value for key, value in alarm.items() if value not in (None, "", [])}
    for key in ("StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp", "StateTransitionedTimestamp"):
        if key in shown:
            shown[key] = datetime.fromtimestamp(shown[key], timezone.utc).isoformat()
    return shown


PATCHES = (alarms_keep_metric_math, alarms_are_described_in_full)
