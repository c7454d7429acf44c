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
    r = t.ok("sync")
    holds(r.seconds > 2, "it settled in %.2f s" % r.seconds)
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
    t.freed("sync")
    dump = t.books.dump()
    expect.same_books(dump, made)
    same(len(dump["contacts"]), count, "contacts")
    t.ok("dedupe")


def killed_and_paid_late(t, n):
    """The next run begins with a sale that the books don't have: what the
    dead run was at is known by its intents alone."""
    made = orders(4, 1, ["pending", "plain", "plain", "plain"])
    for order in made:	# one debtor, known already: nothing to make
        order["billing"]["email"] = "anna@example.test"
    t.make(made[:2])
    t.ok("sync")
    for order in made[2:]:
        t.shop.control(put=order)
    t.books.fault("hang", n=n, seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    made[0].update(status="processing",
                   date_paid_gmt=made[0]["date_created_gmt"],
                   date_modified_gmt=made[3]["date_modified_gmt"])
    t.books.control(faults=[])
    t.shop.control(put=made[0])
    t.freed("sync")
    expect.same_books(t.books.dump(), made)


def cases(out):
    # two sales take eight requests: contact, invoice, send, payment
    for n in range(1, 9):
        out["case_reset_%d" % n] = functools.partial(
            lost, fault=DONE["reset"], n=n, count=2, done=True)
        out["case_killed_%d" % n] = functools.partial(killed, n=n, count=2)
        if n < 7:	# without contacts, three for each
            out["case_killed_and_paid_late_%d" % n] = functools.partial(
                killed_and_paid_late, n=n)
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


def carried_out(t):
    until(lambda: any(r["fault"] == "carried out" for r in
                      t.books.dump()["requests"]), "the late commit")


def case_late_commit(t):
    """The books carry it out a second after the connection was cut."""
    made = late(t, 1, "3s")
    t.ok("sync")
    carried_out(t)
    expect.same_books(t.books.dump(), made)


def case_late_commit_long(t):
    made = late(t, 7, "8s")
    t.ok("sync")
    carried_out(t)
    expect.same_books(t.books.dump(), made)


def case_late_commit_dead(t):
    """The same, and the client is gone as well."""
    made = late(t, 1, "3s")
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.freed("sync")
    carried_out(t)
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
    made = plain(2)
    acme = t.make(made, settle="4s")
    t.books.fault("hang", n=2, seconds=30)
    acme["books"]["timeout"] = "1s"
    t.configure()
    run = t.start("sync")
    until(lambda: t.books.dump()["documents"], "the document")
    d = t.books.dump()["documents"][0]
    t.books.control(invoices=[{
        "contact_id": d["contact_id"], "reference": d["reference"],
        "details_attributes": [{"description": "x", "price": "1"}]}])
    r = run.end()
    same(r.code, 1, repr(r))
    same(r.err.count("S213"), 1, "stderr " + r.err)
    same([(x["code"], x["state"]) for x in t.error_rows()],
         [("S213", "held")], "errors")
    same(sorted(t.books.dump()["references"].values()), [1, 2], "documents")
    t.ok("sync")
    # mended by hand: one of the two is deleted, and the sale offered again
    t.books.delete(t.books.dump()["documents"][1]["id"])
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)
    same(t.errors(), {}, "errors")


def case_refund_waits_for_its_order(t):
    """The order's answer is lost: its refund comes behind it, not alone."""
    for n in (2, 3, 4):
        made = orders(3, n, ["refund_twice", "plain", "refund_full"])
        for order in made:
            order["id"] += 1000 * n
            order["number"] = str(order["id"])
            for refund in order["_refunds"] + order["refunds"]:
                refund["id"] += 1000 * n
            order["date_modified_gmt"] = order["date_modified_gmt"].replace(
                "T08", "T%02d" % (8 + n))
        if n == 2:
            t.make(made)
        else:
            for order in made:
                t.shop.control(put=order)
        t.books.fault("lose", n=n)
        t.ok("sync")
        dump = t.books.dump()
        expect.same_books(dict(dump, documents=[
            d for d in dump["documents"]
            if d["reference"].startswith("shop-%d" % (n + 1))]), made)


def left(t, settle):
    """An intent whose run died."""
    made = plain(3)
    t.make(made[:1], settle=settle)
    t.books.fault("hang", n=2, seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    until(lambda: t.run("push", given="").code != 75, "free")
    t.books.control(faults=[])
    for order in made[1:]:
        t.shop.control(put=order)
    return made


def case_others_go_on(t):
    """While one settles the others are booked, and SIGTERM is heard."""
    made = left(t, "1h")
    run = t.start("sync")
    until(lambda: sum(d["state"] == "paid" for d in
                      t.books.dump()["documents"]) == 2, "the others")
    run.kill(signal.SIGTERM)
    r = run.end(5)
    same(r.code, 75, repr(r))
    same(t.cursors(), {"acme/shop": None}, "cursor")
    t.tenants["acme"]["rules"]["settle"] = "1s"
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_clock_was_ahead(t):
    """A sign of life from tomorrow makes nobody wait for tomorrow."""
    made = left(t, "2s")
    at = os.stat(t.path("store/tenants/acme.lock")).st_mtime + 86400
    os.utime(t.path("store/tenants/acme.lock"), (at, at))
    r = t.ok("sync")
    holds(r.seconds < 20, "it took %.0f s" % r.seconds)
    expect.same_books(t.books.dump(), made)


def case_order_gone_meanwhile(t):
    """An intent whose sale the shop has no more: it is settled all the
    same, and a person is told what can't be finished."""
    made = left(t, "1s")
    t.shop.control(delete=made[0]["id"])
    r = t.run("sync")
    holds(r.code in (0, 1), repr(r))
    docs = {d["reference"]: d["state"] for d in t.books.dump()["documents"]}
    same(len(docs), 3, "documents")
    for order in made[1:]:
        same(docs["shop-" + order["number"]], "paid", "state")
    if docs["shop-" + made[0]["number"]] != "paid":
        holds(r.code == 1 and made[0]["number"] in r.err, repr(r))
    r = t.run("sync")
    same(r.code, 0, "the next run: %r" % r)


def case_connections_that_close(t):
    """The books close each connection behind their answer, and don't say
    so: no request goes out twice."""
    made = orders(8)
    t.make(made)
    t.books.fault("shut", match="", n=3, times=4)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_total_of_the_books(t):
    """What they booked is not what was paid: held, and never sent again."""
    made = plain(2)
    t.make(made)
    t.books.control(add_to_total="0.01")
    r = t.run("sync").must(1)
    same(r.err.count("S215"), 2, "stderr " + r.err)
    same({x["state"] for x in t.error_rows()}, {"held"}, "errors")
    t.ok("sync")
    t.run("sync", "--retry").must(1)
    same(set(t.books.dump()["posts"].values()), {1}, "documents made")
    rows = t.run("status", "--json").must(0).json()
    same((rows[0]["held"], rows[0]["sales"]), (2, 0), "status")


def case_plan_limit(t):
    """402: the tenant's, not the sale's."""
    made = plain(3)
    t.make(made)
    t.books.control(plan_limit=True)
    r = t.run("sync").must(69)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    same(t.errors(), {}, "errors")
    t.books.control(plan_limit=False)
    t.ok("sync")
    expect.same_books(t.books.dump(), made, sent_once=False)


def case_unknown_members(t):
    made = plain(3)
    t.make(made)
    t.books.control(oops=True)
    t.ok("sync")
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
    t.books.end()
    r = t.run("sync").must(69)
    same(r.err.count("S401"), 1, "stderr " + r.err)
    same(t.cursors(), {"acme/shop": None}, "cursor")


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
