"""Kills of what replaces secrets: at each moment one of them works, or a person
is told, and none of them stands in the clear.
"""
import copy
import os

from ground import Stop
from scenario import Scenario

SECRET = (b"KANARIE", b"app-secret")


class Rotate(Scenario):
    """A new token in the place of the old."""

    new = "token=new\n"
    turn = 0

    def prepare(self):
        g = self.g
        g.online()
        g.stock()
        g.keep("store", "logs")
        self.names = None

    def reset(self):
        super().reset()
        self.g.books.token = "new"

    def start(self, before):
        return self.g.run("rotate-credentials", "t", "books", before=before,
                          input=self.new)

    def rerun(self):
        """Every other time it is not given again: what was stored goes on."""
        self.turn += 1
        if self.turn % 2 == 0:
            return self.start(())
        code = self.g.run("rotate-credentials", "t", "books")
        # it came to nothing, or to its end
        if code == 64 and "no secret was given" in self.g.said:
            return 0 if self.works("new") else self.start(())
        return code

    def works(self, token):
        self.g.books.token = token
        return self.g.run("check", "t") == 0

    def between(self):
        out = [] if self.works("token") or self.works("new") else \
            ["neither the old nor the new credential works"]
        self.g.books.token = "new"
        return out

    def after(self):
        return [] if self.works("new") else \
            ["the new credential does not work: " + self.g.said]


class First(Rotate):
    """The first credential makes the store."""

    def prepare(self):
        super().prepare()
        for name in ("store", "logs"):
            self.g.remove(self.g.path(name))
            os.mkdir(self.g.path(name), 0o700)
        self.g.keep("store", "logs")

    def between(self):
        return []

    def after(self):
        self.g.must("rotate-credentials", "t", "shop", input=
                    "consumer_key=ck_test\nconsumer_secret=cs_test\n")
        return super().after()


class Refresh(Scenario):
    """An access token, by a refresh token that works once."""

    grace_s = 60
    kept = ("n", "codes", "refresh", "access", "grace_s", "asked", "reused")

    def prepare(self):
        g = self.g
        g.online()
        self.oauth = g.world.oauth
        self.oauth.control({"grant": "refresh-KANARIE-0",
                            "grace_s": self.grace_s})
        g.must("rotate-credentials", "t", "books", input="client_id=app\n"
               "client_secret=app-secret\nrefresh_token=refresh-KANARIE-0\n")
        g.keep("store", "logs")
        self.then = {n: copy.deepcopy(getattr(self.oauth, n))
                     for n in self.kept}

    def reset(self):
        super().reset()
        for name, value in self.then.items():
            setattr(self.oauth, name, copy.deepcopy(value))

    def start(self, before):
        return self.g.run("rotate-credentials", "--refresh", "t", "books",
                          before=before)

    def rerun(self):
        return self.start(())

    def between(self):
        out = [] if self.g.run("check", "t") == 0 else \
            ["no credential works: " + self.g.said]
        return out + self.clear()

    def clear(self):
        """Secrets that anybody could read."""
        found = []
        for folder in ("store", "logs"):
            for at, _, names in os.walk(self.g.path(folder)):
                for name in names:
                    with open(os.path.join(at, name), "rb") as f:
                        text = f.read()
                    found += ["%s in %s" % (s.decode(), name)
                              for s in SECRET if s in text]
        return found

    def after(self):
        wrong = self.clear() + self.oauth.dump()["wrong"]
        if self.g.run("check", "t") != 0:
            wrong.append("it does not work: " + self.g.said)
        return wrong


class Once(Refresh):
    """Without grace: where the answer was lost, a person is told, and the
    vendor is left alone."""

    grace_s = 0
    step = 3

    def rerun(self):
        self.told = False
        code = self.start(())
        if code != 77 or self.oauth.reused == 0:
            return code
        self.told = self.g.said.count("S750") == 1
        return 0 if self.told else code

    def after(self):
        if not self.told:
            return super().after()
        asked, wrong = self.oauth.asked, self.clear()
        if self.start(()) != 77 or self.g.said.count("S750") != 1:
            wrong.append("the run after it: " + self.g.said)
        if self.oauth.asked != asked or self.oauth.reused > 1:
            wrong.append("the vendor is asked again")
        return wrong


SCENARIOS = {"first": First, "rotate": Rotate, "refresh": Refresh, "once": Once}
