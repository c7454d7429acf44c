"""Answers of the books that are lost: whatever request it happens to, in
whatever way, each sale is booked once.
"""
import functools
import os
import signal

import expect
from house import holds, orders, plain, same, until

# carried out, and the client can't know
DONE = {
    "reset": {"kind": "lose"},
    "closed": {"kind": "close"},
    "cut": {"kind": "cut"},
    "garbage": {"kind": "garbage"},
    "status": {"kind": "status", "status": 500},
    "timeout": {"kind": "status", "status": 408},
    "noid": {"kind": "merge", "body": {"id": None}},
    "hang": {"kind": "hang", "seconds": 20},
}
# not carried out, and the client can't know
UNDONE = {
    "unsent": {"kind": "unsent"},
    "error": {"kind": "refuse", "status": 503, "body": {}},
}


def lost(t, fault, n, count, done):
    made = plain(count)
    acme = t.make(made)
    acme["books"]["timeout"] = "1s"
    t.configure()
    t.books.fault(n=n, **fault)
    t.ok("sync")
    dump = t.books.dump()
    holds(any(r["fault"] for r in dump["requests"]), "no fault came")
    expect.same_books(dump, made, sent_once=done)
    same(len(dump["contacts"]), count, "contacts")
    t.ok("sync")
    same(len(t.books.dump()["requests"]), len(dump["requests"]),
         "requests of a run with nothing to do")
    t.ok("dedupe")


def killed(t, n, count):
    """The process dies when the books have it and before they answer."""
    made = plain(count)
    t.make(made)
    t.books.fault("hang", n=n, seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    same(run.end().code, -signal.SIGKILL, "its end")
    t.books.control(faults=[])
    t.ok("sync")
    dump = t.books.dump()
    expect.same_books(dump, made)
    same(len(dump["contacts"]), count, "contacts")
    t.ok("dedupe")


def cases(out):
    # two sales take eight requests: contact, invoice, send, payment
    for n in range(1, 9):
        out["case_reset_%d" % n] = functools.partial(
            lost, fault=DONE["reset"], n=n, count=2, done=True)
        out["case_killed_%d" % n] = functools.partial(killed, n=n, count=2)
    for word, fault in DONE.items():
        for n in range(1, 5):
            out.setdefault("case_%s_%d" % (word, n), functools.partial(
                lost, fault=fault, n=n, count=1, done=True))
    for word, fault in UNDONE.items():
        for n in range(1, 5):
            out["case_%s_%d" % (word, n)] = functools.partial(
                lost, fault=fault, n=n, count=1, done=False)


cases(globals())


def case_every_answer(t):
    """Not one answer of a whole run comes back."""
    made = orders(12, kinds=["plain", "refund_part", "company"])
    t.make(made)
    t.books.fault("lose", times=0, match="^POST .*(sales_invoices|contacts)"
                  "[.]json")
    r = t.run("sync")
    holds(r.code in (0, 69, 75), "exit %r" % r)
    t.books.control(faults=[])
    until(lambda: t.run("sync").code == 0, "done", 50)
    dump = t.books.dump()
    expect.same_books(dump, made)
    same(set(dump["posts"].values()), {1}, "documents made")


def late(t, seconds, settle):
    made = plain(1)
    t.make(made, settle=settle)
    t.books.fault("late", n=2, seconds=seconds)
    return made


def case_late_commit(t):
    """The books carry it out a second after the connection was cut."""
    made = late(t, 1, "3s")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_late_commit_long(t):
    made = late(t, 7, "8s")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_late_commit_dead(t):
    """The same, and the client is gone as well."""
    made = late(t, 1, "3s")
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_control_without_settling(t):
    """What the settle window is there for: without it, this books twice.
    Were it to pass with one, the cases above would prove nothing."""
    late(t, 7, "0s")
    t.run("sync")
    until(lambda: 2 in t.books.dump()["references"].values(), "booked twice")
    rows = t.run("dedupe", "--json").must(1).json()
    same([r["finding"] for r in rows], ["booked twice"], "dedupe")


def case_search_lag(t):
    """A lookup does not see what is younger than the declared lag."""
    made = plain(1)
    t.make(made)
    t.books.control(lag_s=4, faults=[{"kind": "lose", "n": 2}])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_control_search_lag(t):
    """Books whose search is later than they say are beyond help."""
    t.make(plain(1))
    t.books.control(lag_s=12, faults=[{"kind": "lose", "n": 2}])
    t.run("sync")
    same(list(t.books.dump()["references"].values()), [2], "documents")


def case_twice_by_the_books(t):
    """Their own doing; it is found and told, and never mended."""
    t.make(plain(2))
    t.books.fault("twice", n=2)
    t.ok("sync")
    rows = t.run("dedupe", "--json").must(1).json()
    same([r["finding"] for r in rows], ["booked twice"], "dedupe")
    t.run("dedupe", "--repair").must(1)
    same(len(t.books.dump()["documents"]), 3, "documents")


def case_twice_and_lost(t):
    """Found more than once: a person is told, nothing is touched."""
    t.make(plain(1))
    t.books.control(faults=[
        {"kind": "lose", "n": 2},
        {"kind": "twice", "match": "^POST .*sales_invoices[.]json"}])
    made = plain(1)
    t.books.control(faults=[{"kind": "lose", "n": 2}], contacts=[
        {"lastname": "Hand"}], invoices=[])
    t.books.fault("late", n=2, seconds=0)
    r = t.run("sync")
    same(r.code, 0, "exit")
    expect.same_books(t.books.dump(), made)


def case_payment_refused_once(t):
    """What is held after its first step is finished with --retry."""
    made = plain(1)
    t.make(made)
    t.books.fault("refuse", match="payments", status=422,
                  body={"error": {"price": ["is too much"]}})
    r = t.run("sync").must(1)
    same(r.err.count("S216"), 1, "stderr " + r.err)
    same(t.errors(), {made[0]["number"]: "S216"}, "errors")
    t.ok("sync")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)
    same(t.errors(), {}, "errors")


def case_rate_limit(t):
    """429 by the books: carried out is nothing, so nothing is in doubt."""
    made = plain(4)
    t.make(made)
    t.books.control(limit=9, limit_reset_s=1)
    r = t.run("sync")
    t.books.control(limit=None)
    holds(r.code in (0, 75), "exit %r" % r)
    if r.code:
        t.ok("sync")
    expect.same_books(t.books.dump(), made, sent_once=False)


def case_books_down(t):
    made = plain(3)
    t.make(made)
    port = t.books.port
    t.books.end()
    r = t.run("sync").must(69)
    same(r.err.count("S401"), 1, "stderr " + r.err)
    same(t.cursors(), {"acme/shop": None}, "cursor")
    holds(port, "port")


def case_books_token_gone(t):
    made = plain(3)
    t.make(made)
    t.books.fault("refuse", match="", n=1, times=0, status=401, body={
        "error": "The access token is invalid"})
    r = t.run("sync").must(77)
    same(r.err.count("S406"), 1, "stderr " + r.err)
    same(t.cursors(), {"acme/shop": None}, "cursor")
    t.books.control(faults=[])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
