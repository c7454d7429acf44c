"""A shop into its books: the first run, and the next that has nothing."""
import expect
from house import holds, orders, same


def case_first(t):
    made = orders(60)
    t.make(made)
    t.ok("sync")
    dump = t.books.dump()
    want = expect.same_books(dump, made)
    holds(len(want) > 60, "too few sales for a test: %d" % len(want))
    people = {o["billing"]["email"] for o in made if expect.is_booked(o)}
    same(len(dump["contacts"]), len(people), "contacts")
    same(t.errors(), {}, "errors")
    rows = t.run("status", "--json").must(0).json()
    same([(r["sales"], r["refused"], r["held"]) for r in rows],
         [(len(want), 0, 0)], "status")
    # nothing new: one request to the shop, none to the books
    before, shop = len(dump["requests"]), t.seen()
    t.ok("sync")
    dump = t.books.dump()
    same(len(dump["requests"]), before, "requests to the books")
    same(t.seen() - shop, 1, "requests to the shop")
    expect.same_books(dump, made)
    t.ok("dedupe")
