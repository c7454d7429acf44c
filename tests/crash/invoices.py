#!/usr/bin/python3
"""invoices.py [options of kill.py] - kills `invoices import` at every one of
its system calls, and runs it again: all invoices of the file are there, or
before that none, each once.
"""
import os
import re
import sys

import kill
from ground import Stop

CSV = """number,date,tenant,currency,excl,vat,incl,name
1,2026-01-31,t,EUR,100.00,21.00,121.00,
2,2026-02-28,t,EUR,100.00,21.00,121.00,
3,2020-02-29,gone,EUR,10.00,2.10,12.10,Gone V.O.F.
"""
# What the next write or removal of the file beside it takes along.
SWEPT = re.compile(r"\.@operator\.(generation|ring)\.[0-9]+\.tmp$")


class Invoices(kill.Scenario):
    """Into a store that is not there yet."""

    def prepare(self):
        self.g.local(self.tenant)
        self.g.write("i.csv", CSV)
        self.g.keep("store", "logs")
        self.names = None

    def reset(self):
        self.g.back()

    def start(self, before):
        return self.g.run("invoices", "import", self.g.path("i.csv"),
                          before=before)

    def rerun(self):
        return self.start(())

    def clean(self):
        self.names = self.listed()
        if len(self.invoices()) != 3:
            raise Stop("a clean run takes in %s" % self.invoices())

    def listed(self):
        return sorted(os.path.relpath(os.path.join(d, n), self.g.dir)
                      for d, _, names in os.walk(self.g.path("store"))
                      for n in names if not SWEPT.match(n))

    def invoices(self):
        rows = self.g.json_of("invoices", "list", "--json")
        return sorted((r["number"], r["tenant"], r["incl"]) for r in rows)

    def between(self):
        if not os.path.exists(self.g.path("store/operator/data.mdb")) or \
                len(self.invoices()) in (0, 3):
            return []
        return ["half a file: %s" % self.invoices()]

    def after(self):
        wrong = []
        if self.invoices() != [("1", "t", "121.00"), ("2", "t", "121.00"),
                               ("3", "gone", "12.10")]:
            wrong.append("there are %s" % self.invoices())
        if self.names is not None and self.listed() != self.names:
            wrong.append("files: %s" % (set(self.listed()) ^
                                        set(self.names)))
        return wrong


if __name__ == "__main__":
    kill.SCENARIOS = {"invoices": Invoices}
    sys.exit(kill.main())
