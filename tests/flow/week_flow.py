"""A messy week of a tea house with buyers abroad, held against its
bookkeeper's own reckoning of ledger and VAT return: see tests/data/week."""
import csv
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal as D

from house import ACCOUNTS, CODES, LEDGER, has, holds, same

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "../rules")
WEEK = os.path.join(HERE, "../data/week")
PERIOD = ("--since", "2026-02-01", "--until", "2026-04-30")

# ---- the bookkeeper's ledger ----
OWED = {"giftcard": "Liabilities:GiftCards", "deposit": "Liabilities:Deposits",
        "tip": "Liabilities:Tips", "donation": "Liabilities:Charity",
        "difference": "Expenses:CashDifferences",
        "rounding": "Expenses:Rounding"}
TURNOVER = {"NL 21": "Income:Sales:High", "NL 9": "Income:Sales:Low",
            "reverse_charge": "Income:Sales:EU",
            "export": "Income:Sales:Export", "margin": "Income:Sales:Used",
            "exempt": "Income:Courses"}
VAT = {"NL 21": "Liabilities:VAT:NL-21", "NL 9": "Liabilities:VAT:NL-9"}
MONEY = {"ideal": "Assets:Mollie", "paypal": "Assets:PayPal",
         "bol": "Assets:Bol", "cash": "Assets:Cash", "pin": "Assets:Pin",
         "giftcard": "Liabilities:GiftCards", "payout": "Assets:Bank"}
RATES = {"EUR": D(1), "USD": D("0.8612"), "JPY": D("0.0061")}


class Reckoning:
    """What the ledger and the VAT return come to, from the sales alone."""

    def __init__(self):
        self.ledger = defaultdict(D)		# by account and currency
        self.vat = defaultdict(lambda: [D(0), D(0)])	# key, currency

    def post(self, account, currency, amount):
        self.ledger[account, currency] += amount

    def line(self, sale, line, name):
        """name: what the bookkeeper calls its 0 %."""
        excl, vat, kind = D(line["excl"]), D(line["vat"]), line["kind"]
        currency, rate = sale["currency"], D(line["vat_rate"])
        key = "%s %s" % (line["vat_country"], format(rate.normalize(), "f"))
        if sale["debtor"] and sale["debtor"].get("postcode", "")[:2] == "BT":
            key = key.replace("GB ", "XI ")
        withheld = kind == "fee" and excl < 0
        if not rate:
            key = "none" if withheld or kind in OWED else name
        account = OWED.get(kind) or TURNOVER.get(key, "Income:Sales:OSS")
        if kind == "discount":
            account = "Income:Discounts"
        if withheld:
            account = "Expenses:Commission"
        self.post(account, currency, -excl)
        self.post(VAT.get(key, "Liabilities:VAT:OSS"), currency, -vat)
        self.vat[key, currency][0] += excl
        self.vat[key, currency][1] += vat
        return excl + vat

    def sale(self, sale, name):
        currency, incl = sale["currency"], D(sale["incl"])
        lines = sum((self.line(sale, l, name) for l in sale["lines"]), D(0))
        self.post("Expenses:Rounding", currency, lines - incl)
        self.vat["none", currency][0] += incl - lines
        owes = incl
        for p in sale["payments"]:
            if p["method"] != "bacs":	# the bank statement's
                self.post(MONEY[p["method"]], currency, D(p["amount"]))
                owes -= D(p["amount"])
        self.post("Assets:Debtors", currency, owes)

    def balances(self):
        return {k: v for k, v in self.ledger.items() if v}

    def returned(self):
        return {k: tuple(v) for k, v in self.vat.items() if any(v)}


# ---- the week ----

def short_forms():
    """tests/rules/run.py, which writes short sales out; ours bears the same
    name."""
    if RULES not in sys.path:
        sys.path.append(RULES)
    spec = importlib.util.spec_from_file_location(
        "rules_run", os.path.join(RULES, "run.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shop(name):
    """[(sale as in the stream, what the bookkeeper says of it)]"""
    rules, out = short_forms(), []
    for given in rules.load(os.path.join(WEEK, name + ".yaml")):
        said = {k: given.pop(k, None) for k in ("is", "refused", "day")}
        out.append((rules.sale(given), said))
    return out


def till():
    """The till's receipts; prices there are with VAT, commas decimal."""
    rules, out = short_forms(), {}
    with open(os.path.join(WEEK, "till.csv"), encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter=";"):
            s = out.setdefault(row["id"], {
                "id": row["id"], "kind": row["kind"], "lines": [],
                "paid_by": row["payment"]})
            s["lines"].append({
                "kind": row["line_kind"] or "article",
                "incl": row["incl"].replace(",", "."),
                "rate": "NL " + row["vat_rate"]})
    return [rules.sale(s) for s in out.values()]


def offer(t, name, sales):
    t.write("shop/%s.jsonl" % name,
            "".join(json.dumps(s) + "\n" for s, _ in sales))


def house(t):
    t.init()
    shutil.copy(os.path.join(WEEK, "tenant.yaml"), t.path("tenants.d"))
    os.mkdir(t.path("till"))
    shutil.copy(os.path.join(WEEK, "till.csv"), t.path("till"))
    sales = shop("shop")
    offer(t, "week", sales)
    return sales


def reckoned(sales):
    r = Reckoning()
    for sale, said in sales:
        if not said["refused"]:
            r.sale(sale, said["is"])
    for sale in till():
        r.sale(sale, None)
    return r


# ---- what others read in the journal ----

def hledger(t, *args):
    return subprocess.run(["hledger", "-f", t.path("ketel.journal"), *args],
                          check=True, capture_output=True, text=True).stdout


def balances(t):
    out = {}
    for account, amounts in csv.reader(io.StringIO(hledger(
            t, "balance", "--flat", "-N", "-O", "csv"))):
        for amount in amounts.split(", "):
            number, _, currency = amount.partition(" ")
            if currency:
                out[account, currency] = D(number)
    return out


def returned(t):
    """Base and VAT by what stands behind each posting."""
    out = defaultdict(lambda: [D(0), D(0)])
    for amount, currency, what, key in re.findall(
            r"^  \S+  (-?[\d.]+) (\w+)(?: @ \S+ \w+)? ; (base|vat): (.*)$",
            t.read("ketel.journal"), re.M):
        out[key, currency][what == "vat"] -= D(amount)
    return {k: tuple(v) for k, v in out.items() if any(v)}


def sound(t):
    accounts = {a for a, _ in balances(t)} | {
        "Liabilities:VAT:Nil", "Assets:Debtors"}
    t.write("strict.journal", "".join(
        ["account %s\n" % a for a in sorted(accounts)] +
        ["commodity %s\n" % c for c in RATES] + ["include ketel.journal\n"]))
    subprocess.run(["hledger", "-f", t.path("strict.journal"), "check",
                    "--strict"], check=True)
    subprocess.run(["bean-check", "-C", t.path("ketel.journal")], check=True)


def books_hold(t, want):
    same(balances(t), want.balances(), "the ledger")
    same(returned(t), want.returned(), "the VAT return")
    sound(t)


def refusals(sales):
    return {s["number"] if "number" in s else s["id"]: said["refused"]
            for s, said in sales if said["refused"]}


def dry_ledger(rows):
    """The totals of a dry run by ledger account, VAT to its code."""
    out = defaultdict(D)
    for r in rows:
        if r.get("type") != "total":
            continue
        account = r["vat_code"] if r["kind"] == "VAT" else r["account"]
        if account == "debtors":
            account = "Assets:Debtors"
        out[account, r["currency"]] += D(r["debit"]) - D(r["credit"])
    return {k: v for k, v in out.items() if v}


def case_dry(t):
    """The dry run shows what the run then books, and names what is wrong."""
    sales = house(t)
    r = t.run("sync", "--dry-run", "--json").must(1)
    want = reckoned(sales)
    same(dry_ledger(r.json()), want.balances(), "the totals of the dry run")
    said = dict(re.findall(r"(?:sale|refund) (\w+): .* \[(S\d+)\]", r.err))
    same(said, refusals(sales), "what the dry run refuses")
    words = t.run("sync", "--dry-run").must(1).out
    for name, word in (("shop-1001", "sales journal  sales invoice EUR"),
                       ("shop-1048", "sales journal  sales invoice USD\n"
                        "  1 USD = 0.8612 EUR, ECB 2026-03-27\n"),
                       ("shop-r01-R", "sales journal  credit note EUR\n"
                        "  credits shop-1001\n"),
                       ("till-501-T", "till journal  receipt EUR"),
                       ("shop-stl_13-S", "bank journal  payout EUR")):
        has(words, "  %s  %s" % (name, word))
    real = t.run("sync").must(1)
    same(real.err, r.err, "what the run says")
    same(t.errors("theehuis"), refusals(sales), "what errors lists")
    books_hold(t, want)


def case_week(t):
    """Ledger and return to the cent; the refund that came before its order is
    booked behind it, and a second look finds nothing but what was refused."""
    sales = house(t)
    t.run("sync").must(1)
    books_hold(t, reckoned(sales))
    late = shop("later")
    offer(t, "later", late)
    t.ok("sync", "--since", "2026-03-01")
    for sale, said in sales:
        if sale.get("refund_of") == "1090":
            said["refused"] = None
    sales += late
    books_hold(t, reckoned(sales))
    same(t.errors("theehuis"), refusals(sales), "what errors lists")
    found = t.run("dedupe", *PERIOD, "--json").must(1).json()
    same({(r["id"], r["finding"]) for r in found},
         {(n, "not booked") for n in refusals(sales)}, "what dedupe finds")


def case_days(t):
    """Midnight is the shop's: the last evening of March, and the night in
    which the clock goes forward."""
    sales = house(t)
    t.run("sync").must(1)
    days = {ref: day for day, ref in re.findall(
        r'^(\S+) \* "[^"]*" "(\S+)"', t.read("ketel.journal"), re.M)}
    for sale, said in sales:
        if said["day"]:
            same(days["shop-" + sale["id"]], said["day"], sale["id"])
    same(days["till-510-T"], "2026-03-29", "half past midnight")
    holds("shop-1065" not in days, "a sale of the closed period is booked")


def case_returns(t):
    """dedupe --totals has what the returns ask for: at home, within the EU,
    exports, and OSS by country and rate; in euros where it is not."""
    sales = house(t)
    t.run("sync").must(1)
    rows = t.run("dedupe", "--totals", *PERIOD, "--json").must(1).json()
    want, got = reckoned(sales).returned(), defaultdict(lambda: [D(0), D(0)])
    for r in rows:
        if r["vat"] != "all":
            sums = got[r["vat"], r["currency"]]
            sums[0] += D(r["books_excl"])
            sums[1] += D(r["books_incl"]) - D(r["books_excl"])
    same({k: tuple(v) for k, v in got.items() if any(v)}, want, "the totals")
    exports = sum(base * RATES[currency] for (key, currency), (base, _) in
                  want.items() if key == "export")
    has(hledger(t, "balance", "-B", "-N", "Income:Sales:Export"),
        "%.2f EUR" % -exports.quantize(D("0.01")), "box 3a in euros")


def case_order_of_errors(t):
    """The list of errors can be looked through by number."""
    house(t)
    t.run("sync").must(1)
    numbers = [r["number"] for r in t.error_rows("theehuis")]
    same(numbers, sorted(numbers, key=lambda n: (len(n), n)), "the order")
    has(t.run("errors", "theehuis").must(0).out,
        "sale 1063: its amounts do not agree: its lines and its total differ "
        "by more than a rounding [S204]\n    the difference: 1.00\n")


def moneybird(t):
    """The same tenant with other books, which have no code for some VAT."""
    t.books = t.fake_books()
    sales = house(t)
    os.unlink(t.path("tenants.d/tenant.yaml"))
    tenant = short_forms().load(os.path.join(WEEK, "tenant.yaml"))
    tenant["books"] = t.connection("moneybird", t.books.url + "/api/v2",
                                   administration="123456789")
    vat = {k: CODES[k] for k in tenant["rules"]["vat"] if k in CODES}
    vat.update(exempt=CODES["NL 0"], none=CODES["NL 0"])
    accounts = dict(ACCOUNTS, payments={m: LEDGER + "1100" for m in MONEY},
                    **{k: LEDGER + "8005" for k in (*OWED, "costs")})
    accounts["payments"]["bacs"] = "ignore"
    tenant["rules"].update(vat=vat, turnover={}, articles={},
                           accounts=accounts)
    t.tenants["theehuis"] = tenant
    t.configure()
    t.rotate("theehuis", "books", "token=token\n", "--unproven")
    for sale, said in sales:
        if sale["id"] in ("1041", "1043", "1044"):	# FR, FI, Belfast
            said["refused"] = "S201"
        if sale["kind"] == "summary":	# a payout is no invoice
            said["refused"] = "S231"
    return sales


def case_moneybird(t):
    """In books that work the VAT out each document comes to what was paid, is
    paid as the sale was, and has no line without a text."""
    sales = moneybird(t)
    t.run("sync").must(1)
    same(t.errors("theehuis"), refusals(sales), "what errors lists")
    docs = {d["reference"]: d for d in t.books.dump()["documents"]}
    booked = [s for s, said in sales if not said["refused"]]
    same(len(docs), len(booked) + len(till()), "documents")
    for source, sale in [("shop", s) for s in booked] + [
            ("till", s) for s in till()]:
        name = [n for n in docs if re.fullmatch(r"%s-(.*\.)?%s(-[RT])?" % (
            source, sale["id"]), n)][0]
        paid = sum(D(p["amount"]) for p in sale["payments"]
                   if p["method"] != "bacs")
        same(D(docs[name]["total_price_incl_tax"]), D(sale["incl"]), name)
        same(sum(D(p["price"]) for p in docs[name]["payments"]), paid,
             "payments of " + name)
        holds(all(d["description"].strip() for d in docs[name]["details"]),
              "a line of %s has no text" % name)
    found = t.run("dedupe", *PERIOD, "--json").must(1).json()
    same({(r["id"], r["finding"]) for r in found},
         {(n, "not booked") for n in refusals(sales)}, "what dedupe finds")
    rows = t.run("dedupe", "--totals", *PERIOD, "--json").must(1).json()
    names = {r["vat"] for r in rows}
    holds("exempt, none" in names and "exempt" not in names,
          "keys of one code are one row: %r" % names)
