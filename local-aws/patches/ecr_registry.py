"""ECR's registry, at /v2/ of the local AWS: the OCI distribution protocol, which MiniStack speaks."""

import atexit
import base64
import binascii
import hashlib
import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from ministack.core.persistence import PERSIST_STATE, STATE_DIR
from ministack.core.responses import (
    get_account_id,
    get_region,
    json_response,
    set_request_account_id,
    set_request_region,
)
from ministack.services import ecr

from .ecr import INDEXES, REGISTRY, _parsed

TOKEN_HOURS = 12
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def its_token_is_asked_for():
    """The registry answers who gives the token of GetAuthorizationToken (user AWS, valid for 12 hours), with the
    repositories of the token's account and region; who does not is told 401, and how to log in."""
    stock = ecr.handle_registry_request

    async def handle(method, path, headers, body, query_params):
        scope = _scope_of(headers.get("authorization", ""))
        if scope is None:
            refused = ecr._registry_error(401, "UNAUTHORIZED", "Not Authorized")
            challenge = f'Basic realm="http://{REGISTRY}/",service="ecr.amazonaws.com"'
            return refused[0], {**refused[1], "WWW-Authenticate": challenge}, b"" if method == "HEAD" else refused[2]
        set_request_account_id(scope[0])
        set_request_region(scope[1])
        return await stock(method, path, headers, body, query_params)

    def token(request):
        expires = int(time.time()) + TOKEN_HOURS * 3600
        password = base64.urlsafe_b64encode(f"{get_account_id()}:{get_region()}:{expires}".encode()).decode()
        told = {
            "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
            "expiresAt": expires,
            "proxyEndpoint": f"http://{REGISTRY}",
        }
        return json_response({"authorizationData": [told]})

    ecr.handle_registry_request, ecr._get_authorization_token = handle, token
    ecr._select_registry_request_scope = lambda *_: None


def layers_are_files():
    """Layers may be as large as they are: they are on disk, below STATE_DIR where the state is kept."""
    ecr._layer_blobs = _Blobs()


def manifests_are_checked():
    """A manifest is refused that names layers or images that were not pushed, whose digest is another than its name, or
    that would move a tag of an immutable repository."""
    stock = ecr._v2_put_manifest

    def put(name, reference, headers, body):
        if name in ecr._repositories and (fault := _fault(name, reference, headers, body or b"")):
            return ecr._registry_error(400, *fault)
        return stock(name, reference, headers, body)

    ecr._v2_put_manifest = put


def _scope_of(authorization):
    """The account and region that a login is for; None when it is not valid."""
    try:
        kind, _, login = authorization.partition(" ")
        user, _, password = base64.b64decode(login, validate=True).decode().partition(":")
        account, region, expires = base64.urlsafe_b64decode(password).decode().split(":")
    except (ValueError, binascii.Error):
        return None
    valid = kind.lower() == "basic" and user == "AWS" and int(expires) > time.time()
    return (account, region) if valid else None


def _fault(name, reference, headers, body):
    manifest = _parsed(body.decode(errors="replace"))
    if not manifest:
        return "MANIFEST_INVALID", "The image manifest is not valid JSON"
    digest = ecr._content_digest(body)
    if reference.startswith("sha256:"):
        if reference != digest:
            return "DIGEST_INVALID", f"The manifest's digest is '{digest}', not '{reference}'"
    elif ecr._repositories[name]["imageTagMutability"].startswith("IMMUTABLE"):
        if any(reference in image["imageTags"] and image["imageDigest"] != digest for image in ecr._images[name]):
            return (
                "TAG_INVALID",
                f"The image tag '{reference}' already exists in the '{name}' repository and cannot be overwritten because "
                "the tag is immutable.",
            )
    if (manifest.get("mediaType") or headers.get("content-type")) in INDEXES:
        kind, wanted, known = "Images", manifest.get("manifests", []), ecr._manifest_blobs.get(name, {})
    else:
        wanted = [manifest.get("config", {}), *manifest.get("layers", [])]
        kind, known = "Layers", ecr._layer_blobs.get(name)
    missing = [part["digest"] for part in wanted if "digest" in part and part["digest"] not in known]
    if missing:
        return (
            "MANIFEST_BLOB_UNKNOWN",
            f"{kind} with digests '{json.dumps(missing)}' required for pushing image into repository with name '{name}' in "
            f"the registry with id '{get_account_id()}' do not exist",
        )
    return None


class _Blobs:
    """The blobs of all repositories, in the place of MiniStack's dictionaries of bytes."""

    def __init__(self):
        if PERSIST_STATE:
            self._folder = Path(STATE_DIR).resolve() / "ecr"
        else:
            self._folder = Path(tempfile.mkdtemp(prefix="ecr-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def get(self, repository, _default=None):
        # A repository's name may have slashes.
        scope = f"{get_account_id()}/{get_region()}/{repository}"
        return _Folder(self._folder / hashlib.sha256(scope.encode()).hexdigest())

    setdefault = get

    def pop(self, repository, _default=None):
        shutil.rmtree(self.get(repository).path, ignore_errors=True)

    def update(self, _persisted):
        """They are where they were."""

    def clear(self):
        shutil.rmtree(self._folder, ignore_errors=True)

    def __deepcopy__(self, _memo):
        """Nothing of them is written into the state's JSON."""
        return {}


class _Folder:
    """The blobs of one repository, by digest."""

    def __init__(self, path):
        self.path = path

    def __contains__(self, digest):
        return bool(DIGEST.fullmatch(digest)) and self._file(digest).exists()

    def __setitem__(self, digest, content):
        self.path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.path, delete=False) as written:
            written.write(content)
        Path(written.name).rename(self._file(digest))

    def __getitem__(self, digest):
        return self._file(digest).read_bytes()

    def get(self, digest, default=None):
        return self[digest] if digest in self else default

    def pop(self, digest, _default=None):
        if digest in self:
            self._file(digest).unlink()

    def _file(self, digest):
        return self.path / digest.removeprefix("sha256:")


PATCHES = (its_token_is_asked_for, layers_are_files, manifests_are_checked)
