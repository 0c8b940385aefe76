"""Runs a command; writes what it and every process that it waited for took, as JSON, to a file: seconds of CPU (user
and system) and of wall clock, and the resident memory of the largest of them in MB."""

import json
import resource
import subprocess
import sys
import time

_, report, *command = sys.argv
started = time.monotonic()
code = subprocess.call(command, stdin=subprocess.DEVNULL)
wall = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024  # macOS tells bytes, Linux kilobytes.
with open(report, "w") as file:
    json.dump({"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "memory": usage.ru_maxrss * unit / 1e6}, file)
sys.exit(code)
