#!/usr/bin/python3
"""subject.py [options of kill.py] - kills `subject --erase` at every one of
its system calls, and runs it again: the debtor is gone for good, old bytes
too, and nobody else is.
"""
import os
import sys

import ground
import kill

WORDS = "in other words"


class Subject(kill.Scenario):
    """A debtor with a row and, of a refused sale, details; beside another."""

    def prepare(self):
        g = self.g
        g.online()
        g.stock(ground.KINDS[:2])
        g.world.control({"faults": [{
            "kind": "refuse", "match": "^POST .*sales_invoices.json",
            "status": 422, "body": {"error": {"price": [WORDS]}}}]})
        if g.run("sync", self.tenant) != 1:
            raise ground.Stop("no sale was refused: " + g.said)
        g.more_stock()
        g.must("sync", self.tenant)
        orders = [g.shop.orders[n] for n in sorted(g.shop.orders)]
        self.gone, self.stays = [o["billing"]["email"] for o in orders[:2]]
        g.keep("store", "logs")
        for email, rows in ((self.gone, 2), (self.stays, 1)):
            if len(self.access(email)) != rows:
                raise ground.Stop("%s has not %d rows" % (email, rows))
        self.hash, self.other = map(self.hash_of, (self.gone, self.stays))

    def hash_of(self, email):
        """Under which the store has a debtor."""
        self.reset()
        self.g.must("subject", "--erase", "-", input=email + "\n")
        with open(self.g.path("store/keys/t.erased"), encoding="ascii") as f:
            return bytes.fromhex(f.read().split()[1])

    def access(self, email):
        return self.g.json_of("subject", "--access", "-", "--json",
                              input=email + "\n")

    def reset(self):
        self.g.back()

    def start(self, before):
        return self.g.run("subject", "--erase", "-", before=before,
                          input=self.gone + "\n")

    def rerun(self):
        return self.start(())

    def after(self):
        g, wrong = self.g, []
        errors = [e["detail"] for e in g.json_of("errors", "--json")]
        if errors != ["[gone]"]:
            wrong.append("the error: %s" % errors)
        with open(g.path("store/tenants/t/data.mdb"), "rb") as f:
            rows = f.read()
        if self.hash in rows:
            wrong.append("the debtor's row, or old bytes of it")
        if self.other not in rows:
            wrong.append("another debtor is gone")
        for name in ("store/keys/t.erased", "logs/t.erased"):
            if not os.path.exists(g.path(name)):
                wrong.append("there is no " + name)
        wrong += ["left behind: " + name for name in
                  os.listdir(g.path("store/tenants/t"))
                  if name not in ("data.mdb", "lock.mdb")]
        return wrong


if __name__ == "__main__":
    kill.SCENARIOS = {"subject": Subject}
    sys.exit(kill.main())
