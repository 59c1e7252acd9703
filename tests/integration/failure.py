"""What a test of scenarios says of one that went wrong, without ending the others."""


class Failure(Exception):
    pass


def check(holds, *what):
    if not holds:
        raise Failure("\n  ".join(str(part) for part in what))
