#!/usr/bin/python3
"""run.py [--binary B] [WORD...] - books the cases of *.yaml and judges them.

All cases are tenants of one house, booked in one run for each step and
moment.  README says what may stand in a case.  The last line counts.
"""
import argparse
import collections
import datetime
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal

import yaml

import ubl_files

HERE = os.path.dirname(os.path.abspath(__file__))
STEP = {"sales", "books", "refused", "says", "exit", "at", "command"}
CASE = STEP | {"case", "rules", "source", "customer", "then", "ledger", "ubl"}
KINDS = ("article", "shipping", "discount", "fee", "giftcard", "deposit",
         "tip", "donation", "difference", "rounding")
CENT = {"JPY": Decimal(1), "KWD": Decimal("0.001")}


class Text(yaml.SafeLoader):
    """Numbers and days stay the texts that they are."""


Text.yaml_implicit_resolvers = {
    letter: [(tag, regexp) for tag, regexp in rules
             if tag.endswith((":bool", ":null", ":merge"))]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


class Wrong(Exception):
    pass


def load(path):
    with open(path, encoding="utf-8") as f:
        return yaml.load(f, Text)


def laid(over, under):
    """under with over laid on it; null takes a key away."""
    if not isinstance(over, dict) or not isinstance(under, dict):
        return over
    out = dict(under)
    for key, value in over.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = laid(value, under.get(key))
    return out


def moment(text):
    return text + "T12:00:00Z" if len(text) == 10 else text


def cents(amount, currency):
    return amount.quantize(CENT.get(currency, Decimal("0.01")),
                           ROUND_HALF_UP)


def line(given, currency):
    out = {"kind": "article", "description": "Thing", **given}
    country, rate = out.pop("rate", "NL 0").split()
    out.setdefault("vat_rate", rate)
    out.setdefault("vat_country", country)
    share = Decimal(out["vat_rate"]) / 100
    if "incl" in out:
        incl = Decimal(out.pop("incl"))
        out.setdefault("vat", str(cents(incl - incl / (1 + share), currency)))
        out["excl"] = str(incl - Decimal(out["vat"]))
    out.setdefault("vat", str(cents(Decimal(out["excl"]) * share, currency)))
    if out["kind"] not in KINDS:
        raise Wrong("kind %r of a line" % out["kind"])
    return out


def sale(given):
    """A line of the stream, of what the case says in short."""
    out = {"kind": "order", "placed": "2026-03-02", "currency": "EUR", **given}
    lines = [line(dict(l), out["currency"]) for l in out.get("lines", [])]
    out["lines"] = lines
    for name in ("placed", "paid", "shipped"):
        if out.get(name):
            out[name] = moment(out[name])
    excl = sum((Decimal(l["excl"]) for l in lines), Decimal(0))
    vat = sum((Decimal(l["vat"]) for l in lines), Decimal(0))
    out.setdefault("excl", str(excl))
    out.setdefault("incl", str(excl + vat))
    buyer = out.pop("buyer", None)
    if isinstance(buyer, str):
        buyer = {"country": buyer, "name": "B. Uyer",
                 "email": "buyer%s@example.org" % out["id"]}
    out["debtor"] = buyer
    paid = out.pop("paid_by", None)
    if isinstance(paid, str):
        paid = {paid: out["incl"]}
    out["payments"] = [{"method": m, "amount": a}
                       for m, a in (paid or {}).items()]
    return out


class Case:
    def __init__(self, given, name, presets):
        if set(given) - CASE:
            raise Wrong("%s: no such key: %s" % (given.get("case"),
                                                 set(given) - CASE))
        self.text, self.name = given["case"], name
        self.faults, self.held = [], {}
        self.steps = [{k: v for k, v in given.items() if k in STEP}]
        self.steps += given.get("then", [])
        for step in self.steps:
            if set(step) - STEP:
                raise Wrong("%s: no such key: %s" % (self.text,
                                                     set(step) - STEP))
        self.rules = laid(given.get("rules", {}), presets["rules"])
        self.tenant = {
            "tenant": name, "contract": {"start": "2020-01-01"},
            "customer": laid(given.get("customer", {}), presets["customer"]),
            "sources": {"shop": {"connector": "folder", "path": name,
                                 "since": "2020-01-01",
                                 **given.get("source", {})}},
            "books": {"connector": "journal", "file": name + ".journal",
                      "currency": "", **given.get("ledger", {})},
            "rules": self.rules}
        self.ubl = "ubl" in given
        if self.ubl:
            self.tenant["books"] = laid({"folder": name + ".ubl",
                                         **given["ubl"]}, ubl_files.SELLER)
        elif not self.tenant["books"]["currency"]:
            del self.tenant["books"]["currency"]

    def accounts(self):
        """Every account that the rules name."""
        found = {"Assets:Debtors"}
        todo = [self.rules.get("vat"), self.rules.get("accounts"),
                self.rules.get("articles"), self.rules.get("turnover"),
                self.tenant["books"]]
        while todo:
            v = todo.pop()
            if isinstance(v, dict):
                todo += v.values()
            elif isinstance(v, list):
                todo += v
            elif re.match(r"(Assets|Liabilities|Income|Expenses|Equity):",
                          str(v)):
                found.add(v)
        return found


class House:
    def __init__(self, binary):
        self.binary, self.dir = binary, tempfile.mkdtemp(prefix="rules-")

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run(self, *args, at=None, tenant=()):
        clock = ["faketime", "-f", "@" + at] if at else []
        return subprocess.run([*clock, self.binary, "-c",
                               self.path("sync.yaml"), *args, *tenant],
                              capture_output=True, text=True, check=False,
                              env=dict(os.environ, TZ="UTC"))

    def init(self, cases):
        r = self.run("init")
        if r.returncode != 0:
            sys.exit(r.stderr)
        for left in glob.glob(self.path("tenants.d", "*")):
            os.unlink(left)
        for case in cases:
            os.mkdir(self.path(case.name))
            if case.ubl:
                os.mkdir(self.path(case.name + ".ubl"))
            with open(self.path("tenants.d", case.name + ".yaml"), "w",
                      encoding="utf-8") as f:
                json.dump(case.tenant, f, ensure_ascii=False)

    def journal(self, case):
        """{reference: (day, {account: amount}, text)}"""
        if case.ubl:
            return ubl_files.read(self.path(case.name + ".ubl"))
        path, out = self.path(case.name + ".journal"), {}
        if not os.path.exists(path):
            return out
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for ref, body in re.findall(r"^; begin (\S+)\n(.*?)^; end \1$", text,
                                    re.M | re.S):
            if ref in out:
                raise Wrong("%s is there twice" % ref)
            day = re.search(r"^(\d{4}-\d\d-\d\d) \*", body, re.M).group(1)
            postings = collections.defaultdict(Decimal)
            for account, amount in re.findall(
                    r"^  ([A-Z][\w:-]+)  (-?[\d.]+) [A-Z]{3}", body, re.M):
                postings[account] += Decimal(amount)
            if sum(postings.values()) != 0:
                raise Wrong("%s does not add up" % ref)
            out[ref] = (day, dict(postings), body)
        return out

    def judge(self, case):
        """By those who did not write it."""
        journal, declared = case.name + ".journal", case.name + ".all"
        if not os.path.exists(self.path(journal)):
            return
        with open(self.path(declared), "w", encoding="utf-8") as f:
            for account in sorted(case.accounts()):
                f.write("account %s\n" % account)
            for currency in ("EUR", "JPY", "KWD", "USD", "GBP"):
                f.write("commodity %s\n" % currency)
            f.write("include %s\n" % journal)
        for command in (["hledger", "-f", declared, "check", "--strict"],
                        ["bean-check", "-C", journal]):
            r = subprocess.run(command, cwd=self.dir, capture_output=True,
                               text=True, check=False)
            if r.returncode != 0:
                raise Wrong("%s: %s" % (command[0], r.stderr + r.stdout))


def same_document(ref, want, have):
    day, postings, text = have
    want = dict(want)
    if "day" in want and want.pop("day") != day:
        raise Wrong("%s is of %s" % (ref, day))
    if "text" in want and want["text"] not in text:
        raise Wrong("%s lacks %r:\n%s" % (ref, want["text"], text))
    want.pop("text", None)
    want = {a: Decimal(n) for a, n in want.items() if Decimal(n) != 0}
    postings = {a: n for a, n in postings.items() if n != 0}
    if postings != want:
        raise Wrong("%s\n    has  %s\n    wants %s" % (ref, *(
            {a: str(n) for a, n in sorted(p.items())}
            for p in (postings, want))))


def hold(house, case, step, said, code, errors):
    now = house.journal(case)
    added = {r: d for r, d in now.items() if r not in case.held}
    for ref, document in case.held.items():
        if now.get(ref) != document:
            raise Wrong("%s was changed" % ref)
    case.held = now
    want = step.get("books") or {}
    if set(want) != set(added):
        raise Wrong("booked %s, wanted %s\n%s" % (sorted(added),
                                                  sorted(want), said))
    for ref, document in want.items():
        same_document(ref, document, added[ref])
    refused = {e["id"]: e for e in errors if e["tenant"] == case.name}
    wanted = step.get("refused", {})
    if set(refused) != set(map(str, wanted)):
        raise Wrong("refused %s, wanted %s" % (
            {i: e["code"] for i, e in refused.items()}, wanted))
    for key, value in wanted.items():
        value = value if isinstance(value, list) else [value]
        words = json.dumps(refused[str(key)], ensure_ascii=False)
        if refused[str(key)]["code"] != value[0]:
            raise Wrong("%s: %s" % (key, words))
        for word in value[1:]:
            if word not in words.replace('\\"', '"'):
                raise Wrong("%s does not say %r: %s" % (key, word, words))
    for text in step.get("says", []):
        if text not in said:
            raise Wrong("%r was not said:\n%s" % (text, said))
    usual = 1 if wanted else 0
    if code is not None and code != int(step.get("exit", usual)):
        raise Wrong("exit %d:\n%s" % (code, said))


def write(house, case, n, step):
    if not step.get("sales"):
        return
    with open(house.path(case.name, "%02d.jsonl" % n), "w",
              encoding="utf-8") as f:
        f.writelines(json.dumps(sale(dict(s))) + "\n" for s in step["sales"])


def alone(step):
    """Whether the step has a run of its own."""
    return "command" in step or "says" in step or "exit" in step


def run_group(house, n, at, group):
    """One run for all cases of the group whose step asks for no other."""
    runs = {}
    together = [c for c in group if not alone(c.steps[n])]
    if together:
        r = house.run("sync", at=at, tenant=[c.name for c in together])
        if r.returncode not in (0, 1):
            sys.exit("sync: %d\n%s" % (r.returncode, r.stderr))
        for case in together:
            runs[case] = ("", None)
    for case in group:
        if case in runs:
            continue
        words = shlex.split(case.steps[n].get("command", "sync"))
        r = house.run(*words, at=at, tenant=[case.name])
        runs[case] = (r.stderr + r.stdout, r.returncode)
    r = house.run("errors", "--json")
    if r.returncode not in (0, 1):
        sys.exit("errors: %s" % r.stderr)
    errors = json.loads(r.stdout)
    for case, (said, code) in runs.items():
        try:
            hold(house, case, case.steps[n], said, code, errors)
        except Wrong as e:
            case.faults.append("step %d: %s" % (n + 1, e))


def run_steps(house, cases):
    for n in range(max(len(c.steps) for c in cases)):
        groups = collections.defaultdict(list)
        for case in cases:
            if n < len(case.steps) and not case.faults:
                write(house, case, n, case.steps[n])
                groups[case.steps[n].get("at")].append(case)
        for at, group in sorted(groups.items(), key=lambda g: g[0] or ""):
            run_group(house, n, at, group)
    for case in cases:
        try:
            house.judge(case)
        except Wrong as e:
            case.faults.append(str(e))


def gather(words):
    presets, cases, seen = load(os.path.join(HERE, "presets.yaml")), [], set()
    for path in sorted(glob.glob(os.path.join(HERE, "*.yaml"))):
        name = os.path.basename(path)[:-5]
        if name == "presets":
            continue
        for i, given in enumerate(load(path)):
            if given["case"] in seen:
                sys.exit("%s: twice: %s" % (path, given["case"]))
            seen.add(given["case"])
            case = Case(given, "%s-%02d" % (name, i + 1), presets)
            if not words or any(w in name or w in case.text for w in words):
                cases.append(case)
    return cases


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--binary", default="build/salesync")
    p.add_argument("--keep", action="store_true", help="leave the folder")
    p.add_argument("words", nargs="*")
    a = p.parse_args()
    cases = gather(a.words)
    if not cases:
        sys.exit("no such case")
    house = House(os.path.abspath(a.binary))
    began = datetime.datetime.now()
    try:
        house.init(cases)
        run_steps(house, cases)
    finally:
        if a.keep:
            print(house.dir)
        else:
            shutil.rmtree(house.dir)
    bad = [c for c in cases if c.faults]
    for case in bad:
        print("FAIL %s: %s\n    %s" % (case.name, case.text,
                                      "\n    ".join(case.faults)))
    print("%d passed, %d failed, %d s" % (
        len(cases) - len(bad), len(bad),
        (datetime.datetime.now() - began).seconds))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
