"""Shops that change while they are read: nothing is missed."""
import copy
import datetime
import functools

import expect
from house import has, holds, orders, plain, same


def case_many_pages(t):
    made = orders(250)
    t.make(made)
    t.ok("sync", timeout=50)
    expect.same_books(t.books.dump(), made)
    same(t.errors(), {}, "errors")
    before = t.seen()
    t.ok("sync")
    holds(t.seen() - before <= 2, "requests of a run with nothing to do")


def drifting(t, name, after, times=1):
    """Between two pages an order goes to the trash."""
    made = plain(250)
    t.make(made)
    t.shop.control(fault=name, path="/orders", after=after, times=times)
    t.ok("sync")
    now = t.shop.dump()["orders"]
    gone = {o["number"] for o in now if o["status"] == "trash"}
    same(len(gone), times, "orders that went")
    refs = {d["reference"] for d in t.books.dump()["documents"]}
    missing = {"shop-" + o["number"] for o in now
               if o["number"] not in gone} - refs
    same(missing, set(), "sales that were missed")
    expect.same_books(t.books.dump(), [o for o in now if
                                       "shop-" + o["number"] in refs and
                                       o["status"] != "trash"] +
                      [o for o in made if o["number"] in gone and
                       "shop-" + o["number"] in refs])


for NAME in ("drift", "swap"):
    for AFTER, TIMES in ((2, 1), (3, 1), (2, 2)):
        globals()["case_%s_%d_%d" % (NAME, AFTER, TIMES)] = \
            functools.partial(drifting, name=NAME, after=AFTER, times=TIMES)


def case_never_still(t):
    """A list that changes at every page is left for the next run."""
    made = plain(400)
    t.make(made)
    t.shop.control(fault="drift", path="/orders", after=2, times=0)
    r = t.run("sync").must(75)
    has(r.err, "S303")
    same(t.cursors(), {"acme/shop": None}, "cursor")
    t.shop.control(fault=None)
    t.ok("sync", timeout=50)
    now = t.shop.dump()["orders"]
    refs = {d["reference"] for d in t.books.dump()["documents"]}
    same({"shop-" + o["number"] for o in now if o["status"] != "trash"}
         - refs, set(), "sales that were missed")
    same(set(t.books.dump()["references"].values()), {1}, "documents")


def case_same_second(t):
    """An import gives every order the same moment."""
    made = plain(230)
    for order in made:
        order["date_modified_gmt"] = made[0]["date_modified_gmt"]
        order["date_modified"] = made[0]["date_modified"]
    t.make(made)
    t.ok("sync", timeout=50)
    expect.same_books(t.books.dump(), made)


def case_same_second_later(t):
    """One more of the cursor's own second comes behind it."""
    made = plain(6)
    for order in made[2:]:
        order["date_modified_gmt"] = made[2]["date_modified_gmt"]
        order["date_modified"] = made[2]["date_modified"]
    t.make(made[:4])
    t.ok("sync")
    for order in made[4:]:
        t.shop.control(put=order)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_committed_late(t):
    """An order that appears with a moment before the cursor: the overlap."""
    made = plain(5)
    back = datetime.datetime.fromisoformat(made[4]["date_modified_gmt"])
    early = copy.deepcopy(made[0])
    early["id"], early["number"] = 3000, "3000"
    early["date_modified_gmt"] = (back - datetime.timedelta(
        minutes=9)).isoformat()
    t.make(made)
    t.ok("sync")
    t.shop.control(put=early)
    t.ok("sync")
    expect.same_books(t.books.dump(), made + [early])


def case_shop_without_totals(t):
    made = plain(210)
    t.make(made)
    t.shop.control(total=False)
    t.ok("sync", timeout=50)
    expect.same_books(t.books.dump(), made)


def case_small_pages(t):
    """A shop that gives at most 30, whatever is asked."""
    made = plain(100)
    t.make(made)
    t.shop.control(cap=30)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_pages_ignored(t):
    """page= does nothing: always the first; it is seen, not looped on."""
    made = plain(150)
    t.make(made)
    t.shop.control(page=False)
    r = t.run("sync").must(75)
    has(r.err, "S303")
    same(t.cursors(), {"acme/shop": None}, "cursor")
    holds(t.seen() < 20, "%d requests" % t.seen())


def case_shop_clock(t):
    """The shop's clock is an hour off, either way."""
    made = plain(4)
    now = datetime.datetime.now(datetime.timezone.utc)
    for hours in (-1, 1):
        at = (now + datetime.timedelta(hours=hours)).strftime(
            "%Y-%m-%dT%H:%M:%S")
        made[0 if hours < 0 else 1]["date_modified_gmt"] = at
    t.make(made[:2])
    t.shop.control(clock=(now + datetime.timedelta(hours=1)).strftime(
        "%Y-%m-%dT%H:%M:%S"))
    t.ok("sync")
    for order in made[2:]:
        order["date_modified_gmt"] = (now + datetime.timedelta(
            hours=1, minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
        t.shop.control(put=order)
    t.shop.control(clock=(now + datetime.timedelta(
        hours=1, minutes=2)).strftime("%Y-%m-%dT%H:%M:%S"))
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_order_of_tomorrow(t):
    """A modification later than the shop's own clock does not take the
    cursor along: what comes until then would be missed."""
    made = plain(4)
    now = datetime.datetime.now(datetime.timezone.utc)
    made[1]["date_modified_gmt"] = (now + datetime.timedelta(
        days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    t.make(made[:2])
    t.ok("sync")
    for order in made[2:]:
        order["date_modified_gmt"] = (now + datetime.timedelta(
            minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
        t.shop.control(put=order)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
