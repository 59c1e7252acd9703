"""What is said of a change, as Markdown that a forge shows and does not act upon.

A plan is written by whoever opens a pull request, and forges do things on words: they notify, close, link, fetch a picture.
`inert` takes that from any text; a text that is too long loses whole sections, never half of one.
"""
import re

MARKER = "<!-- pvsplan review -->"
BREAK = "\u200b"  # no width: it is not seen, and no word of a forge has it inside

# What turns the direction of writing, and every control character but the end of a line and a tab.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udfff]")
# After each of these a break: mentions, HTML (but for the line breaks of our own), links and pictures, addresses, and
# numbers that are issues or pull requests somewhere.
ACTS = re.compile(r"@|<(?!br>)|\](?=[(\[:])|:(?=//)|\bwww(?=\.)|[#!$&%~](?=\d)|\bGH(?=-\d)", re.IGNORECASE)
COMMAND = re.compile(r"^([\s>*+-]*)/", re.MULTILINE)  # `/close` begins a line where GitLab does it


def inert(text):
    """The same to read, with nothing in it that a forge acts upon."""
    text = STEERING.sub("\ufffd", text)
    text = ACTS.sub(lambda found: found[0] + BREAK, text)
    return COMMAND.sub(lambda found: found[1] + BREAK + "/", text)


def is_same(one, other):
    """Whether a forge that keeps ends of lines in its own way has the one where it was given the other."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def logged(text):
    """Lines for the log of a job, in which `::` and `##` would be commands to whoever runs it."""
    text = STEERING.sub("\ufffd", text)
    return text.replace("##", f"#{BREAK}#").replace("::", f":{BREAK}:")


def fenced(text):
    """A block that nothing inside of it ends."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}\n"


def sections_of(markdown):
    """The text as sections, each of which begins with a heading `### `, outside of any block."""
    sections = []
    block = None
    for line in markdown.splitlines(keepends=True):
        fence = re.match(r" {0,3}(`{3,})", line)
        if block is None and fence:
            block = fence[1]
        elif block is not None and fence and len(fence[1]) >= len(block) and not line.strip().strip("`"):
            block = None
        if not sections or (block is None and line.startswith("### ")):
            sections.append("")
        sections[-1] += line
    return sections


def length(text):
    """As the forges count it, or more: a character beyond the first 65,536 of Unicode counts as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitted(head, sections, limit):
    """As many whole sections, from the first on, as there is room for, and how many there is none for."""
    def left_out(number):
        thing = "section is" if number == 1 else "sections are"
        return f"\n{number} more {thing} too long for a comment; `pvsplan diff` shows all.\n" if number else ""

    room = limit - length(head) - length(left_out(len(sections)))
    kept = []
    for section in sections:
        text = "\n" + section.rstrip("\n") + "\n"
        if length(text) > room:
            continue
        kept.append(text)
        room -= length(text)
    return head + "".join(kept) + left_out(len(sections) - len(kept))
