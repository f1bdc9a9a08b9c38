# SPDX-License-Identifier: ISC
"""typed.py PROMPT ANSWER PROGRAM ARGUMENTS...: a person at a terminal, for the tests.

Runs the program on a pseudo-terminal of its own, types ANSWER once PROMPT was shown, copies what the
terminal shows to standard output, as soon as it is shown, and exits as the program did.
"""
import os
import pty
import sys

prompt, answer, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)

shown = b""
answered = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    sys.stdout.buffer.write(piece.replace(b"\r", b""))
    sys.stdout.buffer.flush()
    if not answered and prompt in shown:
        os.write(terminal, answer + b"\n")
        answered = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
