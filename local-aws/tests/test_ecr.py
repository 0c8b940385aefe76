import json

from registry import MANIFEST, Registry, digest
from server import AwsTest, shared


class Images(AwsTest):
    def setUp(self):
        super().setUp()
        self.ecr = self.aws("ecr")
        self.repository = self.ecr.create_repository(repositoryName="fb-dev-images")["repository"]
        self.registry = Registry(shared().url, self.ecr)

    def push(self, *arguments, **options):
        return self.registry.push("fb-dev-images", *arguments, **options)

    def call(self, action, **parameters):
        return getattr(self.ecr, action)(repositoryName="fb-dev-images", **parameters)

    def test_a_repository_is_on_the_local_aws(self):
        self.assertEqual(self.repository["repositoryUri"], f"127.0.0.1:{shared().port}/fb-dev-images")
        described = self.ecr.describe_repositories()["repositories"][0]
        self.assertEqual(described["repositoryUri"], self.repository["repositoryUri"])

    def test_what_was_pushed_is_described_with_digest_tags_size_and_time(self):
        image = self.push("v1", layer=b"a" * 1000)
        self.push("v2", layer=b"b")
        [found] = self.call("describe_images", imageIds=[{"imageTag": "v1"}])["imageDetails"]
        self.assertEqual((found["imageDigest"], found["imageTags"]), (image, ["v1"]))
        self.assertEqual(found["imageSizeInBytes"], 1000 + len(b"{}"))
        self.assertIn("imagePushedAt", found)
        self.assertEqual(
            self.call("describe_images", imageIds=[{"imageDigest": image}])["imageDetails"][0]["imageTags"], ["v1"]
        )

    def test_an_image_that_is_not_there_is_said_not_to_be(self):
        image = self.push("v1")
        self.push("v2", layer=b"other")
        for wrong in ({"imageTag": "v3"}, {"imageDigest": image, "imageTag": "v2"}):
            with self.assertRaises(self.ecr.exceptions.ImageNotFoundException):
                self.call("describe_images", imageIds=[wrong])
        got = self.call("batch_get_image", imageIds=[{"imageTag": "v3"}, {"imageTag": "v1"}])
        self.assertEqual([failure["failureCode"] for failure in got["failures"]], ["ImageNotFound"])
        self.assertEqual([each["imageId"] for each in got["images"]], [{"imageDigest": image, "imageTag": "v1"}])
        with self.assertRaises(self.ecr.exceptions.RepositoryNotFoundException):
            self.ecr.describe_images(repositoryName="gone")

    def test_images_are_listed_by_tag_and_page_by_page(self):
        image = self.push("v1")
        self.tag(image, "v2")
        untagged = self.push(layer=b"untagged")
        ids = [{"imageDigest": image, "imageTag": tag} for tag in ("v1", "v2")]
        self.assertEqual(self.call("list_images")["imageIds"], [*ids, {"imageDigest": untagged}])
        tagged = self.call("describe_images", filter={"tagStatus": "TAGGED"})["imageDetails"]
        self.assertEqual([image["imageTags"] for image in tagged], [["v1", "v2"]])
        first = self.call("list_images", maxResults=2)
        second = self.call("list_images", maxResults=2, nextToken=first["nextToken"])
        self.assertEqual(first["imageIds"] + second["imageIds"], [*ids, {"imageDigest": untagged}])
        self.assertNotIn("nextToken", second)

    def test_an_image_loses_a_tag_and_is_gone_with_its_last_one(self):
        image = self.push("v1")
        self.tag(image, "v2")
        for tag, left in (("v1", [["v2"]]), ("v2", [])):
            gone = self.call("batch_delete_image", imageIds=[{"imageTag": tag}])
            self.assertEqual((gone["imageIds"], gone["failures"]), ([{"imageDigest": image, "imageTag": tag}], []))
            self.assertEqual([image["imageTags"] for image in self.call("describe_images")["imageDetails"]], left)
        self.assertEqual(self.registry.send("GET", f"fb-dev-images/manifests/{image}")[0], 404)
        both = self.push("v1")
        self.tag(both, "v2")
        self.assertEqual(len(self.call("batch_delete_image", imageIds=[{"imageDigest": both}])["imageIds"]), 2)
        self.assertEqual(
            self.call("batch_delete_image", imageIds=[{"imageDigest": both}])["failures"][0]["failureCode"],
            "ImageNotFound",
        )

    def test_an_image_is_given_a_further_tag_which_can_be_pulled(self):
        image = self.push("v1")
        self.tag(image, "v2")
        for reference in ("v1", "v2", image):
            _, headers, _ = self.registry.send("HEAD", f"fb-dev-images/manifests/{reference}")
            self.assertEqual(headers["Docker-Content-Digest"], image)
        with self.assertRaises(self.ecr.exceptions.ImageAlreadyExistsException):
            self.tag(image, "v2")

    def test_an_image_is_put_on_the_conditions_of_a_push(self):
        self.call("put_image_tag_mutability", imageTagMutability="IMMUTABLE")
        self.push("v1")
        other = self.push(layer=b"other")
        with self.assertRaises(self.ecr.exceptions.ImageTagAlreadyExistsException):
            self.tag(other, "v1")
        layer = {"mediaType": "x", "digest": f"sha256:{'0' * 64}", "size": 1}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": layer, "layers": [layer]})
        with self.assertRaises(self.ecr.exceptions.LayersNotFoundException):
            self.call("put_image", imageManifest=manifest, imageTag="v3")
        with self.assertRaises(self.ecr.exceptions.ImageDigestDoesNotMatchException):
            self.call("put_image", imageManifest=manifest, imageTag="v3", imageDigest=other)

    def test_a_repository_is_deleted_with_what_was_pushed(self):
        image = self.push("v1")
        with self.assertRaises(self.ecr.exceptions.RepositoryNotEmptyException):
            self.call("delete_repository")
        self.call("delete_repository", force=True)
        self.ecr.create_repository(repositoryName="fb-dev-images")
        self.assertEqual(self.call("list_images")["imageIds"], [])
        for path in (f"manifests/{image}", f"blobs/{digest(b'layer')}"):
            self.assertEqual(self.registry.send("GET", f"fb-dev-images/{path}")[0], 404)

    def tag(self, digest, tag):
        [image] = self.call("batch_get_image", imageIds=[{"imageDigest": digest}])["images"]
        kind = {"imageManifestMediaType": image["imageManifestMediaType"]}
        self.call("put_image", imageManifest=image["imageManifest"], imageTag=tag, **kind)
