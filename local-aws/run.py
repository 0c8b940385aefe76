"""Starts the local AWS: MiniStack with the patches of this folder. Takes MiniStack's own environment variables, and

PARENT_PID   stop when this process is gone (default: run until SIGTERM)

Serves HTTP on a loopback address only (BIND_HOST, default 127.0.0.1). Writes its state on SIGTERM when PERSIST_STATE=1.
"""

import ipaddress
import os
import signal
import sys
import threading
import time

PARENT_POLL_SECONDS = 2


def main():
    if sys.argv[1:]:
        sys.exit(
            f"local-aws: run.py takes no arguments, got {' '.join(sys.argv[1:])}; settings are environment variables."
        )
    confine(os.environ)
    parent = os.environ.pop("PARENT_PID", None)
    if parent:
        stop_with(parent)
    load().main()


def confine(environment):
    """Nothing of this server may be reachable from outside, and no Lambda function may inherit the caller's AWS
    settings."""
    host = environment.setdefault("BIND_HOST", "127.0.0.1")
    if not is_loopback(host):
        sys.exit(f"local-aws: BIND_HOST must be a loopback address, got {host}; set BIND_HOST=127.0.0.1.")
    # These two listeners of MiniStack bind to every interface.
    environment.update(IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")
    # MiniStack gives its own environment to the functions: credentials, profiles or endpoints of the caller would lead
    # them to the real AWS.
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load():
    """MiniStack's application with every patch applied. A patch that does not fit ends the program: a half-patched AWS
    would mislead."""
    try:
        import ministack.app
        import patches
    except ImportError as error:
        sys.exit(f"local-aws: {error}; install local-aws/requirements.txt into the Python that runs this.")
    try:
        patches.apply()
    except patches.PatchError as error:
        sys.exit(f"local-aws: {error}")
    return ministack.app


def stop_with(parent):
    if not parent.isdigit() or not (born := birth(int(parent))):
        sys.exit(f"local-aws: PARENT_PID must be a running process, got {parent}.")

    def watch():
        while birth(int(parent)) == born:
            time.sleep(PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def birth(pid):
    """What tells a running process from a later one with its number: on Linux its start time, elsewhere True. None when
    it is gone."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        return None
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return None if os.path.exists("/proc/self/stat") else True
    state, start = fields[0], fields[19]
    return None if state == "Z" else start


if __name__ == "__main__":
    main()
