"""Processes that end with the local AWS, whatever ends it."""

import subprocess

# The kernel closes our end of the pipe whatever ends this process, so that `read` returns.
UNTIL_STDIN_ENDS = """
signal=$1
shift
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
(read _ <&3; kill -$signal $child; sleep 30; kill -KILL $child) >/dev/null 2>&1 &
reader=$!
wait $child
code=$?
kill $reader 2>/dev/null
exit $code
"""


def start(command, signal, **options):
    """Runs a command until it ends, or its stdin is closed: then it gets the signal, and half a minute."""
    return subprocess.Popen(
        ["sh", "-c", UNTIL_STDIN_ENDS, "sh", signal, *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
        **options,
    )
