"""Where MiniStack answers differently from AWS, mended: one module per service, one function per behaviour.

A patch's docstring states the AWS behaviour that it restores. The patches reach into MiniStack, so they fit one version
only.
"""

import importlib
import importlib.metadata
import pkgutil

MINISTACK = "1.5.33"


class PatchError(Exception):
    """Says which patch does not fit, and what to do."""


def all_patches():
    """(service, patch) for every patch, by service."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        for patch in getattr(importlib.import_module(f"{__name__}.{module.name}"), "PATCHES", ()):
            yield module.name.rstrip("_"), patch


def apply():
    found = importlib.metadata.version("ministack")
    if found != MINISTACK:
        raise PatchError(f"the patches fit MiniStack {MINISTACK}, found {found}; install local-aws/requirements.txt.")
    for service, patch in all_patches():
        try:
            patch()
        except Exception as error:
            raise PatchError(f"patch {service}.{patch.__name__} does not fit MiniStack {found}: {error!r}.") from error
