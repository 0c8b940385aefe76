"""A command at a terminal, whose output comes to ours: python3 terminal.py <columns> <what is typed after [y/N]> <command> ..."""

import fcntl
import os
import pty
import struct
import sys
import termios

columns, typed, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, int(columns), 0, 0))
    os.execvp(command[0], command)
seen = b""
while True:
    try:
        printed = os.read(terminal, 4096)
    except OSError:  # So Linux tells that nobody is at the other end any more.
        break
    if not printed:
        break
    os.write(sys.stdout.fileno(), printed)
    seen += printed
    if typed and b"[y/N] " in seen:
        os.write(terminal, typed.encode())
        typed = ""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
