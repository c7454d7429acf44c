"""A debtor's rights: what is kept of them, and how it goes."""
import os
import shutil

import expect
from house import has, holds, plain, same, until

WORDS = "WOORDEN over de debiteur"


def known(t, n=4):
    """A shop with that many debtors, the last of whom is refused; the
    addresses."""
    made = plain(n)
    for i, order in enumerate(made):
        order["billing"]["email"] = "debtor%d@kopers.example" % i
    t.make(made)
    t.books.fault("refuse", n=n - 1, match="^POST .*contacts", status=422,
                  body={"error": {"email": [WORDS]}})
    t.run("sync").must(1)
    same(len(t.error_rows()), 1, "errors")
    same(t.error_rows()[0]["detail"], "email " + WORDS, "the detail")
    return made, [o["billing"]["email"] for o in made]


def newer(email):
    """An order that comes in later."""
    order = plain(6)[-1]
    order["billing"]["email"] = email
    return order


def access(t, email, *tenants):
    r = t.run("subject", "--access", "-", "--json", *tenants,
              given=email + "\n").must(0)
    holds(bool(r.json()) == ("S740" not in r.err), r.err)
    return r.json()


def erase(t, email, *more):
    return t.run("subject", "--erase", "-", "--json", *more,
                 given=email + "\n")


def unlogged(t, *words):
    for name, text in t.everywhere("logs", "store").items():
        for word in words:
            holds(word.encode() not in text, "%s stands in %s" % (word, name))


def case_access(t):
    made, mail = known(t)
    number = t.error_rows()[0]["number"]
    bad = next(o for o in made if o["number"] == number)
    good = next(o for o in made if o is not bad)["billing"]["email"]
    rows = access(t, "  " + good.upper() + " ")
    same([(r["tenant"], r["what"], r["state"], r["email"]) for r in rows],
         [("acme", "debtor", "known", good)], "the debtor")
    contacts = {c["email"]: c["id"] for c in t.books.dump()["contacts"]}
    same(rows[0]["contact"], contacts[good], "the contact")
    rows = access(t, bad["billing"]["email"])
    same([(r["what"], r["state"], r["source"], r["kind"], r["number"],
           r["code"], r["detail"]) for r in rows],
         [("sale", "refused", "shop", "order", number, "S220",
           "email " + WORDS)], "the refused sale")
    has(rows[0]["message"], number)
    same(access(t, "nobody@kopers.example"), [], "nobody")
    r = t.run("subject", "--access", good).must(0)
    has(r.out, good)
    unlogged(t, *mail, "nobody@", WORDS)


def case_access_obeyed(t):
    """Words of others are shown; a terminal has nothing to obey in them."""
    words = "a\x1b[31m\u009b31mb"
    made = plain(1)
    t.make(made)
    t.books.fault("refuse", match="^POST .*contacts", status=422,
                  body={"error": {"email": [words]}})
    t.run("sync").must(1)
    same(t.error_rows()[0]["detail"], "email " + words, "as JSON")
    for args in (("errors",), ("subject", "--access",
                             made[0]["billing"]["email"])):
        out = t.run(*args).must(0).out
        has(out, "email a?[31m??31mb")
        holds("\x1b" not in out, repr(out))


def case_access_closed(t):
    """A standard stream that is closed is no file of ours instead."""
    _, mail = known(t)
    ask = "echo %s | $S subject --access - " % mail[0]
    for closed, code in ((">&-", 74), ("2>&-", 0), (">&- 2>&-", 74)):
        r = t.shell("%s %s" % (ask, closed))
        same((r.code, mail[0] in r.out), (code, code == 0), closed)
    same(t.shell("$S subject --access - <&- >&- 2>&-").code, 64, "all")
    unlogged(t, *mail)
    t.ok("sync")


def case_erase(t):
    """It goes for good, nobody else does; the error stays in our words."""
    made, mail = known(t)
    number = t.error_rows()[0]["number"]
    bad = next(o for o in made if o["number"] == number)["billing"]["email"]
    for email in (mail[0], bad):
        r = erase(t, email, "--dry-run").must(0)
        same(r.json(), [{"tenant": "acme", "rows": 1, "erased": False}],
             "the dry run")
        same(len(access(t, email)), 1, "after a dry run")
        r = erase(t, email).must(0)
        same((r.json(), r.err), ([{"tenant": "acme", "rows": 1, "erased":
                                   True}], ""), "what went")
        same(access(t, email), [], "what is left")
        r = erase(t, email).must(0)
        same(r.json(), [], "a second time")
        has(r.err, "S740")
    for email in set(mail) - {mail[0], bad}:
        same(len(access(t, email)), 1, email)
    same([(r["number"], r["code"], r["detail"]) for r in t.error_rows()],
         [(number, "S220", "[gone]")], "the error")
    has(t.run("errors").must(0).out, "[gone]")
    holds(not os.path.exists(t.path("store/tenants/acme/reload")), "a mark")
    for place in ("store/keys", "logs"):
        same(len(t.read(place + "/acme.erased").splitlines()), 2, place)
        same(os.stat(t.path(place, "acme.erased")).st_mode & 0o777, 0o600,
             "its mode")
    unlogged(t, *mail, WORDS)
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)
    same(len(access(t, bad)), 1, "who is offered again is known again")


def case_restored(t):
    """A backup from before the erasure brings nobody back."""
    made, mail = known(t)
    shutil.copytree(t.path("store"), t.path("backup"))
    erase(t, mail[0]).must(0)
    for command in ("purge", "sync"):	# the first is what the page names
        shutil.rmtree(t.path("store"))
        shutil.copytree(t.path("backup"), t.path("store"))
        same(len(access(t, mail[0])), 1, "in the backup")
        r = t.run(command).must(0)
        has(r.err, "S742")
        same(os.path.exists(t.path("store/tenants/acme/reload")),
             command == "sync", "old bytes are to go")
        same(access(t, mail[0]), [], "after " + command)
    same(len(access(t, mail[1])), 1, "somebody else")
    t.run("purge").must(0)
    holds(not os.path.exists(t.path("store/tenants/acme/reload")), "a mark")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)


def case_bought_again(t):
    """Who comes back is a new debtor, and stays."""
    made, mail = known(t)
    erase(t, mail[0]).must(0)
    again = newer(mail[0])
    t.shop.control(put=again)
    t.ok("sync")
    same(len(access(t, mail[0])), 1, "the new debtor")
    t.ok("purge")
    t.ok("sync")
    same(len(access(t, mail[0])), 1, "the new debtor, later")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made + [again], sent_once=False)


def case_term(t):
    """A tombstone goes with the last backup from before it."""
    _, mail = known(t)
    erase(t, mail[0]).must(0)
    t.conf["backups"] = "10d"
    t.configure()
    for days, there in ((9, True), (12, False)):
        t.later("+%dd" % days, "purge").must(0)
        for place in ("store/keys", "logs"):
            same(os.path.exists(t.path(place, "acme.erased")), there,
                 "%s after %d days" % (place, days))


def case_busy(t):
    """Not under a run that may be making the debtor."""
    _, mail = known(t)
    t.books.fault("hang", n=1, seconds=2)
    t.shop.control(put=newer("new@kopers.example"))
    run = t.start("sync")
    until(lambda: len([r for r in t.books.dump()["requests"]
                       if r["fault"]]) == 2, "the request")
    r = erase(t, mail[0])
    same(r.code, 75, repr(r))
    has(r.err, "S105")
    run.kill()
    run.end()
    same(len(access(t, mail[0])), 1, "the debtor")


def case_tenants(t):
    """All, or those that are named; a tenant that never ran has nothing."""
    made, mail = known(t)
    t.books.control(admins=["123456789", "1", "2"])
    acme = t.tenants["acme"]
    for name, number in (("beta", "1"), ("gamma", "2")):
        t.tenants[name] = dict(acme, tenant=name, books=dict(
            acme["books"], administration=number))
    t.configure()
    for part, lines in (("shop", "consumer_key=ck_test\n"
                         "consumer_secret=cs_test\n"),
                        ("books", "token=token\n")):
        t.rotate("beta", part, lines, "--unproven")
    t.run("sync", "beta").must(0)
    same([r["tenant"] for r in access(t, mail[0])], ["acme", "beta"], "all")
    same([r["tenant"] for r in access(t, mail[0], "gamma")], [], "gamma")
    r = erase(t, mail[0], "beta").must(0)
    same([x["tenant"] for x in r.json()], ["beta"], "what went")
    same([r["tenant"] for r in access(t, mail[0])], ["acme"], "all, later")


def case_no_file(t):
    """A tenant whose file is gone, and whose data are not."""
    _, mail = known(t)
    t.tenants["beta"] = dict(t.tenants["acme"], tenant="beta")
    del t.tenants["acme"]
    os.unlink(t.path("tenants.d/acme.yaml"))
    os.mkdir(t.path("store/tenants/no tenant"))
    t.configure()
    same([r["tenant"] for r in access(t, mail[0])], ["acme"], "all")
    same(access(t, mail[0], "beta"), [], "beta")
    same(erase(t, mail[0]).must(0).json(),
         [{"tenant": "acme", "rows": 1, "erased": True}], "what went")
    same(access(t, mail[0]), [], "later")


def case_slips(t):
    """What is typed by mistake is not logged."""
    known(t)
    for args in (("subject", "slip@kopers.example"),
                 ("subject", "--access", "", "acme"),
                 ("subject", "--access", "x@y", "--erase", "x@y"),
                 ("subject", "--acces=slip@kopers.example"),
                 ("subject", "--erase", "x" * 255 + "@slip", "acme"),
                 ("subject", "--access", "x@y", "slip@kopers.example"),
                 ("rotate-credentials", "token=slip", "books"),
                 ("rotate-credentials", "acme", "token=slip"),
                 ("rotate-credentials", "--tenant-key", "token=slip"),
                 ("rotate-credentials", "--older-than", "1d", "token=slip"),
                 ("rotate-credentials", "--login", "a@b.nl", "token=slip"),
                 ("invoices", "list", "token=slip"),
                 ("invoices", "import", "--tenant", "token=slip", "-")):
        r = t.run(*args)
        holds(r.code in (64, 78), "%s: %r" % (args, r))
    for line in ("", "-\0slip@kopers.example", "x@y.example\0slip"):
        same(erase(t, line).code, 64, "the line %r" % line)
    unlogged(t, "slip")
