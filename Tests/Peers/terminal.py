#!/usr/bin/env python3
"""Runs a command at a terminal of its own, answers its questions, and prints what a person would have seen.

usage: terminal.py COMMAND [PROMPT ANSWER]...    Each answer is typed when its prompt was seen; ends with the command's exit code.
"""
import os, pty, re, signal, sys

signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whoever started this may have blocked some
signal.alarm(30)  # a question that nobody asked must not wait for ever
command, dialogue = sys.argv[1], list(zip(sys.argv[2::2], sys.argv[3::2]))
child, terminal = pty.fork()
if child == 0:
    os.execvp("/bin/sh", ["/bin/sh", "-c", command])
seen = ""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data.decode(errors="replace")
    if dialogue and dialogue[0][0] in seen:
        os.write(terminal, (dialogue.pop(0)[1] + "\n").encode())
# What was erased again on a line is not there to be seen in the end.
print("\n".join(re.sub(r"^.*\x1b\[K", "", line) for line in seen.replace("\r\n", "\n").split("\n")), end="")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
