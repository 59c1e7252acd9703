#!/usr/bin/env python3
"""A model of a Windows host behind a real sshd (as its ForceCommand): takes the questions of ssh_windows.cpp apart and
answers as windows_scripts.cpp says. Jobs are files in the folder given as argument."""
import base64, json, os, re, sys

folder = sys.argv[1]
command = os.environ["SSH_ORIGINAL_COMMAND"].split(" ")
assert command[0] == "powershell.exe" and command[-2] == "-EncodedCommand"
assert "ReadToEnd" in base64.b64decode(command[-1], validate=True).decode("utf-16-le")
count, text = sys.stdin.read().split()
if int(count) != len(text):
    sys.exit(99)
script = base64.b64decode(text, validate=True).decode("utf-8")
ask = json.loads(base64.b64decode(re.search(r"FromBase64String\('([^']*)'\)", script).group(1)))
job = os.path.join(folder, ask["key"])


def reply(**words):
    print("pvsplan " + base64.b64encode(json.dumps(words).encode()).decode(), end="\r\n")
    sys.exit(0)


if ask["ask"] != "observe":
    try:
        fd = os.open(job, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(fd, b"begun" if ask["ask"] == "start" else b"void")
        if ask["ask"] == "start":
            with open(os.path.join(folder, "ran"), "a") as ran:
                ran.write(ask["key"] + "\n")
    except FileExistsError:
        pass
    if open(job).read() == "void":
        reply(**{"is": "unknown"})
    if os.path.exists(os.path.join(folder, "wait")):
        reply(**{"is": "running", "text": "\nworking\n"})
reply(**{"is": "ended", "status": 3010, "out": ask["arguments"], "err": "ü"})
