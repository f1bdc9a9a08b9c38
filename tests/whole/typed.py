# SPDX-License-Identifier: ISC
"""typed.py [--each] PROMPT ANSWER PROGRAM ARGUMENTS...: a person at a terminal, for the tests.

Runs the program on a pseudo-terminal of its own, types ANSWER once PROMPT was shown (with --each whenever
it is, and PROMPT is a regular expression), copies what the terminal shows to standard output, as soon as it
is shown, and exits as the program did.
"""
import os
import pty
import re
import sys

each = sys.argv[1] == "--each"
prompt, answer, *command = sys.argv[2 if each else 1:]
prompt = re.compile((prompt if each else re.escape(prompt)).encode())
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)

shown = b""
answered = 0
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
    while answered < len(prompt.findall(shown)) and (each or answered == 0):
        os.write(terminal, answer.encode() + b"\n")
        answered += 1
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
