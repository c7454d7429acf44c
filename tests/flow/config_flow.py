"""Faults of configuration: file, line, column and what was meant; nothing is
contacted and nothing done.
"""
import datetime
import os

import expect
from house import DAY0, has, holds, orders, plain, same

TENANT = """tenant: acme
contract: {start: 2024-01-01}
customer: {name: Acme, country: NL}
sources:
  shop:
    connector: woocommerce
    url: %s
    ca_file: %s
books:
  connector: moneybird
  url: %s/api/v2
  ca_file: %s
  administration: "123456789"
rules:
  settle: 2s
  vat: {NL 21: "496000000000000021", NL 9: "496000000000000009",
    NL 0: "496000000000000100"}
  accounts: {sales: "496000000000008000", rounding: "496000000000008004"}
"""


def yaml(t, made=1):
    """A house with a tenant's file as a person writes it."""
    made = plain(made)
    t.make(made)
    del t.tenants["acme"]
    t.text = TENANT % (t.shop.url, t.cert("ca"), t.books.url, t.cert("ca"))
    t.write("tenants.d/acme.yaml", t.text)
    return made


def wrong(t, old, new, *words):
    holds(old in t.text, "no %r in the file" % old)
    t.write("tenants.d/acme.yaml", t.text.replace(old, new, 1))
    r = t.run("sync").must(78)
    for word in words:
        has(r.err, word)
    same((t.seen(), t.books.dump()["requests"]), (0, []), "requests")
    t.write("tenants.d/acme.yaml", t.text)
    return r


def case_tenant_file(t):
    made = yaml(t)
    at = "tenants.d/acme.yaml:"
    wrong(t, "    url:", "    ulr:", at + "7:5: sources.shop.ulr: unknown "
          "key; did you mean \"url\"?", "sources.shop.url: this key is "
          "missing")
    wrong(t, "connector: woocommerce", "connector: woocomerce", at + "6:16: ",
          "did you mean \"woocommerce\"?")
    wrong(t, "connector: moneybird", "connector: woocommerce", at + "10:14: ",
          "is for shops, not for books")
    wrong(t, "settle: 2s", "settle: 2 minutes", at + "15:11: rules.settle: "
          "expected a duration such as 2s, 10m")
    wrong(t, "settle: 2s", "settel: 2s", "did you mean \"settle\"?")
    wrong(t, "settle: 2s", "settle: [2s]", at + "15:11: ")
    wrong(t, "settle: 2s", "settle: -2s", at + "15:11: ")
    wrong(t, "start: 2024-01-01", "start: 2024-02-30", at + "2:19: "
          "contract.start: ")
    wrong(t, "start: 2024-01-01", "start: 2024-01-01, end: 2023-01-01",
          "contract.end")
    wrong(t, "country: NL", "country: Holland", at + "3:33: ")
    wrong(t, "NL 21:", "NL 21%:", "rules.vat.NL 21%")
    wrong(t, "NL 9:", "NL 21.0:", "stand here twice")
    wrong(t, "    url: https", "    url: http", at + "7:10: sources.shop.url")
    wrong(t, "tenant: acme", "tenant: ../acme", at + "1:9: tenant")
    wrong(t, "tenant: acme\n", "", "tenant: this key is missing")
    wrong(t, "books:\n", "bookz:\n", "did you mean \"books\"?")
    wrong(t, "  vat: {", "  vat: [", "acme.yaml:")
    wrong(t, "tenant: acme", "tenant: acme\ntenant: acme", at + "2:1: ")
    wrong(t, "tenant: acme", "tenant: &a acme", at + "1:")
    wrong(t, "tenant: acme", "\ttenant: acme", at + "1:")
    wrong(t, "name: Acme", "name: \"A\\0\"", at + "3:")
    wrong(t, "rules:", "--- \nrules:", "acme.yaml:")
    wrong(t, "administration: \"123456789\"", "finalize: maybe",
          "books.administration", "books.finalize")
    wrong(t, "ca_file: %s" % t.cert("ca"), "ca_file: nowhere.pem", at + "8:")
    t.ok("sync")
    same(len(t.books.dump()["documents"]), 1, "documents")


def case_every_fault_at_once(t):
    """All of a file are told, not the first alone."""
    yaml(t)
    r = wrong(t, "settle: 2s", "settle: x\n  rounding: 5.00\n  debtors: none",
              "rules.settle", "rules.rounding", "rules.debtors")
    same(len(r.err.splitlines()), 3, "lines of stderr: " + r.err)


def case_sync_yaml(t):
    yaml(t)
    text = t.read("sync.yaml")
    for old, new, word in (
            ('"parallel": 4', '"parallel": 0', "parallel: expected"),
            ('"parallel": 4', '"paralel": 4', "did you mean \"parallel\"?"),
            ('Europe/Amsterdam', 'Europe/Utrecht', "expected a time zone"),
            ('"file:master.key"', '"' + "0" * 64 + '"', "master_key"),
            ('"store": "store",', '', "store: this key is missing"),
            ('"tenants": "tenants.d/*.yaml"', '"tenants": "x.yaml"',
             "tenants: no such file")):
        holds(old in text, "no %r in the file" % old)
        t.write("sync.yaml", text.replace(old, new))
        r = t.run("sync").must(78)
        has(r.err, word)
        holds("0" * 20 not in r.err, "a value is echoed")
    os.unlink(t.path("sync.yaml"))
    has(t.run("sync").must(78).err, "sync.yaml")
    same((t.seen(), t.books.dump()["requests"]), (0, []), "requests")


def case_two_of_a_name(t):
    yaml(t)
    t.write("tenants.d/other.yaml", t.text)
    has(t.run("sync").must(78).err, "acme")
    same(t.seen(), 0, "requests")


def case_yaml_bombs(t):
    """Small files that would grow, and files that are no text."""
    yaml(t)
    bomb = "a: &a [x,x]\n" + "".join(
        "%s: &%s [*%s,*%s]\n" % (n, n, m, m) for n, m in zip("bcdefg",
                                                             "abcdef"))
    for text in (bomb, "[" * 20000, "a: " * 5000, "\xff\xfe", "\0",
                 "x" * 2000000, "- " * 30000, "%YAML 9.9\n---\na: b\n",
                 "!!python/object:os.system x\n", ""):
        t.write("tenants.d/acme.yaml", text)
        r = t.run("sync").must(78)
        holds(r.seconds < 3, "it took %.1f s" % r.seconds)
        has(r.err, "acme.yaml")
    same(t.seen(), 0, "requests")


def case_usage(t):
    t.make(plain(1))
    for args in ((), ("snyc",), ("sync", "--frob"), ("sync", "-x"),
                 ("sync", "--since"), ("sync", "--since", "yesterday"),
                 ("sync", "--json=x"), ("purge", "acme"),
                 ("dedupe", "--show", "1001", "acme"),
                 ("explain", "S999"), ("connectors", "nope")):
        r = t.run(*args)
        same(r.code, 64, "%r: %r" % (args, r))
        holds(r.err and not r.out, "where it is said: %r" % r)
    has(t.run("snyc").err, "did you mean sync?")
    has(t.run("help").must(0).out, "rotate-credentials")
    has(t.run("sync", "--help").must(0).out, "--retry")
    has(t.run("explain", "S212").must(0).out, "S212")
    same(t.seen(), 0, "requests")


def case_check(t):
    """check finds what a run would fail on, and says what to do."""
    made = plain(1)
    t.make(made)
    t.run("check").must(0)
    t.run("check", "--offline").must(0)
    acme = t.tenants["acme"]
    acme["rules"]["vat"]["NL 21"] = "496000000000000999"
    t.configure()
    r = t.run("check").must(1)
    has(r.err, "496000000000000999")
    acme["rules"]["vat"]["NL 21"] = "496000000000000021"
    acme["books"]["administration"] = "987654321"
    t.configure()
    has(t.run("check").must(78).err, "S408")
    has(t.run("sync").must(78).err, "S408")
    same(t.books.dump()["documents"], [], "documents")


# --- contracts ---

def day(n):
    return (datetime.date.today() + datetime.timedelta(days=n)).isoformat()


def case_contract(t):
    """Outside of it nothing is asked, and nothing said."""
    made = plain(3)
    acme = t.make(made)
    for contract in ({"start": "2024-01-01", "end": day(-1)},
                     {"start": day(2)}):
        acme["contract"] = contract
        t.configure()
        t.ok("sync")
        r = t.shell("$S pull | $S push")
        same((r.code, r.out, r.err), (0, "", ""), "the pipe")
        same((t.seen(), t.books.dump()["requests"]), (0, []), "requests")
    acme["contract"] = {"start": "2024-01-01", "end": day(1)}
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_sales_outside_of_the_contract(t):
    """Orders from before its start and after its end are not offered."""
    made = plain(4)
    old = plain(2, 3)
    for n, order in enumerate(old):
        order["id"], order["number"] = 10 + n, str(10 + n)
        order["date_created_gmt"] = "2020-05-05T10:00:00"
    acme = t.make(made + old)
    acme["contract"] = {"start": DAY0.isoformat()}
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_since(t):
    """The oldest sale that a source offers, in the operator's zone."""
    made = orders(8, kinds=["plain"])
    for order in made[:4]:	# 23:30 the day before, in Amsterdam
        order["date_created_gmt"] = (DAY0 - datetime.timedelta(
            days=1)).isoformat() + "T21:30:00"
    acme = t.make(made)
    acme["sources"]["shop"]["since"] = DAY0.isoformat()
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made[4:])
    acme["sources"]["shop"]["since"] = "2024-06-01"
    t.configure()
    t.ok("sync", "--since", "2024-06-01")
    expect.same_books(t.books.dump(), made)


def case_until(t):
    made = plain(4)
    made[3]["date_created_gmt"] = (DAY0 + datetime.timedelta(
        days=2)).isoformat() + "T10:00:00"
    t.make(made)
    t.ok("sync", "--until", DAY0.isoformat())
    expect.same_books(t.books.dump(), made[:3])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
