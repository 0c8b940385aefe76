"""CloudTrail."""

from ministack.core.responses import get_region
from ministack.services import cloudtrail


def tags_are_taken_at_creation():
    """CreateTrail takes TagsList."""
    stock = cloudtrail._DISPATCH["CreateTrail"]

    def create(body):
        answer = stock(body)
        if answer[0] == 200 and body.get("TagsList"):
            arn = cloudtrail._trail_arn(body["Name"])
            cloudtrail._DISPATCH["AddTags"]({"ResourceId": arn, "TagsList": body["TagsList"]})
        return answer

    cloudtrail._DISPATCH["CreateTrail"] = create


def tagged():
    """(ARN, tags) of every tagged trail of the region, as the Resource Groups Tagging API collects them."""
    return (
        (arn, [{"Key": key, "Value": value} for key, value in tags.items()])
        for arn, tags in cloudtrail._trail_tags.items()
        if tags and arn.split(":")[3] == get_region()
    )


PATCHES = (tags_are_taken_at_creation,)
