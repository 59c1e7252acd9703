"""Scenarios against real parts: each in a project of its own, and one that went wrong does not end the others."""
import subprocess, time


class Failure(Exception):
    pass


def check(holds, *what):
    if not holds:
        raise Failure("\n  ".join(str(part) for part in what))


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
    except (Failure, subprocess.SubprocessError) as failure:
        print(f"WRONG {scenario.__name__}: {scenario.__doc__}\n{failure}")
        return False
    finally:
        project.close()
