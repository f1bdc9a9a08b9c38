# SPDX-License-Identifier: ISC
"""guided.py ANSWERS [--stop N] PROGRAM ARGUMENTS...: a person who follows a ceremony, for the tests.

Runs the program on a pseudo-terminal of its own and types, whenever what was shown since the last
answer ends with the regular expression of a line of the file ANSWERS (REGEX, a tab, and the answer), that
answer; a line serves once, unless it begins with `*`. With --stop N the N-th answer is Ctrl-C. Copies
what the terminal shows to standard output, writes how many answers it gave to the file `answers-given`,
and exits as the program did: 128 + the signal when one ended it.
"""
import os
import pty
import re
import sys

arguments = sys.argv[1:]
rules = []
for line in open(arguments.pop(0), encoding="utf-8"):
    prompt, answer = line.rstrip("\n").split("\t")
    again = prompt.startswith("*")
    rules.append([re.compile(prompt[again:] + r"\Z"), answer, again])
stop = None
if arguments[0] == "--stop":
    stop = int(arguments[1])
    arguments = arguments[2:]

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(arguments[0], arguments)

shown, given = "", 0
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    text = piece.decode(errors="replace").replace("\r", "")
    sys.stdout.write(text)
    sys.stdout.flush()
    shown += text
    for rule in rules:
        if rule[0].search(shown):
            given += 1
            if given > 60:
                sys.exit("too many questions")
            shown = ""
            if not rule[2]:
                rules.remove(rule)
            os.write(terminal, b"\x03" if given == stop else rule[1].encode() + b"\n")
            break
with open("answers-given", "w", encoding="utf-8") as count:
    count.write(f"{given}\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
