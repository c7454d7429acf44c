"""The walk of an auditor: README.md's page on what is kept and
salesync-privacy(7), held against a house that `init` made, by the commands
that they name, over the years."""
import datetime
import json
import os
import re
import subprocess

from end_flow import later
from house import has, holds, same

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(
    __file__))))
END = 20			# days from now
NOW = datetime.date.today()
# What no file of the store or the logs may hold.
PRIVATE = (b"kanarie", b"vogelweg", b"vloer%tegel", b"nl91abna", b"20.00",
           b"16.53")
# Rules of things that each walk leaves behind by its own commands.
OWN = {"log files", "certificates of purge"}


def text_of(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


# --- a house with something under every rule ---

def sale(i, **over):
    sale = {"id": str(i), "number": "KANARIE-%d" % i, "kind": "order",
            "placed": "2026-01-02T10:00:00Z", "currency": "EUR",
            "debtor": {"id": str(i), "email": "d%d@kanarie.example" % i,
                       "name": "A. Kanarie", "address": "Vogelweg 1",
                       "postcode": "1234 AB", "city": "U", "country": "NL"},
            "lines": [{"kind": "article", "article": "MUG", "description":
                       "Mug", "quantity": "2", "excl": "16.53", "vat":
                       "3.47", "vat_rate": "21", "vat_country": "NL"}],
            "payments": [{"method": "cash", "amount": "20.00"}],
            "excl": "16.53", "incl": "20.00"}
    return json.dumps(dict(sale, **over)) + "\n"


def house(t):
    """example ends, stays goes on; web has credentials alone."""
    t.ok("init")
    made = t.read("tenants.d/example.yaml")
    start = "contract: {start: 2020-01-01"
    t.write("tenants.d/stays.yaml", made.replace("example", "stays"))
    t.write("tenants.d/example.yaml", made.replace(start, start + ", end: %s"
            % (NOW + datetime.timedelta(days=END))).replace(
                "country: NL", "country: NL, iban: NL91ABNA0417164300"))
    t.write("tenants.d/web.yaml", """tenant: web
contract: {start: 2020-01-01}
customer: {name: Web, country: NL}
sources:
  shop: {connector: woocommerce, url: "https://127.0.0.1:9"}
books: {connector: moneybird, administration: "1"}
""")
    for name in ("example", "stays"):
        t.write(name + "/sales/1.jsonl", sale(1) + sale(2) +
                sale(3, incl="21.00"))
    for n in (1, 2):		# the second puts the first aside
        for part, lines in (("books", "token=kanarie%d\n" % n), ("shop",
                            "consumer_key=kanarie%d\n"
                            "consumer_secret=kanarie%d\n" % (n, n))):
            t.run("rotate-credentials", "--unproven", "web", part,
                  given=lines).must(0)
    t.run("sync", "example", "stays").must(1)
    t.run("subject", "--erase", "-", given="d1@kanarie.example\n").must(0)
    t.run("rotate-credentials", "--login", "me@kanarie.example", "example",
          given="Vloer%tegel4x\n").must(0)
    t.write("i.csv", "number,date,tenant,currency,excl,vat,incl\n"
            "7,%d-06-30,example,EUR,16.53,3.47,20.00\n" % (NOW.year - 5))
    t.run("invoices", "import", t.path("i.csv")).must(0)
    t.ok("purge")


# --- what it says, and what is there ---

def overdue(t, at, code):
    """The rules that audit finds overdue, but for those of our own
    traces."""
    r = later(t, at, "audit").must(code)
    said = set(re.findall(r"under the rule (.*) are past their term \[S725\]",
                          r.err))
    rows = later(t, at, "audit", "--json").must(code).json()
    same({x["rule"] for x in rows if x["overdue"]}, said, "audit and --json")
    return said - OWN


def listed(t):
    return {n for top in ("store", "logs") for at, _, names in
            os.walk(t.path(top)) for n in (os.path.join(at, x) for x in names)
            if not n.endswith(NOW.strftime("%Y-%m-%d.log"))}


def files(t):
    """Nothing lies about that the page does not name."""
    named = re.findall(r"(?:STORE|LOGS)/[\w./@-]+", text_of(
        "man/salesync-privacy.7"))
    forms = [re.sub(r"YYYY-MM-DD|HHMMSS", lambda m: "[0-9-]{%d}" %
                    len(m.group()), n.rstrip(".")).replace("NAME", "@?[a-z]+")
             for n in named]
    forms += [f + "/(data|lock).mdb" for f in forms]
    for path in t.everywhere("store", "logs"):
        name = os.path.relpath(path, t.dir).replace("store/", "STORE/", 1) \
            .replace("logs/", "LOGS/", 1)
        holds(any(re.fullmatch(f, name) for f in forms), "the page has no " +
              name)


def silent(t):
    for path, text in t.everywhere("store", "logs").items():
        for word in PRIVATE:
            holds(word not in text.lower(), "%s stands in %s" % (word, path))


def pages(t):
    """The README's table, the rules and the record are one."""
    rules = t.run("audit", "--rules", "--json").must(0).json()
    table = re.findall(r"^\| (.*) \| (.*) \| (.*) \| (.*) \|$", text_of(
        "README.md").split("## What is kept")[1].split("\n## ")[0], re.M)[2:]
    same(table, [(r["rule"], r["holds"], r["form"], "%s, from %s" % (
        r["term"], r["from"])) for r in rules], "README.md")
    record = t.run("audit", "--record").must(0).out
    at = record.index("What is kept, why, and until when")
    for r in rules:
        at = record.index("- %s, of the %s: %s.\n" % (
            r["rule"], r["whose"], r["holds"]), at)
        has(record[at:], "Form: %s.\n  Until: %s, from %s.\n" % (
            r["form"], r["term"], r["from"]), "the record")
    for name in ("- example: ", "- stays: ", "- web: ",
                 "woocommerce at https://127.0.0.1:9"):
        has(record, name, "the record")
    kept = t.run("audit", "--json").must(0).json()
    same([r["rule"] for r in rules if not [x for x in kept if x["rule"] ==
                                           r["rule"] and x["count"]]],
         ["web visits", "certificates of purge"], "what there is none of")


def certificates(t, at):
    """Each is what the page says, by its own commands."""
    page = text_of("man/salesync-privacy.7").replace("\\e", "\\")
    block = page.split("openssl 1\nalone:\n")[1].split(".Ed")[0]
    script = "".join(line[2:] + "\n" if line[0] == "$" else line[2:].lstrip()
                     + "\n" for line in block.split("\n")[1:] if line)
    key = t.write("key.pem",
                  later(t, at, "audit", "--public-key").must(0).out)
    folder = t.path("store/certificates")
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        later(t, at, "audit", "--verify", path).must(0)
        done = subprocess.run(
            ["/bin/sh", "-ec", script.replace("FILE", path).replace(
                "KEY", key)], cwd=t.dir, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        same((done.returncode, done.stdout),
             (0, "Signature Verified Successfully\n"), script)
    return len(os.listdir(folder))


def stage(t, at, want, gone, code=0, *args):
    """Overdue, shown, done, and proven."""
    same(overdue(t, at, 1), want, "overdue after %d days" % at)
    before = listed(t)
    dry = later(t, at, "purge", "--dry-run", "--json", *args).must(0) \
        .json()
    same(before - listed(t), set(), "what a dry run removes")
    rows = later(t, at, "purge", "--json", *args).must(code).json()
    for r in rows, dry:
        same({x["rule"] for x in r if x["gone"]} - OWN, gone, "what went")
        same([x for x in r if x["kept"] and not x["why"]], [], "no reason")
    same(overdue(t, at, code), set(), "overdue after purge")
    files(t)
    silent(t)
    return certificates(t, at)


def days(year, month, day):
    return (datetime.date(year, month, day) - NOW).days


def case_walk(t):
    house(t)
    pages(t)
    files(t)
    silent(t)
    same(overdue(t, 0, 0), set(), "on the first day")
    n = stage(t, 33, {"credentials"}, {"credentials"})
    same(n, 1, "certificates")
    stage(t, 66, {"details of errors"}, {"details of errors"})
    same({x["detail"] for x in t.run("errors", "--json").must(0).json()},
         {"[gone]"}, "the details")
    ends = {"sales", "debtors", "keys", "erasures", "logins"}
    stage(t, 85, ends, ends, 1)
    has(later(t, 85, "audit").must(1).err, "example.yaml [S721]")
    os.unlink(t.path("tenants.d/example.yaml"))
    stage(t, 95, {"erasures"}, {"erasures"})
    year = NOW.year + 3
    same(overdue(t, days(year, 1, 2), 1), set(), "what may go, and need not")
    last = {"invoices", "own customers"}
    stage(t, days(year, 4, 10), last, last, 0, "--clock-is-right")
    for path, text in t.everywhere("store").items():
        holds("certificates" in path or b"example" not in text,
              "the name stands in " + path)
    same({x["tenant"] for x in later(t, days(year, 4, 10), "audit", "--json")
          .must(0).json()}, {None, "stays", "web"}, "who is left")
