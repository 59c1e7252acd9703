"""The command line of a test that preloads a library of ours into the program: TEST PVSPLAN LIBRARY [options]."""
import argparse, os, sys


def parser(jobs):
    """With what all of them take; `jobs` at once, if not said otherwise, and each place of the program, or each `--every`th."""
    words = argparse.ArgumentParser()
    words.add_argument("pvsplan", type=os.path.abspath)
    words.add_argument("library", type=library)
    words.add_argument("--every", type=int, default=1)
    words.add_argument("--first", type=int, default=1, help="where the sample begins: the same each time, if not said otherwise")
    words.add_argument("--jobs", type=int, default=jobs)
    return words


def places(arguments, count):
    """Those of the program that are taken. Before a call is an odd one, behind it an even one: an odd step meets both."""
    return range(arguments.first, count + 1, arguments.every)


def library(path):
    """The loader only warns of one that is not there, and no fault would be injected."""
    if not os.path.exists(path):
        sys.exit(f"{path} has not been built")
    return os.path.abspath(path)
