import json
import pathlib
import tempfile
import time
from base64 import b64decode, urlsafe_b64encode

from registry import MANIFEST, Registry, basic, digest
from server import AwsTest, Server, new_account, shared

INDEX = "application/vnd.oci.image.index.v1+json"
NAME = "team/images"


class Pushes(AwsTest):
    def setUp(self):
        super().setUp()
        self.ecr = self.aws("ecr")
        self.ecr.create_repository(repositoryName=NAME)
        self.registry = Registry(shared().url, self.ecr)

    def test_who_gives_no_valid_token_is_told_how_to_log_in(self):
        expired = urlsafe_b64encode(f"{self.account}:eu-west-1:{int(time.time()) - 1}".encode()).decode()
        password = b64decode(self.registry.login["Authorization"].split()[1]).decode().split(":")[1]
        for login in ("", "Basic", "Bearer x", basic("AWS", "x"), basic("AWS", expired), basic("root", password)):
            for path in ("", f"{NAME}/manifests/v1"):
                status, headers, body = self.registry.send("GET", path, Authorization=login)
                self.assertEqual((status, json.loads(body)["errors"][0]["code"]), (401, "UNAUTHORIZED"))
                self.assertRegex(headers["WWW-Authenticate"], '^Basic realm="http://127.0.0.1:[0-9]+/"')
        self.assertEqual(self.registry.send("GET", "", Authorization=basic("AWS", password))[0], 200)

    def test_the_token_says_where_and_for_how_long_it_is_valid(self):
        data = self.ecr.get_authorization_token()["authorizationData"][0]
        self.assertEqual(data["proxyEndpoint"], shared().url)
        self.assertAlmostEqual(data["expiresAt"].timestamp(), time.time() + 12 * 3600, delta=60)

    def test_each_account_and_region_has_its_own_repositories(self):
        image = self.registry.push(NAME, "v1")
        elsewhere = self.aws("ecr", "us-east-1")
        other = shared().client("ecr", new_account())
        self.addCleanup(other.close)
        for client in (elsewhere, other):
            client.create_repository(repositoryName=NAME)
            registry = Registry(shared().url, client)
            self.assertEqual(registry.send("GET", f"{NAME}/manifests/v1")[0], 404)
            self.assertEqual(registry.send("GET", f"{NAME}/blobs/{digest(b'layer')}")[0], 404)
        self.assertEqual(self.registry.send("GET", f"{NAME}/manifests/v1")[1]["Docker-Content-Digest"], image)

    def test_an_image_is_pulled_as_it_was_pushed(self):
        layer = bytes(range(256)) * 40_000
        image = self.registry.push(NAME, "v1", layer)
        for reference in ("v1", image):
            status, headers, body = self.registry.send("GET", f"{NAME}/manifests/{reference}", Accept=MANIFEST)
            self.assertEqual((status, headers["Content-Type"], digest(body)), (200, MANIFEST, image))
        _, headers, nothing = self.registry.send("HEAD", f"{NAME}/blobs/{digest(layer)}")
        self.assertEqual((headers["Content-Length"], nothing), (str(len(layer)), b""))
        self.assertEqual(self.registry.send("GET", f"{NAME}/blobs/{digest(layer)}")[2], layer)

    def test_a_layer_is_pushed_in_one_request_or_mounted_from_another_repository(self):
        status, headers, _ = self.registry.send("POST", f"{NAME}/blobs/uploads/?digest={digest(b'one')}", b"one")
        self.assertEqual((status, headers["Docker-Content-Digest"]), (201, digest(b"one")))
        self.ecr.create_repository(repositoryName="other")
        mount = f"other/blobs/uploads/?mount={digest(b'one')}&from={NAME}"
        self.assertEqual(self.registry.send("POST", mount, b"")[0], 201)
        self.assertEqual(self.registry.send("GET", f"other/blobs/{digest(b'one')}")[2], b"one")
        unknown = f"other/blobs/uploads/?mount={digest(b'two')}&from={NAME}"
        self.assertEqual(self.registry.send("POST", unknown, b"")[0], 202)

    def test_a_layer_with_another_content_or_an_odd_name_is_refused(self):
        upload = f"{NAME}/blobs/uploads/?digest={digest(b'one')}"
        self.assertEqual(self.registry.send("POST", upload, b"two")[0], 400)
        for name in (f"sha256:{'0' * 64}", "sha256:../../state", "..%2F..%2Fetc%2Fpasswd"):
            self.assertEqual(self.registry.send("GET", f"{NAME}/blobs/{name}")[0], 404)
        self.assertEqual(self.registry.send("POST", "gone/blobs/uploads/", b"")[0], 404)

    def test_a_manifest_is_refused_that_is_not_complete(self):
        layer = {"digest": digest(b"one"), "size": 3}
        body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": layer, "layers": []}).encode()
        self.refused("v1", body, "MANIFEST_BLOB_UNKNOWN", digest(b"one"))
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": digest(body), "size": len(body)}]}
        self.refused("v1", json.dumps(index).encode(), "MANIFEST_BLOB_UNKNOWN", digest(body))
        self.registry.upload(NAME, b"one")
        self.refused(digest(b"other"), body, "DIGEST_INVALID", digest(body))
        self.refused("v1", b"no JSON", "MANIFEST_INVALID", "not valid")
        self.assertEqual(self.registry.put(NAME, digest(body), body)[0], 201)
        self.assertEqual(self.registry.put(NAME, "all", json.dumps(index).encode(), INDEX)[0], 201)

    def test_a_tag_moves_unless_the_repository_is_immutable(self):
        self.registry.push(NAME, "v1")
        moved = self.registry.push(NAME, "v1", b"other")
        self.assertEqual(self.registry.send("HEAD", f"{NAME}/manifests/v1")[1]["Docker-Content-Digest"], moved)
        self.ecr.put_image_tag_mutability(repositoryName=NAME, imageTagMutability="IMMUTABLE")
        self.assertEqual(self.registry.push(NAME, "v1", b"other"), moved)
        body = self.registry.send("GET", f"{NAME}/manifests/{self.registry.push(NAME, 'v2')}")[2]
        self.refused("v1", body, "TAG_INVALID", "immutable")

    def refused(self, reference, body, code, said):
        status, _, answer = self.registry.put(NAME, reference, body)
        [error] = json.loads(answer)["errors"]
        self.assertEqual((status, error["code"]), (400, code))
        self.assertIn(said, error["message"])


class Life(AwsTest):
    def test_images_survive_a_restart_and_their_layers_are_not_in_the_state(self):
        with tempfile.TemporaryDirectory(prefix="local-aws-") as folder:
            layer = b"layer in a file" * 1000
            server = Server(folder, PERSIST_STATE="1")
            ecr = server.client("ecr", self.account)
            ecr.create_repository(repositoryName=NAME)
            image = Registry(server.url, ecr).push(NAME, "v1", layer)
            server.stop()
            self.assertLess(pathlib.Path(folder, "state/ecr.json").stat().st_size, len(layer))

            again = Server(folder, PERSIST_STATE="1")
            self.addCleanup(again.stop)
            registry = Registry(again.url, again.client("ecr", self.account))
            self.assertEqual(registry.send("HEAD", f"{NAME}/manifests/v1")[1]["Docker-Content-Digest"], image)
            self.assertEqual(registry.send("GET", f"{NAME}/blobs/{digest(layer)}")[2], layer)
