# SPDX-License-Identifier: ISC
"""A person at a terminal, for the tests:

    typed.py [--each] PROMPT ANSWER PROGRAM ARGUMENTS...
    typed.py --answers FILE [--stop N] PROGRAM ARGUMENTS...

Runs the program on a pseudo-terminal of its own, copies what that shows to standard output, as soon as it is
shown, and exits as the program did: 128 + the signal when one ended it. Types ANSWER once PROMPT was shown, or,
with --each, whenever it is, and PROMPT is a regular expression.

A line of FILE is a regular expression, a tab, and the answer to type when what was shown since the last answer
ends with that; a line serves once, unless it begins with `*`. With --stop N the N-th answer is Ctrl-C. How
many answers were given is written to the file `answers-given`.
"""
import os
import pty
import re
import signal
import sys


def rule(prompt, answer, again):
    return re.compile(prompt), answer.encode() + b"\n", again


rules, stop, counts = [], 0, False
command = sys.argv[1:]
if command[0] == "--answers":
    for line in open(command[1], encoding="utf-8"):
        prompt, answer = line.rstrip("\n").split("\t")
        again = prompt.startswith("*")
        rules.append(rule(prompt[again:] + r"\Z", answer, again))
    command, counts = command[2:], True
    if command[0] == "--stop":
        stop, command = int(command[1]), command[2:]
elif command[0] == "--each":
    rules.append(rule(command[1], command[2], True))
    command = command[3:]
else:
    rules.append(rule(re.escape(command[0]), command[1], False))
    command = command[2:]

pid, terminal = pty.fork()
if pid == 0:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # whoever started the tests may have had them ignored
    os.execvp(command[0], command)

shown, given = "", 0


def answer_next():
    """Types the answer to the first rule that what was shown fits, and forgets what was shown up to it."""
    global shown, given
    for one in rules:
        found = one[0].search(shown)
        if found:
            given += 1
            if given > 60:
                sys.exit("too many questions")
            shown = shown[found.end():]
            if not one[2]:
                rules.remove(one)
            os.write(terminal, b"\x03" if given == stop else one[1])
            return True
    return False


while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    piece = piece.replace(b"\r", b"")
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    shown += piece.decode(errors="replace")
    while answer_next():
        pass
if counts:
    with open("answers-given", "w", encoding="utf-8") as count:
        count.write(f"{given}\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
