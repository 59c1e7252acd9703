"""A toy farm: boxes with a mark, and an action that writes it, which a test can hold up or let fail."""
import os, tempfile

from scenarios import remove, wait_for

# Of each box `ran-BOX` says what has run on it. A text is not written while there is `hold-TEXT` (some minutes at most: a
# test may have died), nor begun where there is `fail-TEXT`.
MODULE = r"""
module: site
summary: A box with a mark.
kinds:
  box:
    plural: boxes
    state:
      mark: {type: string, default: none}
    observe:
      command: [sh, -c, 'printf "{\"mark\":\"%s\"}" "$(cat "DIR/mark-$0" 2>/dev/null || echo none)"', "${on.name}"]
actions:
  set:
    summary: Write the mark.
    on: box
    parameters: {text: {type: string}}
    does: mark(on)
    sets: {on.mark: "${text}"}
    run:
      command:
        - sh
        - -c
        - |
          [ ! -e "DIR/fail-$0" ] || exit 9
          echo $0 >> "DIR/ran-$1"; echo "half of $0"
          while [ -e "DIR/hold-$0" ] && [ $((n += 1)) -lt 9999 ]; do sleep 0.05; done
          printf %s $0 > "DIR/mark-$1"
        - "${text}"
        - "${on.name}"
    undo: {do: site.set, with: {text: "${before.mark}"}}
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: one, do: site.set, on: box, with: {text: one}}
  - {id: two, do: site.set, on: box, with: {text: two}}
  - {id: three, do: site.set, on: box, with: {text: three}}
"""
TEXTS = ["one", "two", "three"]


def plan_of_all(texts, at_most):
    """Each text in turn on every box, so many boxes at once."""
    steps = "".join(f"      - {{id: {text}, do: site.set, on: it, with: {{text: {text}}}}}\n" for text in texts)
    return f"""
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - for_each: it in boxes
    id: all
    at_most: {at_most}
    steps:
{steps}"""


class Toy:
    """A folder with the module, and the files that are given; DIR is the folder in each of them."""

    def __init__(self, **files):
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        for name, text in {"site": MODULE, **files}.items():
            self.put(f"{name}.yaml", text.replace("DIR", self.folder).lstrip())

    def put(self, name, text=""):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def text(self, name):
        try:
            with open(f"{self.folder}/{name}") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def take(self, name):
        """From here on that file is not there."""
        if os.path.exists(f"{self.folder}/{name}"):
            os.remove(f"{self.folder}/{name}")

    def hold(self, *texts):
        for text in texts:
            self.put(f"hold-{text}")

    def release(self, *texts):
        for text in texts:
            self.take(f"hold-{text}")

    def ran(self, box="a"):
        return self.text(f"ran-{box}").split()

    def mark(self, box="a"):
        return self.text(f"mark-{box}")

    def began(self, text, *boxes):
        """Waits until that is under way on those boxes; on any, if none is named."""
        def is_there():
            ran = [text in self.ran(box) for box in boxes or "ab"]
            return all(ran) if boxes else any(ran)
        wait_for(is_there, f"the command that writes {text}")

    def release_all(self):
        for name in os.listdir(self.folder):
            if name.startswith("hold-"):
                self.take(name)

    def close(self):
        self.release_all()
        remove(self.folder)
