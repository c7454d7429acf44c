"""Files into a journal."""
import json
import os
import re
import shutil
import subprocess
from decimal import Decimal as D

import store_flow
from house import DAY0, has, holds, same

VAT = {"NL 21": "Liabilities:VAT:NL-21", "NL 9": "Liabilities:VAT:NL-9",
       "NL 0": "Liabilities:VAT:NL-0"}
ACCOUNTS = {"sales": "Income:Sales", "shipping": "Income:Shipping",
            "rounding": "Expenses:Rounding",
            "payments": {"cash": "Assets:Cash", "default": "Assets:Bank"}}


def receipt(n, kind="receipt", of=None, times=1):
    excl, vat = D("16.53") * times, D("3.47") * times
    s = {"id": str(n), "number": str(n), "kind": kind, "placed":
         "%sT10:%02d:00Z" % (DAY0, n % 60), "currency": "EUR",
         "lines": [{"kind": "article", "description": "Mok \u201cM\u00ef\u201d",
                    "quantity": "1", "excl": str(excl), "vat": str(vat),
                    "vat_rate": "21", "vat_country": "NL"}],
         "payments": [{"method": "cash", "amount": str(excl + vat)}],
         "excl": str(excl), "incl": str(excl + vat)}
    if of:
        s["refund_of"] = str(of)
    return s


def house(t, file="books.journal"):
    os.mkdir(t.path("sales"))
    t.init()
    t.tenants["tea"] = {
        "tenant": "tea", "contract": {"start": "2024-01-01"},
        "customer": {"name": "Tea", "country": "NL"},
        "sources": {"till": {"connector": "folder", "path": "sales"}},
        "books": {"connector": "journal", "file": file},
        "rules": {"settle": "1s", "vat": VAT, "accounts": ACCOUNTS}}
    t.configure()


def put(t, name, *sales):
    with open(t.path("sales", name), "a", encoding="utf-8") as f:
        f.writelines(json.dumps(s) + "\n" for s in sales)


def text(t):
    return t.read("books.journal")


def references(t):
    return re.findall(r"^\d{4}-\d\d-\d\d \* \".*?\" \"(.*?)\"", text(t), re.M)


def sound(t, n):
    """So many sales, each once, in a journal that others accept."""
    refs = references(t)
    same(len(refs), len(set(refs)), "references twice: %r" % refs)
    same(len(refs), n, "transactions: %r" % refs)
    subprocess.run(["hledger", "-f", t.path("books.journal"), "check"],
                   check=True)
    subprocess.run(["bean-check", "-C", t.path("books.journal")], check=True)


def case_grows(t):
    """A file that grows is read again, and nothing of it twice."""
    house(t)
    put(t, "a.jsonl", *[receipt(n) for n in range(1, 6)])
    t.ok("sync")
    sound(t, 5)
    before = text(t)
    t.ok("sync")
    same(text(t), before, "the journal after a run with nothing to do")
    put(t, "a.jsonl", receipt(6), receipt(7, "refund", 2, -1))
    put(t, "b.jsonl", receipt(8))
    t.ok("sync")
    sound(t, 8)
    holds(text(t).startswith(before), "what stood there was changed")
    t.ok("dedupe")


def case_torn(t):
    """A crash in the middle of an append: wherever it was cut."""
    house(t)
    put(t, "a.jsonl", *[receipt(n) for n in range(1, 4)])
    t.ok("sync")
    before = len(text(t).encode())
    shutil.copytree(t.path("store"), t.path("backup"))
    put(t, "a.jsonl", receipt(4))
    t.ok("sync")
    with open(t.path("books.journal"), "rb") as f:
        whole = f.read()
    for cut in range(before + 1, len(whole), 23):
        with open(t.path("books.journal"), "wb") as f:
            f.write(whole[:cut])
        shutil.rmtree(t.path("store"))
        shutil.copytree(t.path("backup"), t.path("store"))
        t.run("sync").must(0)
        refs = references(t)
        same((len(refs), len(set(refs))), (4, 4), "cut at %d" % cut)
        same(text(t).count("Income:Sales"), whole.decode().count(
            "Income:Sales"), "postings when cut at %d" % cut)
    sound(t, 4)


def case_full_disk(t):
    """The journal's disk is full in the middle of a transaction."""
    store_flow.own_mounts()
    os.mkdir(t.path("books"))
    store_flow.mount("-t", "tmpfs", "-o", "size=8k", "none", t.path("books"))
    house(t, "books/books.journal")
    put(t, "a.jsonl", *[receipt(n) for n in range(1, 60)])
    r = t.run("sync").must(74)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    has(r.err, "books.journal")
    store_flow.mount("-o", "remount,size=1m", t.path("books"))
    t.ok("sync")
    shutil.copy(t.path("books/books.journal"), t.path("books.journal"))
    sound(t, 59)


def case_own_lines(t):
    """What people write into the journal is left alone."""
    house(t)
    t.write("books.journal", "; ours\n2024-01-01 open Assets:Cash EUR\n\n"
            "2024-01-02 * \"Us\" \"Opening\"\n"
            "  Assets:Cash    10.00 EUR\n  Equity:Opening    -10.00 EUR\n")
    before = text(t)
    put(t, "a.jsonl", receipt(1))
    t.ok("sync")
    holds(text(t).startswith(before), "their lines were changed")
    same(len(references(t)), 2, "transactions")


def case_bad_lines(t):
    """One line that can't be read is told, with where it is."""
    house(t)
    put(t, "a.jsonl", receipt(1))
    with open(t.path("sales/a.jsonl"), "a", encoding="utf-8") as f:
        f.write("{half\n")
    put(t, "a.jsonl", receipt(2), dict(receipt(3), incl="20,00"),
        dict(receipt(4), incl="21.00"))
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 3, "lines of stderr: " + r.err)
    has(r.err, "a.jsonl:2")
    sound(t, 2)
    t.ok("sync")


def case_changed_file(t):
    """A sale that is written otherwise afterwards: told once."""
    house(t)
    put(t, "a.jsonl", receipt(1), receipt(2))
    t.ok("sync")
    os.unlink(t.path("sales/a.jsonl"))
    put(t, "a.jsonl", receipt(1), receipt(2, times=2))
    has(t.run("sync").must(1).err, "S212")
    t.ok("sync")
    sound(t, 2)


def case_refund_above(t):
    """More than its order, which was booked in an earlier run; one of an
    order that is nowhere; and one that comes before its order."""
    house(t)
    put(t, "a.jsonl", receipt(1))
    t.ok("sync")
    put(t, "b.jsonl", receipt(11, "refund", 1, -2), receipt(12, "refund", 77,
                                                          -1))
    r = t.run("sync").must(1)
    same((r.err.count("S210"), r.err.count("S211")), (1, 1), r.err)
    sound(t, 1)
    put(t, "b.jsonl", receipt(13, "refund", 2, -1), receipt(2))
    t.ok("sync")
    sound(t, 3)


def case_csv(t):
    house(t)
    t.tenants["tea"]["sources"]["till"].update(delimiter=";",
                                               decimal_comma=True)
    t.configure()
    demo = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../demo/sales/till")
    name = sorted(os.listdir(demo))[0]
    shutil.copy(os.path.join(demo, name), t.path("sales", name))
    t.run("sync", "--since", "2020-01-01").must(0)
    holds(len(references(t)) > 3, "hardly anything came")
    before = text(t)
    t.ok("sync")
    same(text(t), before, "the journal")


def case_no_folder(t):
    house(t)
    os.rmdir(t.path("sales"))
    r = t.run("sync")
    holds(r.code in (69, 74, 78), repr(r))
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    os.mkdir(t.path("sales"))
    t.ok("sync")


def case_example(t):
    """What init makes works at once."""
    t.ok("init")
    t.ok("sync")
    holds("example" in t.read("example/books.journal") or
          "till-1" in t.read("example/books.journal"), "nothing was booked")
    same(t.run("init").must(78).err.count("S607"), 1, "init again")
    t.ok("dedupe", "--since", "2026-01-01")
