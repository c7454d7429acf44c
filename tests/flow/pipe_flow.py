"""pull | push by hand: a stream counts when it is whole."""
import json

import expect
from house import has, holds, orders, plain, same

CURSOR_OLD = {"acme/shop": None}


def stream(t):
    """What pull writes, as lines."""
    r = t.run("pull").must(0)
    same(r.err, "", "stderr")
    return r.out.splitlines(keepends=True)


def booked(t):
    return len(t.books.dump()["documents"])


def case_pipe(t):
    made = orders(40)
    t.make(made)
    r = t.shell("$S pull acme | $S push")
    same((r.code, r.out, r.err), (0, "", ""), "the pipe")
    expect.same_books(t.books.dump(), made)
    holds(t.cursors() != CURSOR_OLD, "no cursor")
    before = len(t.books.dump()["requests"])
    r = t.shell("$S pull | $S dedupe --filter | $S push acme")
    same((r.code, r.out, r.err), (0, "", ""), "the pipe")
    same(len(t.books.dump()["requests"]), before, "requests")


def case_filter(t):
    """Only what is not booked comes through, and the stream stays whole."""
    made = plain(6)
    t.make(made[:3])
    t.ok("sync")
    for order in made[3:]:
        t.shop.control(put=order)
    r = t.shell("$S pull | $S dedupe --filter")
    lines = [json.loads(x) for x in r.out.splitlines()]
    same([x["id"] for x in lines if x["type"] == "sale"],
         [o["number"] for o in made[3:]], "sales let through")
    same(lines[-1], {"type": "end", "tenant": "acme", "sales": 3}, "end")
    r = t.shell("$S pull | $S dedupe --filter | $S push")
    same((r.code, r.err), (0, ""), "the pipe")
    expect.same_books(t.books.dump(), made)


def case_stream(t):
    """Its form, as the manual has it."""
    made = orders(30)
    t.make(made)
    lines = [json.loads(x) for x in stream(t)]
    same([x["type"] for x in lines[-2:]], ["cursor", "end"], "its end")
    sales = lines[:-2]
    want = expect.documents(made)
    same(len(sales), len(want), "sales")
    same(lines[-1]["sales"], len(want), "its count")
    for s in sales:
        same(set(s), {"type", "tenant", "source", "id", "number", "kind",
                      "refund_of", "placed", "currency", "debtor", "lines",
                      "payments", "excl", "incl", "status", "channel",
                      "paid"}, "members")
        holds(isinstance(s["incl"], str), "an amount that is no string")
    holds("klant" in sales[0]["debtor"]["email"], "no address")


def bad(t, text, code, words, sent):
    r = t.run("push", given=text).must(code)
    has(r.err, words)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    same(t.cursors(), CURSOR_OLD, "cursor")
    same(booked(t), sent, "documents")


def case_no_end(t):
    """Cut anywhere: what came is booked, and nothing counts as read."""
    made = plain(5)
    t.make(made)
    lines = stream(t)
    bad(t, "".join(lines[:-1]), 65, "S103", 5)
    bad(t, "".join(lines[:2]), 65, "S103", 5)
    bad(t, "", 65, "S103", 5)
    bad(t, "\n", 65, "S103", 5)
    t.ok("push", given="".join(lines))
    holds(t.cursors() != CURSOR_OLD, "no cursor")
    expect.same_books(t.books.dump(), made)


def case_cut_in_a_line(t):
    made = plain(5)
    t.make(made)
    text = "".join(stream(t))
    cut = text[:len(text) // 2]
    bad(t, cut, 65, "S102", cut.count("\n"))
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_bad_lines(t):
    made = plain(5)
    t.make(made)
    lines = stream(t)
    sale = json.loads(lines[0])

    def changed(**members):
        return json.dumps(dict(sale, **members)) + "\n"
    for line in ("x\n", "{}\n", "[]\n", '{"type":"sale"}\n', "null\n",
                 '{"type":"purchase","tenant":"acme"}\n', "\0\n",
                 changed(tenant="other"), changed(source="web"),
                 changed(tenant=7), changed(source="books"),
                 changed(type="Sale"), changed(id=""), changed(kind="x"),
                 lines[0].replace('"type"', '"type":"sale","type"'),
                 lines[0].rstrip() + " x\n", "\ufeff" + lines[0],
                 '{"type":"cursor","tenant":"acme","source":"shop"}\n',
                 "[" * 100000 + "\n", "x" * 9000000 + "\n"):
        bad(t, line + "".join(lines), 65, "line 1 ", 0)
    bad(t, "".join(lines[:3]) + "x\n" + "".join(lines[3:]), 65, "line 4 ", 3)
    bad(t, lines[0].encode() + b"\xff\n", 65, "line 2 ", 3)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_wrong_count(t):
    made = plain(4)
    t.make(made)
    lines = stream(t)
    for n in (0, 3, 5):
        end = json.dumps({"type": "end", "tenant": "acme", "sales": n})
        bad(t, "".join(lines[:-1]) + end + "\n", 65, "S104", 4)
    for n in (-1, 1.5, "4", 10 ** 30, None):
        end = json.dumps({"type": "end", "tenant": "acme", "sales": n})
        bad(t, "".join(lines[:-1]) + end + "\n", 65, "S102", 4)
    t.ok("push", given="".join(lines))


def case_twice_in_a_stream(t):
    made = plain(3)
    t.make(made)
    lines = stream(t)
    text = "".join(lines[:3] + lines[:3] + lines[3:4])
    end = json.dumps({"type": "end", "tenant": "acme", "sales": 6})
    t.ok("push", given=text + end + "\n")
    expect.same_books(t.books.dump(), made)


def case_pull_fails(t):
    """sh has no pipefail: what push says is all that cron sees."""
    made = plain(150)
    t.make(made)
    t.shop.control(fault="garbage", after=2, times=0)
    r = t.shell("$S pull | $S push")
    same(r.code, 65, "exit")
    has(r.err, "S302")
    has(r.err, "S103")
    same(t.cursors(), CURSOR_OLD, "cursor")
    t.shop.control(fault=None)
    t.shop.control(fault=None)
    t.shop.control(fault="garbage", times=0)
    r = t.shell("$S pull 2>/dev/null | $S push")
    same(r.code, 65, "exit when nothing came at all")
    t.shop.control(fault=None)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_reader_goes(t):
    made = plain(100)
    t.make(made)
    r = t.shell("{ $S pull; echo $? >&3; } 3>code | head -n 1 >/dev/null; "
                "cat code".replace("code", t.path("code")))
    same(r.out, "74\n", "exit when nobody reads: " + r.err)
    has(r.err, "S110")
    r = t.shell("$S pull >/dev/full; echo $?")
    same(r.out, "74\n", "exit of a full disk")
    has(r.err, "S110")
    r = t.shell("$S errors --json >/dev/full; echo $?")
    same(r.out, "74\n", "exit of a full disk")


def case_many_tenants(t):
    """One stream of several tenants, each with its own end."""
    made = plain(3)
    t.make(made)
    web = t.fake_shop(plain(2, 5))
    t.tenant("beta", shop=web, source="web")
    r = t.shell("$S pull | $S push")
    same((r.code, r.err), (0, ""), "the pipe")
    expect.same_books(t.books.dump(), made)
    expect.same_books(t.books.dump(), plain(2, 5), "web")
    r = t.shell("$S pull | $S push acme")
    same(r.code, 65, "a tenant that was not named")


def case_push_dry_run(t):
    made = plain(3)
    t.make(made)
    text = "".join(stream(t))
    r = t.run("push", "--dry-run", given=text).must(0)
    for order in made:
        has(r.out, "shop-" + order["number"])
    same(booked(t), 0, "documents")
    same(t.cursors(), CURSOR_OLD, "cursor")
