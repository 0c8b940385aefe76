"""ECR: repositories and their images. What is pushed comes through the registry: ecr_registry.py."""

import json

import ministack.app
from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import ecr

REGISTRY = f"{ministack.app._MINISTACK_HOST}:{ministack.app._MINISTACK_PORT}"
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
# The registry's errors, as the API tells them.
EXCEPTIONS = {
    "TAG_INVALID": "ImageTagAlreadyExistsException",
    "DIGEST_INVALID": "ImageDigestDoesNotMatchException",
    "MANIFEST_INVALID": "InvalidParameterException",
}


def repositories_are_on_this_machine():
    """A repository's URI is where its images are pushed to and pulled from: <host>:<port>/<name> of the local AWS."""
    stock = ecr._repo_shape
    ecr._repo_shape = lambda repository: {
        **stock(repository),
        "repositoryUri": f"{REGISTRY}/{repository['repositoryName']}",
    }


def a_repository_is_deleted_with_its_images():
    """What was pushed to a repository is gone when it is deleted, also when another gets its name."""
    stock = ecr._delete_repository

    def delete(request):
        response = stock(request)
        if response[0] == 200:
            for store in (ecr._layer_blobs, ecr._manifest_blobs, ecr._uploads):
                store.pop(request["repositoryName"], None)
        return response

    ecr._delete_repository = delete


def images_are_described():
    """DescribeImages and ListImages tell what the registry has, by tag status and page by page: an image's size with its
    layers, an id for each tag. DescribeImages and BatchGetImage find by tag or digest; what is not there is
    ImageNotFound."""

    def describe(request):
        name = request["repositoryName"]
        if request.get("imageIds"):
            images = [(image_id, _find(name, image_id)) for image_id in request["imageIds"]]
            for image_id, image in images:
                if image is None:
                    return _not_found(name, image_id)
            return _page(request, "imageDetails", [_detail(name, image) for _, image in images])
        return _page(request, "imageDetails", [_detail(name, image) for image in _filtered(request)])

    def ids(request):
        return _page(request, "imageIds", [each for image in _filtered(request) for each in _ids(image)])

    def batch_get(request):
        name = request["repositoryName"]
        found = [(image_id, _find(name, image_id)) for image_id in request["imageIds"]]
        images = [
            {
                "registryId": get_account_id(),
                "repositoryName": name,
                "imageId": {**image_id, "imageDigest": image["imageDigest"]},
                "imageManifest": image["imageManifest"],
                "imageManifestMediaType": image["imageManifestMediaType"],
            }
            for image_id, image in found
            if image
        ]
        return json_response({"images": images, "failures": [_failure(id_) for id_, image in found if not image]})

    ecr._describe_images, ecr._list_images, ecr._batch_get_image = map(_of_repository, (describe, ids, batch_get))


def images_lose_tags():
    """BatchDeleteImage takes a tag from an image, and deletes an image by its digest or with its last tag."""

    def delete(request):
        name, deleted, failures = request["repositoryName"], [], []
        for image_id in request["imageIds"]:
            image = _find(name, image_id)
            if image is None:
                failures.append(_failure(image_id))
                continue
            gone = [each for each in _ids(image) if image_id.get("imageTag") in (None, each.get("imageTag"))]
            deleted += gone
            image["imageTags"] = [tag for tag in image["imageTags"] if tag not in [id_.get("imageTag") for id_ in gone]]
            if not image["imageTags"]:
                ecr._images[name].remove(image)
                ecr._manifest_blobs.get(name, {}).pop(image["imageDigest"], None)
        return json_response({"imageIds": deleted, "failures": failures})

    ecr._batch_delete_image = _of_repository(delete)


def images_are_put():
    """PutImage is a push of a manifest: it gives an image a further tag, and is refused as the registry refuses it, or
    when the image has that tag."""

    def put(request):
        name, tag, manifest = request["repositoryName"], request.get("imageTag"), request["imageManifest"]
        digest = request.get("imageDigest") or ecr._image_digest(manifest)
        existing = _find(name, {"imageDigest": digest, **({"imageTag": tag} if tag else {})})
        if existing:
            return error_response_json(
                "ImageAlreadyExistsException",
                f"Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{name}' in "
                f"registry with id '{get_account_id()}'",
                400,
            )
        kind = request.get("imageManifestMediaType") or _parsed(manifest).get("mediaType")
        if tag and request.get("imageDigest") not in (None, ecr._image_digest(manifest)):
            return error_response_json(EXCEPTIONS["DIGEST_INVALID"], "The digest is not the manifest's own.", 400)
        headers = {"content-type": kind} if kind else {}
        status, _, body = ecr._v2_put_manifest(name, tag or digest, headers, manifest.encode())
        if status != 201:
            error = json.loads(body)["errors"][0]
            fallback = "ReferencedImagesNotFoundException" if kind in INDEXES else "LayersNotFoundException"
            return error_response_json(EXCEPTIONS.get(error["code"], fallback), error["message"], 400)
        image = _find(name, {"imageDigest": digest})
        told = {
            "registryId": get_account_id(),
            "repositoryName": name,
            "imageId": {"imageDigest": digest, **({"imageTag": tag} if tag else {})},
            "imageManifest": manifest,
            "imageManifestMediaType": image["imageManifestMediaType"],
        }
        return json_response({"image": told})

    ecr._put_image = _of_repository(put)


def _of_repository(action):
    def checked(request):
        name = request.get("repositoryName", "")
        if name in ecr._repositories:
            return action(request)
        message = (
            f"The repository with name '{name}' does not exist in the registry with id '{get_account_id()}'"
        )
        return error_response_json("RepositoryNotFoundException", message, 400)

    return checked


def _find(name, image_id):
    """By digest, by tag, or by both."""
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    if not digest and not tag:
        return None
    matching = (
        image
        for image in ecr._images.get(name, [])
        if digest in (None, image["imageDigest"]) and (not tag or tag in image["imageTags"])
    )
    return next(matching, None)


def _filtered(request):
    wanted = request.get("filter", {}).get("tagStatus", "ANY")
    for image in ecr._images.get(request["repositoryName"], []):
        if wanted in ("ANY", "TAGGED" if image["imageTags"] else "UNTAGGED"):
            yield image


def _ids(image):
    digest = {"imageDigest": image["imageDigest"]}
    return [{**digest, "imageTag": tag} for tag in image["imageTags"]] or [digest]


def _detail(name, image):
    manifest = _parsed(image["imageManifest"])
    config, parts = manifest.get("config", {}), manifest.get("layers") or manifest.get("manifests", [])
    return {
        "registryId": get_account_id(),
        "repositoryName": name,
        "imageDigest": image["imageDigest"],
        **({"imageTags": image["imageTags"]} if image["imageTags"] else {}),
        "imageSizeInBytes": sum(part.get("size", 0) for part in (config, *parts)),
        "imagePushedAt": image["imagePushedAt"],
        "imageManifestMediaType": image["imageManifestMediaType"],
        **({"artifactMediaType": config["mediaType"]} if "mediaType" in config else {}),
    }


def _parsed(manifest):
    try:
        found = json.loads(manifest)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _page(request, key, items):
    start, size = int(request.get("nextToken") or 0), request.get("maxResults", 100)
    more = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return json_response({key: items[start : start + size], **more})


def _not_found(name, image_id):
    parts = ", ".join(f"{key}:'{image_id.get(key, 'null')}'" for key in ("imageDigest", "imageTag"))
    message = f"The image with imageId {{{parts}}} does not exist within the repository with name '{name}'"
    return error_response_json(
        "ImageNotFoundException", f"{message} in the registry with id '{get_account_id()}'", 400
    )


def _failure(image_id):
    return {"imageId": image_id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}


PATCHES = (
    repositories_are_on_this_machine,
    a_repository_is_deleted_with_its_images,
    images_are_described,
    images_lose_tags,
    images_are_put,
)
