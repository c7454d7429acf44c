#!/usr/bin/python3
"""run.py [--binary B] [--jobs N] [NAME...] - runs the cases.

Each *.case file is one case, in JSON; README says what may stand in it.  A
NAME picks the cases whose name contains it.  The last line counts them; the
exit code is 77 when all were skipped, because the vendors' files are not here.
"""
import argparse
import json
import multiprocessing
import os
import shlex
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../flow")]

import contract		# noqa: E402
import house		# noqa: E402
import moneybird_replay	# noqa: E402
import tls		# noqa: E402
import woo_expect	# noqa: E402
import woo_replay	# noqa: E402
from house import Fake, Wrong, has, holds, same	# noqa: E402

SALE = {"type": "sale", "tenant": "acme", "source": "shop", "kind": "order",
        "placed": "2026-11-01T12:00:00Z", "currency": "EUR", "debtor": {},
        "payments": []}
ONE_OFF = {"--order", "--since", "--until"}	# these store no cursor
MEMBERS = {"name", "shop", "books", "source", "rules", "replace_rules",
           "do", "asked", "keys", "token"}


class Case:
    def __init__(self, t, case, spec):
        self.t, self.case, self.spec = t, case, spec
        self.plan = self.shop = self.books = None

    # --- the house ---

    def fake(self, module, plan):
        name = self.t.write(module.__name__ + ".json", json.dumps(plan))
        fake = Fake(module, name, self.t.cert("cert"), self.t.cert("key"))
        self.t.fakes.append(fake)
        return fake

    def source(self):
        given = self.case.get("source", {})
        if "sales" in given:	# a folder with a file of sales
            self.t.write("sales/a.jsonl", "".join(
                json.dumps(contract.merged(SALE, sale)) + "\n"
                for sale in given["sales"]))
            return {"connector": "folder", "path": "sales"}
        url = "https://127.0.0.1:1" if self.shop is None else self.shop.url
        return self.t.connection("woocommerce", url, since="2017-01-01",
                                 **given)

    def prepare(self):
        case, t = self.case, self.t
        if "shop" in case:
            self.plan = woo_replay.plan_of(case["shop"])
            self.shop = self.fake(woo_replay, self.plan)
        if "books" in case:
            plan = moneybird_replay.plan_of(case["books"], self.spec)
            self.books = self.fake(moneybird_replay, plan)
        t.init()
        url = "https://127.0.0.1:1" if self.books is None else \
            self.books.url
        rules = dict(contract.merged({
            "settle": "1s", "vat": dict(house.CODES),
            "accounts": house.ACCOUNTS}, case.get("rules", {})),
            **case.get("replace_rules", {}))
        name = case.get("source", {}).get("name", "shop")
        settings = self.source()
        settings.pop("name", None)
        t.tenants["acme"] = {
            "tenant": "acme", "contract": {"start": "2017-01-01"},
            "customer": {"name": "Acme B.V.", "country": "NL"},
            "sources": {name: settings},
            "books": t.connection("moneybird", url + "/api/v2",
                                  administration=moneybird_replay.OWN),
            "rules": rules}
        t.configure()
        if settings["connector"] == "woocommerce":
            t.rotate("acme", name, "consumer_key=%s\nconsumer_secret=%s\n" %
                     tuple(case.get("keys", ["ck_test", "cs_test"])),
                     "--unproven")
        t.rotate("acme", "books", "token=%s\n" % case.get("token", "token"),
                 "--unproven")

    # --- the steps ---

    def given(self, step):
        if "stdin" in step:
            return step["stdin"]
        if "again" in step:	# what an earlier step was given
            return self.given(self.case["do"][step["again"]])
        if "push" not in step:
            return None
        lines = [contract.merged(SALE, s) for s in step["push"]]
        lines.append({"type": "end", "tenant": "acme", "sales": len(lines)})
        return "".join(json.dumps(x) + "\n" for x in lines)

    def step(self, step):
        args = shlex.split(step["run"])
        r = self.t.run(*args, given=self.given(step)).must(step["exit"])
        for text in step.get("err", []):
            has(r.err, text, "standard error of " + step["run"])
        if not step.get("err"):
            same(r.err, "", "standard error of " + step["run"])
        for text in step.get("never", []):
            holds(text not in r.out + r.err, "%s says %r" % (
                step["run"], text))
        if "stream" in step:
            lines = [json.loads(x) for x in r.out.splitlines()]
            woo_expect.same_stream(lines, self.plan, step["stream"],
                                   not ONE_OFF & set(args))
        elif "json" in step:
            self.rows(r, step)
        elif "table_of" in step:
            self.codes(r, step["table_of"])
        elif step.get("out") != "any":
            same(r.out, step.get("out", ""), "what %s says" % step["run"])

    @staticmethod
    def rows(r, step):
        rows, want = r.json(), step["json"]
        if "of" in step:
            rows = [x for x in rows if x["connection"] == step["of"]]
        same(len(rows), len(want), "rows of %s: %r" % (step["run"], rows))
        for got, members in zip(rows, want):
            same({k: got.get(k) for k in members}, members, step["run"])

    def codes(self, r, names):
        """What `check --codes` prints, from the vendor's own examples."""
        rates, accounts = [moneybird_replay.one_answer(
            self.spec, *name)[2] for name in names]
        want = [["vat", x["id"], float(x["percentage"]), x["active"],
                 x["name"]] for x in rates
                if x["tax_rate_type"] == "sales_invoice"]
        want += [["account", x["id"], None, x["active"], x["name"]]
                 for x in accounts]
        got = [[x["kind"], x["code"], x["rate"] and float(x["rate"]),
                x["active"], x["name"]] for x in r.json()]
        holds(len(want) > 5, "the examples are there")
        same(sorted(got, key=str), sorted(want, key=str), "the codes")

    # --- what the vendors were asked ---

    def faults(self):
        return [f for fake in (self.shop, self.books) if fake is not None
                for f in fake.dump()["faults"]]

    def asked(self):
        want = self.case.get("asked")
        if want is None:
            return
        have = [r for r in self.books.dump()["requests"]
                if r["method"] != "get"]
        same([r["method"] + " " + r["path"].split("/123/")[1][:-5]
              for r in have], [w[0] for w in want], "the changes")
        for request, (name, members) in zip(have, want):
            got = request["body"]
            same(contract.merged(got, members), got, "the body of " + name)

    def run(self):
        self.prepare()
        try:
            for step in self.case["do"]:
                self.step(step)
            self.asked()
        finally:
            # The vendor's own complaint explains the rest.
            same(self.faults(), [], "what the vendor takes amiss")


SPEC = []	# read once, before the processes of the cases begin


def one(job):
    """(name, word, why, seconds) of a case, in a process of its own."""
    file, binary, folder, certs = job
    name, began = os.path.basename(file)[:-5], time.monotonic()
    word, why = "ok", ""
    t = house.House(binary, folder, certs)
    os.makedirs(folder)
    try:
        with open(file, encoding="utf-8") as f:
            case = json.load(f)
        holds(set(case) <= MEMBERS, "unknown members: %s" % sorted(
            set(case) - MEMBERS))
        name += ": " + case["name"]
        if "books" in case and isinstance(SPEC[0], str):
            raise contract.Absent(SPEC[0])
        Case(t, case, SPEC[0]).run()
    except contract.Absent as e:
        word, why = "SKIP", str(e)
    except Wrong as e:
        word, why = "FAIL", str(e)
    except Exception:
        word, why = "FAIL", traceback.format_exc()
    finally:
        t.end()
        shutil.rmtree(folder, ignore_errors=True)
    return name, word, why, time.monotonic() - began


def files(names):
    found = sorted(f for f in os.listdir(HERE) if f.endswith(".case"))
    return [os.path.join(HERE, f) for f in found
            if not names or any(n in f for n in names)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--binary", default=os.path.join(
        HERE, "../../build/salesync"))
    p.add_argument("--jobs", type=int, default=4)
    p.add_argument("--slow", type=int, default=1)
    p.add_argument("names", nargs="*")
    o = p.parse_args()
    house.SLOW = o.slow
    binary = os.path.abspath(o.binary)
    if not os.access(binary, os.X_OK):
        sys.exit("run.py: there is no " + binary)
    todo = files(o.names)
    top = tempfile.mkdtemp(prefix="salesync-cases-")
    certs = os.path.join(top, "certs")
    tls.make(certs)
    try:
        SPEC.append(contract.Spec.read())
    except contract.Absent as e:
        SPEC.append(str(e))
    sums = {"ok": 0, "FAIL": 0, "SKIP": 0}
    jobs = [(f, binary, os.path.join(top, os.path.basename(f)), certs)
            for f in todo]
    with multiprocessing.Pool(o.jobs) as pool:
        for name, word, why, seconds in pool.imap(one, jobs):
            sums[word] += 1
            print("%-4s %s%s, %.1f s" % (word, name, ": " + why if why
                                         else "", seconds), flush=True)
    shutil.rmtree(top, ignore_errors=True)
    if sums["SKIP"]:
        print("%d skipped" % sums["SKIP"])
    print("%d passed, %d failed" % (sums["ok"], sums["FAIL"]))
    if sums["FAIL"] or not todo:
        return 1
    return 0 if sums["ok"] else 77


if __name__ == "__main__":
    sys.exit(main())
