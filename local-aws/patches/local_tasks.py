"""What runs in the tasks of ECS, by image.

LOCAL_TASKS   a JSON file, read whenever it is asked: an image's digest or tag -> what its tasks do. Without it, nothing.
"""

import json
import os
from pathlib import Path

from ministack.services import ecr


def said_of(image):
    """What the file says of an image ("<repository>:<tag>" or "<repository>@<digest>"), be it by the digest or by a tag of
    the image in ECR. {} when it says nothing."""
    tasks = _read()
    return next((tasks[name] for name in _names(image) if name in tasks), {}) if tasks else {}


def pushed(image):
    """The image in ECR; None when it was not pushed there."""
    url, _, digest = image.partition("@")
    name, _, tag = url.partition("/")[2].partition(":")
    matching = (
        each
        for each in ecr._images.get(name, [])
        if digest == each["imageDigest"] or (not digest and tag in each["imageTags"])
    )
    return next(matching, None)


def folder():
    """Where the commands of the file run."""
    return Path(os.environ["LOCAL_TASKS"]).resolve().parent


def _read():
    file = os.environ.get("LOCAL_TASKS")
    if not file or not Path(file).exists():
        return {}
    try:
        found = json.loads(Path(file).read_text())
    except ValueError as error:
        raise ValueError(f"LOCAL_TASKS: {file} is no JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise ValueError(f"LOCAL_TASKS: {file} must be an object of objects, by image digest or tag")
    return found


def _names(image):
    found = pushed(image)
    return [found["imageDigest"], *found["imageTags"]] if found else [image.rpartition("@" if "@" in image else ":")[2]]
