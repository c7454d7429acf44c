"""What is killed at each of its system calls, and what must be true then."""
import ground
from ground import Stop


class Scenario:
    """What is run, and what must be true after it was killed and run again."""

    tenant = "t"
    roles = (0,)
    group = False
    step = 1			# each point, or every third, ...

    def __init__(self, g, killat):
        self.g, self.killat, self.out = g, killat, g.path("trace")
        self.prepare()

    def prepare(self):
        """A store to begin each trial with, and what is right."""

    def reset(self):
        self.g.back()
        self.g.books_back()

    def start(self, before):
        """The run that is killed."""
        return self.g.run("sync", self.tenant, before=before)

    def rerun(self):
        return self.g.run("sync", self.tenant, clock=ground.fast_clock())

    def done(self):
        """What must be true after the run that was to be killed ended well."""
        return self.g.faults()

    def between(self):
        """What must be true at once, whatever the run had come to."""
        return []

    def after(self):
        """What must be true in the end."""
        return self.g.faults()

    def clean(self):
        """Look at what a clean run leaves."""

    # ---- the same for all ----

    def trace(self, role=0, at=0):
        return [self.killat, "-r", str(role), "-n", str(at), "-o", self.out,
                *(["-g"] if self.group else []), "--"]

    def count(self, role):
        """How many calls a clean run makes, and which is the first that
        counts."""
        self.reset()
        code = self.start(self.trace(role))
        if code != 0:
            raise Stop("a clean run ends with %d: %s" % (code, self.g.said))
        self.clean()
        return ground.traced(self.out)[0][role]

    def trial(self, role, at):
        """One kill: what is wrong after it, and whether it was reached."""
        self.reset()
        code = self.start(self.trace(role, at))
        killed = ground.traced(self.out)[1]
        self.g.idle()
        wrong = self.done() if code == 0 else []
        wrong = ["success before it was done: " + w for w in wrong]
        wrong += self.between()
        said = self.g.said
        again = self.g.again(self.rerun)
        self.g.idle()
        if again != 0:
            wrong.append("the rerun ends with %d: %s" % (again, self.g.said))
        if "S506" in self.g.said:
            wrong.append("a crash passes for a restored backup")
        wrong += self.after()
        if wrong:
            wrong.append("(the killed run: %d %s)" % (code, said.strip()))
        return wrong, killed is not None
