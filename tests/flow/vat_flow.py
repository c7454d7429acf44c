"""VAT rates by the day of the shop: booked as charged, and told of."""
import json
import os
import re
from decimal import Decimal as D

from house import has, holds, same


def sale(n, placed, rate, excl="100.00", **more):
    country, percent = rate.split()
    vat = str((D(excl) * D(percent) / 100).quantize(D("0.01")))
    return {"id": str(n), "number": str(n), "kind": "receipt",
            "placed": placed, "currency": "EUR",
            "lines": [{"kind": "article", "description": "Mug",
                       "quantity": "1", "excl": excl, "vat": vat,
                       "vat_rate": percent, "vat_country": country}],
            "payments": [], "excl": excl, "incl": str(D(excl) + D(vat)),
            **more}


def tenant(t, name, sales, zone=None, **vat):
    source = {"connector": "folder", "path": name}
    if zone:
        source["timezone"] = zone
    os.makedirs(t.path(name), exist_ok=True)
    put(t, name, "a", sales)
    for s in sales:
        key = "%s %s" % (s["lines"][0]["vat_country"],
                         s["lines"][0]["vat_rate"])
        vat[key] = "Liabilities:VAT:" + key.replace(" ", "-").replace(".", "-")
    t.tenants[name] = {
        "tenant": name, "contract": {"start": "2019-01-01"},
        "sources": {"shop": source},
        "books": {"connector": "journal", "file": name + ".journal"},
        "rules": {"settle": "1s", "vat": vat,
                  "accounts": {"sales": "Income:Sales"}}}


def put(t, name, file, sales):
    t.write("%s/%s.jsonl" % (name, file),
            "".join(json.dumps(s) + "\n" for s in sales))


def days(t, name):
    return re.findall(r"^(\d{4}-\d\d-\d\d) \*", t.read(name + ".journal"),
                      re.M)


# moment, zone of the shop, rate: the day there, and whether the rate is right
PROBES = [
    # Berlin, summer time: down at the midnight of 1 July 2020, up on 1 January
    ("2020-06-30T21:59:59Z", "Europe/Berlin", "DE 19", "2020-06-30", True),
    ("2020-06-30T21:59:59Z", "Europe/Berlin", "DE 16", "2020-06-30", False),
    ("2020-06-30T22:00:00Z", "Europe/Berlin", "DE 16", "2020-07-01", True),
    ("2020-06-30T22:00:00Z", "Europe/Berlin", "DE 19", "2020-07-01", False),
    ("2020-12-31T22:59:59Z", "Europe/Berlin", "DE 16", "2020-12-31", True),
    ("2020-12-31T22:59:59Z", "Europe/Berlin", "DE 19", "2020-12-31", False),
    ("2020-12-31T23:00:00Z", "Europe/Berlin", "DE 19", "2021-01-01", True),
    ("2020-12-31T23:00:00Z", "Europe/Berlin", "DE 16", "2021-01-01", False),
    # the same moments in other shops
    ("2020-06-30T22:00:00Z", "Europe/London", "DE 19", "2020-06-30", True),
    ("2020-06-30T22:00:00Z", "America/New_York", "DE 16", "2020-06-30",
     False),
    ("2020-06-30T20:59:59Z", "Europe/Helsinki", "DE 19", "2020-06-30", True),
    ("2020-06-30T21:00:00Z", "Europe/Helsinki", "DE 19", "2020-07-01", False),
    # Dublin: in summer an hour before UTC, in winter with it
    ("2020-08-31T22:59:59Z", "Europe/Dublin", "IE 23", "2020-08-31", True),
    ("2020-08-31T23:00:00Z", "Europe/Dublin", "IE 23", "2020-09-01", False),
    ("2021-02-28T23:59:59Z", "Europe/Dublin", "IE 23", "2021-02-28", False),
    ("2021-03-01T00:00:00Z", "Europe/Dublin", "IE 21", "2021-03-01", False),
    ("2024-08-31T20:59:59Z", "Europe/Helsinki", "FI 24", "2024-08-31", True),
    ("2024-08-31T21:00:00Z", "Europe/Helsinki", "FI 24", "2024-09-01",
     False),
    # without a zone of its own the operator's, Amsterdam
    ("2023-12-31T22:59:59Z", None, "EE 20", "2023-12-31", True),
    ("2023-12-31T23:00:00Z", None, "EE 20", "2024-01-01", False),
    # the days on which a clock changes
    ("2026-03-28T23:00:00Z", None, "NL 9", "2026-03-29", True),
    ("2026-03-29T21:59:59Z", None, "NL 9", "2026-03-29", True),
    ("2026-10-25T22:59:59Z", None, "NL 9", "2026-10-25", True),
]


def case_midnight(t):
    t.init()
    for i, (placed, zone, rate, _, _) in enumerate(PROBES):
        tenant(t, "p%02d" % i, [sale(i, placed, rate)], zone)
    t.configure()
    said = t.run("sync").must(0).err
    told = {}
    for line in said.splitlines():
        name, number, country, rate = re.fullmatch(
            r"salesync: (p\d\d)/shop: sale (\d+): (..) had no VAT of (\S+) % "
            r"on that day; it is booked as the shop charged it \[S223\]",
            line).groups()
        same(name, "p%02d" % int(number), "the sale in " + line)
        told[name] = "%s %s" % (country, rate)
    for i, (placed, zone, rate, day, right) in enumerate(PROBES):
        name = "p%02d" % i
        what = "%s in %s at %s" % (rate, zone, placed)
        same(days(t, name), [day], "the day of " + what)
        same(told.pop(name, None), None if right else rate, what)
    same(told, {}, "what else was told of")


def case_once(t):
    """A line for each country and rate and run, and no exit code."""
    t.init()
    day = "2026-05-04T10:%02d:00Z"
    tenant(t, "tea", [sale(n, day % n, rate) for n, rate in enumerate(
        ["NL 20", "NL 21", "NL 20", "BE 20", "NL 20", "BE 21", "NL 6"])],
        **{"US 8.875": "Liabilities:VAT:US"})
    t.configure()
    dry = t.run("sync", "--dry-run").must(0)
    r = t.run("sync").must(0)
    same(r.out, "", "the output of sync")
    same(r.err, dry.err, "what the dry run said")
    same(re.findall(r"sale (\d): (.. had no VAT of \S+) %", r.err),
         [("0", "NL had no VAT of 20"), ("3", "BE had no VAT of 20"),
          ("6", "NL had no VAT of 6")], "what was told of")
    same(len(days(t, "tea")), 7, "documents")
    log = "".join(open(t.path("logs", f), encoding="utf-8").read()
                  for f in os.listdir(t.path("logs")))
    has(log, "sale -: NL had no VAT of 20 % on that day")
    holds("sale 0:" not in log, "an order number is in the log")
    t.ok("sync")
    put(t, "tea", "b", [sale(8, day % 8, "NL 20"),
                        sale(9, day % 9, "US 8.875")])
    same(re.findall(r"sale (\d): (.. had no VAT of \S+) %",
                    t.run("sync").must(0).err),
         [("8", "NL had no VAT of 20")], "what the next run told of")


def case_back(t):
    """What goes back bears the rate of its sale."""
    t.init()
    order = sale(1, "2020-12-30T10:00:00Z", "DE 16")
    order["kind"] = "order"
    back = sale(2, "2021-01-15T10:00:00Z", "DE 16", "-100.00", kind="refund",
                refund_of="1")
    tenant(t, "tea", [order, back])
    early = sale(4, "2020-05-02T10:00:00Z", "DE 16", "-10.00", kind="refund",
                 refund_of="3")
    tenant(t, "odd", [sale(3, "2020-05-01T10:00:00Z", "DE 19", kind="order"),
                      early])
    t.configure()
    r = t.run("sync").must(0)
    same(re.findall(r"(\w+)/shop: sale (\d)", r.err), [("odd", "4")],
         "what was told of")
    same((len(days(t, "tea")), len(days(t, "odd"))), (2, 2), "documents")


def case_check(t):
    """Rules whose rate no country ever had."""
    t.init()
    tenant(t, "tea", [sale(1, "2026-05-04T10:00:00Z", "NL 21")], "Asia/Tokyo",
           **{"NL 20": "Liabilities:VAT:Xa", "EL 25": "Liabilities:VAT:Xb",
              "NL 6": "Liabilities:VAT:Xc", "US 7": "Liabilities:VAT:Xd",
              "exempt": "Liabilities:VAT:Xe", "margin_a": "Liabilities:VAT:Xf",
              "NL 0": "Liabilities:VAT:Xg"})
    t.configure()
    r = t.run("check", "--offline", "tea").must(1)
    same(re.findall(r"rules: vat: (.*?): that country has had no such VAT "
                    r"rate since 2015 \[S224\]", r.err),
         ["NL 20", "GR 25"], "what check found")
    has(r.err, "tenants.d/tea.yaml:")
    del t.tenants["tea"]["rules"]["vat"]["NL 20"]
    del t.tenants["tea"]["rules"]["vat"]["EL 25"]
    t.configure()
    same(t.run("check", "--offline", "tea").must(0).err, "", "then")


def pulled(t, *args):
    out = t.run("pull", *args, "tea").must(0).out
    return [json.loads(x)["id"] for x in out.splitlines()
            if '"type":"sale"' in x]


def case_till(t):
    """A till's clock, which tells no offset, is that of its zone."""
    t.init()
    tenant(t, "tea", [], "America/New_York", **{"NL 21": "Liabilities:VAT:Xa"})
    t.write("tea/a.csv", "id,kind,placed,currency,incl,vat_rate\n"
            "1,receipt,2026-05-04 23:30:00,EUR,1.21,21\n"
            "2,receipt,2026-05-05 00:10:00,EUR,1.21,21\n")
    t.configure()
    t.ok("sync")
    same(days(t, "tea"), ["2026-05-04", "2026-05-05"], "the days")
    for day in ("2026-05-04", "2026-05-05"):
        same(t.run("dedupe", "--since", day, "--until", day).must(0).out, "",
             "what dedupe finds on " + day)
    same(pulled(t, "--until", "2026-05-04"), ["1"], "of the fourth, there")
    same(pulled(t, "--since", "2026-05-05"), ["2"], "of the fifth, there")
    t.tenants["tea"]["sources"]["shop"]["since"] = "2026-05-05"
    t.configure()
    same(pulled(t, "--until", "2026-05-05"), ["2"], "since the fifth, there")


def case_many(t):
    """A shop whose every rate is wrong is told of at some length only."""
    t.init()
    tenant(t, "tea", [sale(n, "2026-05-04T10:00:00Z", "NL %d" % (n + 50))
                      for n in range(40)])
    t.configure()
    same(len(t.run("sync").must(0).err.splitlines()), 32, "lines")
    same(len(days(t, "tea")), 40, "documents")


def case_choice(t):
    """0 % that can be two things is refused with both, until one is gone."""
    t.init()
    tenant(t, "tea", [sale(1, "2026-05-04T10:00:00Z", "NL 0")],
           exempt="Liabilities:VAT:Exempt")
    t.configure()
    r = t.run("sync").must(1)
    has(r.err, "sale 1: 0 % VAT can be two things here: "
        '{NL 0: "Liabilities:VAT:NL-0"} and '
        '{exempt: "Liabilities:VAT:Exempt"} under rules: vat: [S225]')
    t.ok("sync")
    del t.tenants["tea"]["rules"]["vat"]["NL 0"]
    t.configure()
    t.ok("sync", "--retry")
    has(t.read("tea.journal"), "base: exempt")
