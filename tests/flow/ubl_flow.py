"""Files into UBL files.  Whether these keep the rules of EN 16931 is judged by
tests/ubl."""
import json
import os
import re
import shutil
import subprocess

from folder_flow import put, receipt
from house import has, holds, same

SELLER = {"name": "Tea & Co", "address": "Dorpsstraat 1",
          "postcode": "1234 AB", "city": "Utrecht",
          "vat_number": "NL000099998B57", "kvk": "12345678"}
CODES = {"NL 21": "21", "NL 9": "9", "NL 0": "0"}


def house(t, **rules):
    for name in ("sales", "ubl"):
        os.makedirs(t.path(name), exist_ok=True)
    t.init()
    t.tenants["tea"] = {
        "tenant": "tea", "contract": {"start": "2024-01-01"},
        "customer": {"name": "Tea", "country": "NL"},
        "sources": {"till": {"connector": "folder", "path": "sales"}},
        "books": dict({"connector": "ubl", "folder": "ubl"}, **SELLER),
        "rules": dict({"settle": "1s", "vat": CODES, "accounts": {
            "sales": "s", "rounding": "r", "payments": {"default": "p"}}},
            **rules)}
    t.configure()


def files(t):
    """{name: (text, which file it is)}"""
    return {n: (t.read("ubl/" + n), os.stat(t.path("ubl", n)).st_ino)
            for n in os.listdir(t.path("ubl"))}


def order(n, **debtor):
    sale = receipt(n, "order")
    sale["debtor"] = dict({"id": "7", "name": "Bij de Vleet",
                           "email": "vleet@kopers.example",
                           "address": "Gracht 9", "country": "NL"}, **debtor)
    return sale


def case_each_once(t):
    """A file per sale, of its buyer and what was bought, and none twice."""
    house(t)
    put(t, "a.jsonl", order(1), receipt(2), receipt(3, "refund", 1, -1))
    t.run("check").must(0)
    t.ok("sync")
    made = files(t)
    same(sorted(made), ["till-1.xml", "till-2-T.xml", "till-3-R.xml"],
         "the files")
    for part in ("Bij de Vleet", "vleet@kopers.example", "Gracht 9", "Mok"):
        has(made["till-1.xml"][0], ">" + part)
    has(made["till-3-R.xml"][0], "<CreditNote")
    has(made["till-3-R.xml"][0], ">till-1<")
    has(made["till-2-T.xml"][0], "RegistrationName>Not named<")
    t.ok("sync")
    same(files(t), made, "the files after a run with nothing to do")
    t.ok("dedupe")
    for name, text in t.everywhere("store", "logs").items():
        holds(b"vleet" not in text.lower(), "a debtor stands in " + name)
    os.unlink(t.path("ubl/till-1.xml"))
    has(t.run("dedupe").must(1).out, "gone")


def case_collective(t):
    """The books are to name no debtor."""
    house(t, debtors="collective")
    put(t, "a.jsonl", order(1, company="Vleet B.V."))
    t.ok("sync")
    text = t.read("ubl/till-1.xml")
    has(text, "RegistrationName>Not named<")
    holds(not re.search("vleet|gracht", text, re.I), text)


def case_there_already(t):
    """A new store, and files of before: what is in the way is not replaced,
    but looked at, and taken for the sale that it is."""
    house(t)
    put(t, "a.jsonl", *[receipt(n) for n in range(1, 6)])
    t.ok("sync")
    made = files(t)
    for name in ("till-1-T.xml", "till-2-T.xml", "till-5-T.xml"):
        os.unlink(t.path("ubl", name))
    t.write("ubl/.till-2-T.xml.4194305.tmp", "left by a crash")
    for name in ("store", "logs"):
        shutil.rmtree(t.path(name))
    for name in ("master.key", "sync.yaml"):
        os.unlink(t.path(name))
    house(t)
    t.ok("sync")
    now = files(t)
    same({n: text for n, (text, _) in now.items()},
         {n: text for n, (text, _) in made.items()}, "what they say")
    for name in ("till-3-T.xml", "till-4-T.xml"):
        same(now[name], made[name], name)
    t.ok("dedupe")


def case_in_the_way(t):
    """S421, S215: a file of the sale's name that is not the sale."""
    house(t)
    t.write("ubl/till-1-T.xml", "<Invoice>")
    put(t, "a.jsonl", receipt(1))
    has(t.run("sync").must(1).err, "[S421]")
    same(t.errors(), {"1": "S421"}, "errors")
    os.unlink(t.path("ubl/till-1-T.xml"))
    t.ok("sync", "--retry")
    other = t.read("ubl/till-1-T.xml").replace("till-1-T", "till-2-T")
    t.write("ubl/till-2-T.xml", other.replace(">20.00<", ">21.00<"))
    put(t, "a.jsonl", receipt(2))
    has(t.run("sync").must(1).err, "[S215]")
    holds("21.00" in t.read("ubl/till-2-T.xml"), "it was replaced")


def case_refused(t):
    """S419, S420: what the rules do not allow."""
    house(t)
    put(t, "a.jsonl", order(1, country="XQ"))
    has(t.run("sync").must(1).err, "the buyer's country is none of ISO 3166 "
        "[S419]")
    same(os.listdir(t.path("ubl")), [], "files")
    t.tenants["tea"]["books"]["iban"] = "NL91ABNA0417164301"
    t.configure()
    put(t, "a.jsonl", order(2))
    for command in ("sync", "check"):
        has(t.run(command).must(78).err,
            "books of tea: iban can't be right [S420]")
    same(os.listdir(t.path("ubl")), [], "files")
    del t.tenants["tea"]["books"]["iban"]
    t.tenants["tea"]["books"]["folder"] = "nowhere"
    t.configure()
    has(t.run("check").must(78).err, "nowhere: No such file or directory")


def case_example(t):
    """The lines of sync.yaml.example and of the manual."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    with open(root + "/sync.yaml.example", encoding="utf-8") as f:
        books = re.findall(r"^#\|   # ((?:connector: ubl|folder|name|address|"
                           r"postcode|city|vat_number|kvk|iban)\b.*)",
                           f.read(), re.M)
    same(len(books), 9, "lines of the example")
    house(t)
    tea = dict(t.tenants.pop("tea"), books=None)
    os.unlink(t.path("tenants.d/tea.yaml"))
    with open(root + "/man/salesync-connectors.7", encoding="utf-8") as f:
        manual = re.search(r"^books:\n  connector: ubl\n.*?(?=\.Ed)",
                           f.read(), re.M | re.S).group(0)
    for text in ("books:\n  " + "\n  ".join(books) + "\n", manual):
        text = text.replace("/srv/acme/ubl", t.path("ubl"))
        del tea["books"]
        t.write("tenants.d/tea.yaml", "".join(
            "%s: %s\n" % (k, json.dumps(v)) for k, v in tea.items()) + text)
        t.run("check").must(0)
        tea["books"] = None


def case_full_disk(t):
    """A file that does not fit is not there at all."""
    import store_flow
    store_flow.own_mounts()
    house(t)
    store_flow.mount("-t", "tmpfs", "-o", "size=32k", "none", t.path("ubl"))
    put(t, "a.jsonl", *[receipt(n) for n in range(1, 20)])
    has(t.run("sync").must(74).err, "[S501]")
    for name in os.listdir(t.path("ubl")):
        subprocess.run(["/usr/bin/python3", "-c", "import sys, "
                        "xml.etree.ElementTree as e; e.parse(sys.argv[1])",
                        t.path("ubl", name)], check=True)
    store_flow.mount("-o", "remount,size=1m", t.path("ubl"))
    t.ok("sync")
    same(len(os.listdir(t.path("ubl"))), 19, "files")
