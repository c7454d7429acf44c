#!/usr/bin/python3
"""books.py BINARY FOLDER - sales into UBL files, and their figures.

Books what sales.py makes for four tenants into FOLDER/NAME/, by salesync
itself, from files.  Then each sale must have its file, with the VAT per
category and rate that was worked out beside it, to the cent; and those that
the rules do not allow must have none, and an error that says so.  Once more:
nothing may change.

books.py --spoil FILE OUT one|all: a copy with VAT that is 0.11 off, in one
subtotal or wherever it counts.  books.py --same FILE FOLDER NAME: whether FILE
has the figures that NAME must have.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal as D

import sales

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:" \
    "CommonBasicComponents-2}"
CAC = CBC.replace("Basic", "Aggregate")
SELLERS = {
    "NL": {"name": "Theehuis <De Ketel> & Zn.", "address": "Vismarkt 1",
           "postcode": "3511 KR", "city": "Utrecht",
           "vat_number": "NL 0000.99998.B57", "kvk": "12345678",
           "iban": "NL91 ABNA 0417 1643 00"},
    "DE": {"name": "Teehaus M\u00fcnchen GmbH", "address": "Marktstra\u00dfe 1",
           "postcode": "80331", "city": "M\u00fcnchen", "country": "DE",
           "vat_number": "DE811569869"}}
ACCOUNTS = {k: k for k in (
    "sales", "shipping", "discount", "fee", "giftcard", "deposit", "tip",
    "donation", "difference", "rounding")}


def tenant(name, country, **books):
    rates = {c + " " + r: c + r for c, rs in sales.EU.items() for r in
             rs + ["0"]}
    rates.update({"NL 21": "NL21", "NL 9": "NL9", "NL 0": "NL0",
                  "reverse_charge": "rc", "export": "ex"})
    t = {"tenant": name, "contract": {"start": "2024-01-01"},
         "customer": {"name": name, "country": country},
         "sources": {"shop": {"connector": "folder", "path":
                              "sales/" + name}},
         "books": dict({"connector": "ubl", "folder": name},
                       **SELLERS[country]),
         "rules": {"settle": "0s", "vat": rates, "accounts": dict(
             ACCOUNTS, payments={"default": "bank"})}}
    t["books"].update(books)
    t["books"] = {k: v for k, v in t["books"].items() if v is not None}
    return t


TENANTS = [tenant("nl", "NL"), tenant("de", "DE"),
           tenant("bare", "NL", kvk=None, iban=None),
           tenant("due", "NL", iban=None)]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def figures(path):
    """What a file says, in the words of Maker.expect."""
    root = ET.parse(path).getroot()

    def text(where, name):
        return root.findtext("/".join(CAC + w for w in where.split("/")) +
                             "/" + CBC + name) or "0"
    taxes = []
    for t in root.findall("%sTaxTotal/%sTaxSubtotal" % (CAC, CAC)):
        kind = t.find(CAC + "TaxCategory")
        rate = D(kind.findtext(CBC + "Percent") or "0")
        taxes.append([kind.findtext(CBC + "ID"), str(rate.normalize() + 0)] +
                     ["%.2f" % D(t.findtext(CBC + n)) for n in
                      ("TaxableAmount", "TaxAmount")])
    total = {n: D(text("LegalMonetaryTotal", n)) for n in (
        "PayableAmount", "PrepaidAmount", "PayableRoundingAmount")}
    return {"taxes": sorted(taxes),
            "rounding": "%.2f" % total["PayableRoundingAmount"],
            "incl": "%.2f" % (total["PayableAmount"] +
                              total["PrepaidAmount"]),
            "due": "%.2f" % total["PayableAmount"],
            "credit": root.tag.endswith("CreditNote")}


def run(binary, folder, *args):
    return subprocess.run([binary, "-c", folder + "/sync.yaml"] + list(args),
                          capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "HOME": folder})


def house(binary, folder):
    """Returns {file: what it must say, or None}."""
    want = {}
    run(binary, folder, "init")
    shutil.rmtree(folder + "/example")
    os.unlink(folder + "/tenants.d/example.yaml")
    for seed, t in enumerate(TENANTS):
        name = t["tenant"]
        os.mkdir(folder + "/" + name)
        write("%s/tenants.d/%s.yaml" % (folder, name), json.dumps(t))
        m = sales.Maker(t, seed)
        m.shapes(6)
        lines = ""
        for sale, expect in m.made:
            lines += json.dumps(sale, default=str) + "\n"
            mark = {"order": ".%s", "refund": "-R%s", "receipt": "-T%s"}
            number = sale["number"]
            want["%s/shop-%s%s.xml" % (name, number, mark[sale["kind"]] %
                                       sale["id"])] = expect
        write("%s/sales/%s/a.jsonl" % (folder, name), lines)
    return want


def snapshot(folder):
    out = {}
    for t in TENANTS:
        for name in os.listdir(folder + "/" + t["tenant"]):
            with open("%s/%s/%s" % (folder, t["tenant"], name), "rb") as f:
                out[t["tenant"] + "/" + name] = f.read()
    return out


def main(binary, folder):
    want, faults = house(binary, folder), []
    first = run(binary, folder, "sync")
    errors = json.loads(run(binary, folder, "errors", "--json").stdout)
    made = snapshot(folder)
    for name, expect in want.items():
        if expect is None:
            if name in made:
                faults.append("%s: it must be refused" % name)
        elif name not in made:
            faults.append("%s: it is not there" % name)
        elif figures(folder + "/" + name) != expect:
            faults.append("%s\n  says %s\n  not  %s" % (
                name, figures(folder + "/" + name), expect))
    for name in set(made) - set(want):
        faults.append("%s: whence does it come?" % name)
    refused = sum(e is None for e in want.values())
    said = sorted(set((e["code"], e["message"].split(": ")[-1])
                      for e in errors))
    if len(errors) != refused or len(said) != 6 or \
            any(code not in ("S419", "S217") for code, _ in said):
        faults.append("%d must be refused, %d were: %s" % (
            refused, len(errors), said))
    again = run(binary, folder, "sync")
    if again.returncode != 0 or again.stderr or snapshot(folder) != made:
        faults.append("the second run: %r" % again)
    check = run(binary, folder, "dedupe", "--since", "2026-01-01", "--json")
    if [r["finding"] for r in json.loads(check.stdout)] != \
            ["not booked"] * refused:
        faults.append("dedupe: %r" % check)
    if faults:
        print("FAILED " + "\nFAILED ".join(faults[:20]))
        print(first.stderr[-3000:])
        sys.exit(1)
    write(folder + "/expected.json", json.dumps(want))
    print("%d documents, their figures to the cent" % len(made))


# --- do the judges judge? ---

def spoil(path, out, how):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    # the first amount of these, or the one of the first subtotal
    places = [r"<cac:TaxSubtotal>[^$]*?<cbc:TaxAmount[^>]*>"]
    if how == "all":
        places += [r"<cac:TaxTotal>\s*<cbc:TaxAmount[^>]*>",
                   "<cbc:TaxInclusiveAmount[^>]*>", "<cbc:PayableAmount[^>]*>"]
    for place in places:
        text, n = re.subn("(%s)([-0-9.]+)" % place, lambda m: "%s%.2f" % (
            m.group(1), D(m.group(2)) + D("0.11")), text, count=1)
        assert n == 1, place
    write(out, text)


def same_figures(path, folder, name):
    with open(folder + "/expected.json", encoding="utf-8") as f:
        return figures(path) == json.load(f)[name]


if __name__ == "__main__":
    if sys.argv[1] == "--spoil":
        spoil(*sys.argv[2:])
    elif sys.argv[1] == "--same":
        sys.exit(not same_figures(*sys.argv[2:]))
    else:
        main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
