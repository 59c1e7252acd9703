"""Scenarios against real parts: each in a project of its own, and one that went wrong does not end the others."""
import os, re, shutil, signal, subprocess, time

SECONDS = 180  # nothing takes so long, on a busy machine either; what does hangs

# What a shell starts in the background ignores Ctrl-C, what nohup starts a hangup, and so would the programs of a test.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, lambda *_: None)


class Failure(Exception):
    pass


def check(holds, *what):
    if not holds:
        raise Failure("\n  ".join(str(part) for part in what))


def wait_for(what, why, seconds=SECONDS):
    """What `what()` gives, once it gives something."""
    until = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > until:
            raise Failure(f"it never came: {why}")
        time.sleep(0.02)
    return found


def copy_program(program, folder):
    """Where everybody may run it. Not written by this process: what another thread of it has just forked would hold the file
    open for writing, and nobody could run it in that moment ("Text file busy")."""
    subprocess.run(["cp", program, folder], check=True)
    return os.path.join(folder, os.path.basename(program))


def wait_until_it_heeds(process, number):
    """From here on that signal does what the process has for it; or it has ended."""
    def heeds():
        try:
            with open(f"/proc/{process.pid}/status") as file:
                masks = re.findall(r"^Sig(?:Blk|Cgt):\t(\w+)$", file.read(), re.M)
        except OSError:
            return True
        return process.poll() is not None or any(int(mask, 16) & 1 << number - 1 for mask in masks)
    wait_for(heeds, f"somebody who heeds {number.name}")


def patiently(what, enough=lambda: False):
    """Does it to a folder; the keeper of jobs that have just ended may be at work in it for some seconds more."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return what()
        except OSError:  # shutil.Error is one
            if enough():
                return None
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def remove(folder):
    """With what it holds."""
    patiently(lambda: shutil.rmtree(folder), enough=lambda: not os.path.exists(folder))


def copy(folder, to):
    """With what it holds, none of which came or went meanwhile."""
    def once():
        remove(to)
        shutil.copytree(folder, to, symlinks=True)
    patiently(once)


def chosen(scenarios, names):
    """Those that are named, all if none is."""
    return [scenario for scenario in scenarios if not names or scenario.__name__ in names]


def is_right(scenario, project):
    """Runs it, says how it went and closes its project."""
    began = time.monotonic()
    try:
        scenario(project)
        print(f"ok    {scenario.__name__} ({time.monotonic() - began:.1f} s): {scenario.__doc__}")
        return True
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        print(f"WRONG {scenario.__name__}: {scenario.__doc__}\n{failure}")
        return False
    finally:
        project.close()
