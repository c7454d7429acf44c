"""The operator's own invoices: taken in, listed, kept, never changed."""
import datetime
import fcntl
import json
import os
import shutil

from house import has, holds, same

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(
    __file__))), "data", "invoices")
HEAD = "number,date,tenant,currency,excl,vat,incl\n"


def tenant(t, ident, **customer):
    """One that books from files into a journal: nothing to log in to."""
    os.makedirs(t.path("sales"), exist_ok=True)
    t.tenants[ident] = {
        "tenant": ident, "contract": {"start": "2024-01-01"},
        "customer": dict({"country": "NL"}, **customer),
        "sources": {"till": {"connector": "folder", "path": "sales"}},
        "books": {"connector": "journal", "file": ident + ".journal"},
        "rules": {"vat": {"NL 21": "a"}, "accounts": {"sales": "b"}}}
    t.configure()


def start(t, **more):
    t.init(**more)
    tenant(t, "acme", name="Acme B.V.", vat_number="NL000099998B57")


def data(name):
    return os.path.join(DATA, name)


def imported(t, *args, code=0, given=None):
    r = t.run("invoices", "import", "--json", *args, given=given).must(code)
    return [(x["number"], x["tenant"], x["result"]) for x in r.json()], r.err


def listed(t, *args):
    return t.run("invoices", "list", "--json", *args).must(0).json()


def terms(t, *args):
    return {x["number"]: (x["term"], x["hold"], x["until"], x["due"])
            for x in listed(t, *args)}


def files(t):
    return sorted(os.path.join(at, n) for top in ("store", "logs")
                  for at, _, names in os.walk(t.path(top)) for n in names)


def case_csv(t):
    """The good ones go in, the bad one is said by its line; once."""
    start(t)
    same(listed(t), [], "nothing yet")
    before = files(t)
    rows, err = imported(t, "--dry-run", data("invoices.csv"), code=1)
    want = [("2026-0001", "acme", "imported"),
            ("2026-0002", "acme", "refused"),
            ("2026-0003", "acme", "imported")]
    same(rows, want, "the dry run")
    same([n for n in files(t) if n not in before],
         [t.path("store/operator.lock")], "what a dry run makes")
    rows, err = imported(t, data("invoices.csv"), code=1)
    same(rows, want, "the import")
    has(err, "invoices.csv:3: invoice 2026-0002 was not imported: "
        "excl and vat do not make incl [S707]")
    same(terms(t), {
        "2026-0001": ("ordinary", None, "2033-12-31", "2034-03-31"),
        "2026-0003": ("oss", "tax audit", None, None)}, "the list")
    first = listed(t)[0]
    same((first["excl"], first["vat"], first["incl"], first["currency"],
          first["description"], first["date"], first["tenant"]),
         ("100.00", "21.00", "121.00", "EUR", "Webshop to books, January",
          "2026-01-31", "acme"), "its values")
    rows, err = imported(t, data("invoices.csv"), code=1)
    same([r for _, _, r in rows],
         ["there already", "refused", "there already"], "once more")
    # as JSON from standard input; and a customer that has no file
    for how in (["--dry-run"], []):
        same(sorted(terms(t)), ["2026-0001", "2026-0003"], "before")
        with open(data("invoices.json"), encoding="utf-8") as f:
            rows, err = imported(t, "-", *how, given=f.read())
        same(rows, [("2019-0007", "gone", "imported"),
                    ("2026-0001", "acme", "there already")], "JSON")
    same(sorted(terms(t)), ["2019-0007", "2026-0001", "2026-0003"], "all")
    same(list(terms(t, "gone")), ["2019-0007"], "of one tenant")
    has(t.run("invoices", "list", "nobody").must(78).err, "S604")
    r = t.run("invoices", "list").must(0)
    has(r.out, "2019-0007")
    # a name that is known from an invoice will do for the next
    rows, err = imported(t, "-", given=HEAD.replace("tenant", "name") +
                         "8,2019-06-01,Gone V.O.F.,EUR,1,0,1\n")
    same(rows, [("8", "gone", "imported")], "by the name")


def case_never_changed(t):
    """Another amount, date or description is refused; a hold is set anew."""
    start(t)
    line = "1,2026-01-31,acme,EUR,%s,0,%s%s\n"
    imported(t, "-", given=HEAD + line % (10, 10, ""))
    before = listed(t)
    for other in (HEAD + line % (11, 11, ""),
                  HEAD + "1,2026-02-01,acme,EUR,10,0,10\n",
                  HEAD[:-1] + ",term\n" + line % (10, 10, ",oss"),
                  HEAD[:-1] + ",description\n" + line % (10, 10, ",x")):
        rows, err = imported(t, "-", code=1, given=other)
        same(rows, [("1", "acme", "refused")], other)
        has(err, "[S709]")
        same(listed(t), before, "what is there")
    # within one file too
    rows, err = imported(t, "-", code=1, given=HEAD +
                         line.replace("1", "2", 1) % (5, 5, "") +
                         line.replace("1", "2", 1) % (6, 6, ""))
    same([r for _, _, r in rows], ["imported", "refused"], "one file")
    held = HEAD[:-1] + ",hold\n" + line
    rows, err = imported(t, "-", given=held % (10, 10, ",audit"))
    same(rows, [("1", "acme", "hold changed")], "held")
    same(terms(t)["1"][1:], ("audit", None, None), "held")
    rows, err = imported(t, "-", given=held % (10, 10, ","))
    same(rows, [("1", "acme", "there already")], "nothing said of the hold")
    imported(t, "-", given=held % (10, 10, ",-"))
    same(terms(t)["1"][1:], (None, "2033-12-31", "2034-03-31"), "released")
    # and by the tenant's file, for all of its own
    t.tenants["acme"]["hold"] = "fraud case"
    t.configure()
    same([x["hold"] for x in listed(t)], ["fraud case"] * 2, "the tenant's")


def case_ubl(t):
    """Whose it is follows from the VAT number, or else from the name."""
    start(t)
    both = [data("invoice.xml"), data("credit.xml")]
    rows, err = imported(t, *both)
    same(rows, [("2026-0042", "acme", "imported"),
                ("2026-0043", "acme", "imported")], "both")
    same([(x["incl"], x["description"]) for x in listed(t)],
         [("121.00", "Webshop to books, March"),
          ("-50.00", "March, in part")], "the list")
    # nobody, or two: it must be said
    t.tenants["acme"]["customer"] = {"name": "Other"}
    tenant(t, "one", name="Acme B.V.", vat_number="nl 0000.99998.b57")
    tenant(t, "two", name="Acme B.V.", vat_number="NL000099998B57")
    for path in both:
        rows, err = imported(t, path, code=1)
        has(err, "[S710]")
    shutil.rmtree(t.path("store/operator"))
    rows, err = imported(t, "--tenant", "one", "--term", "immovable", *both)
    has(err, "[S704]")
    same(terms(t)["2026-0042"],
         ("immovable", None, "2036-12-31", "2037-03-31"), "its term")
    rows, err = imported(t, "--tenant", "nobody", data("credit.xml"), code=78)
    has(err, "[S604]")
    # what is no invoice at all
    t.write("order.xml", "<Order xmlns='urn:x'/>")
    t.write("bomb.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    t.write("words.txt", "Dear customer,\n")
    for name, why in (("order.xml", "no UBL"), ("bomb.xml", "DOCTYPE"),
                      ("words.txt", "column 1"), ("none.csv", "no such file")):
        rows, err = imported(t, t.path(name), both[0], "--tenant", "one",
                             "--term", "immovable", code=65)
        has(err, "[S708]")
        has(err, why)
        same([r for _, _, r in rows], ["there already"], "the next file")


def case_gone(t):
    """A tenant whose file is gone is known, with its invoices."""
    start(t, financial_year_end="06-30")
    imported(t, data("invoice.xml"))
    same(terms(t)["2026-0042"][2:], ("2033-06-30", "2033-09-30"), "its term")
    os.unlink(t.path("tenants.d/acme.yaml"))
    t.tenants.clear()
    tenant(t, "other")
    t.run("rotate-credentials", "--master-key").must(0)
    has(t.run("check", "--offline").must(0).out, "operator's store  ok")
    same(list(terms(t, "acme")), ["2026-0042"], "its invoices")
    rows, err = imported(t, data("credit.xml"))
    same(rows, [("2026-0043", "acme", "imported")], "by its name")


def case_numbers(t):
    """check tells of an IBAN and a VAT number that can't be right."""
    start(t)
    r = t.run("check", "--offline", "acme").must(0)
    holds("S706" not in r.err, r.err)
    tenant(t, "slip", iban="NL91ABNA0417164301",
           vat_number="NL123456789B01")
    r = t.run("check", "--offline", "slip").must(1)
    has(r.err, "slip.yaml: customer: this iban can't be right")
    has(r.err, "slip.yaml: customer: this vat_number can't be right")
    t.ok("sync")
    rows, err = imported(t, "-", code=1, given=HEAD[:-1] + ",iban\n"
                         "1,2026-01-31,slip,EUR,1,0,1,NL91ABNA0417164301\n"
                         "2,2026-01-31,slip,EUR,1,0,1,\n")
    same([r for _, _, r in rows], ["refused", "imported"], "the invoices")


def case_sealed(t):
    """Nothing of it stands in the clear, in any file."""
    start(t)
    tenant(t, "kanarietenant", name="Kanarie B.V.", address="Kanariestraat 1")
    imported(t, "-", given=json.dumps({
        "number": "2026-77", "date": "2026-01-31", "currency": "EUR",
        "excl": "1", "vat": "0", "incl": "1", "tenant": "acme",
        "description": "Kanarie", "hold": "kanarie"}))
    imported(t, "-", code=1, given=json.dumps({
        "number": "2026-77", "date": "2026-01-31", "currency": "EUR",
        "excl": "2", "vat": "0", "incl": "2", "tenant": "acme"}))
    for path in files(t):
        with open(path, "rb") as f:
            text = f.read().replace(b"kanarietenant", b"")
        holds(b"kanarie" not in text.lower(), path + " tells")
        holds(not path.endswith(".log") or b"2026-77" not in text,
              path + " has the number")


def case_whose(t):
    """What stands in the place of a tenant's name may be anybody's."""
    start(t)
    for who in ("Jan Kanarie", "kanarie"):
        given = HEAD + "1\x1b[31m,2026-01-31,%s,EUR,1,0,1\n" % who
        rows, err = imported(t, "-", code=1, given=given)
        has(err, "there is no such tenant")
        r = t.run("invoices", "import", "-", given=given).must(1)
        has(r.out, who)
        holds("\x1b" not in r.out + r.err, "a terminal obeys: " + r.out)
    for path in files(t):
        with open(path, "rb") as f:
            holds(b"anarie" not in f.read(), path + " tells")


def case_busy(t):
    """One run at a time writes; reading goes on."""
    start(t)
    imported(t, data("invoice.xml"))
    with open(t.path("store/operator.lock"), "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        r = t.run("invoices", "import", data("credit.xml")).must(75)
        has(r.err, "[S705]")
        same(list(terms(t)), ["2026-0042"], "the list meanwhile")
    imported(t, data("credit.xml"))


def case_restored(t):
    """A backup put back is told, once, and the import completes it."""
    start(t)
    imported(t, data("invoice.xml"))
    shutil.copytree(t.path("store"), t.path("backup"))
    imported(t, data("credit.xml"))
    shutil.rmtree(t.path("store"))
    shutil.copytree(t.path("backup"), t.path("store"))
    rows, err = imported(t, data("invoice.xml"), data("credit.xml"))
    has(err, "[S704]")
    same([r for _, _, r in rows], ["there already", "imported"], "the import")
    rows, err = imported(t, data("credit.xml"))
    same(err, "", "said once")


def case_many_bad(t):
    """A thousand are told one by one, and that there are more."""
    start(t)
    rows, err = imported(t, "-", code=1, given=HEAD + "x\n" * 2500 +
                         "1,2026-01-31,acme,EUR,1,0,1\n")
    same((len(rows), rows[-1]), (1001, ("1", "acme", "imported")), "the rows")
    same(len(err.splitlines()), 1001, "lines")
    has(err.splitlines()[-1], "nor were others")


def case_many(t):
    """Twenty thousand in one file: one transaction, in little memory."""
    start(t)
    day = datetime.date(2020, 1, 1)
    text = HEAD + "".join(
        "%d,%s,acme,EUR,%d.00,0,%d.00\n" % (i, day + datetime.timedelta(
            days=i % 365), i, i) for i in range(20000))
    r = t.run("invoices", "import", "-", given=text).must(0)
    same(r.out.count("imported"), 20000, "taken in")
    holds(r.rss_k < 96 * 1024, "%d KiB" % r.rss_k)
    same(len(listed(t)), 20000, "there")
