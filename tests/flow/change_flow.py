"""Sales that change in the shop after they were booked."""
import copy
import datetime
from decimal import Decimal as D

import expect
from house import has, holds, orders, plain, same


def later(t, order, minutes=5, **members):
    at = datetime.datetime.fromisoformat(order["date_modified_gmt"])
    at = (at + datetime.timedelta(minutes=minutes)).isoformat()
    order.update(members, date_modified_gmt=at)
    t.shop.control(put=order)


def dearer(order):
    changed = copy.deepcopy(order)
    line = changed["line_items"][0]
    rate = D(line["total_tax"]) / D(line["total"])
    more = D("10.00")
    tax = (more * rate).quantize(D("0.01"))
    for key, by in (("total", more), ("total_tax", tax)):
        line[key] = str(D(line[key]) + by)
    line["taxes"][0]["total"] = line["total_tax"]
    changed["total"] = str(D(changed["total"]) + more + tax)
    changed["total_tax"] = str(D(changed["total_tax"]) + tax)
    return changed


def case_changed(t):
    """It is told once, and again when it changes again."""
    made = plain(3)
    t.make(made)
    t.ok("sync")
    before = t.books.dump()
    order = dearer(made[2])
    later(t, order)
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    has(r.err, "sale %s: it changed in the shop after it was booked [S212]"
        % order["number"])
    t.ok("sync")
    t.ok("sync")
    same(t.books.dump()["documents"], before["documents"], "documents")
    same(t.errors(), {order["number"]: "S212"}, "errors")
    order = dearer(order)
    later(t, order)
    has(t.run("sync").must(1).err, "S212")
    t.ok("sync")
    # changed back: there is nothing to tell any more
    later(t, order, 20, **{k: v for k, v in made[2].items()
                           if k != "date_modified_gmt"})
    t.ok("sync")
    same(t.errors(), {}, "errors")
    same(t.books.dump()["documents"], before["documents"], "documents")


def case_saved_again(t):
    """HPOS moves date_modified for nothing: no sale changed."""
    made = orders(20)
    t.make(made)
    t.ok("sync")
    before = len(t.books.dump()["requests"])
    for order in made:
        later(t, order, 600)
    t.ok("sync")
    same(len(t.books.dump()["requests"]), before, "requests to the books")
    expect.same_books(t.books.dump(), made)


def case_new_address(t):
    """What is not an amount may change."""
    made = plain(2)
    t.make(made)
    t.ok("sync")
    order = copy.deepcopy(made[1])
    order["billing"]["city"] = "Elders"
    later(t, order, status="completed")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_refund_later(t):
    """A refund of an order that was booked in an earlier run."""
    made = orders(4, 1, ["refund_part", "refund_bare", "refund_twice",
                         "refund_full"])
    bare = copy.deepcopy(made)
    for order in bare:
        order["refunds"], order["_refunds"] = [], []
        order["status"] = "completed"
        order["date_modified_gmt"] = order["date_created_gmt"]
    t.make(bare)
    t.ok("sync")
    expect.same_books(t.books.dump(), bare)
    for order in made:
        later(t, order, 60)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    t.ok("sync")
    t.ok("dedupe")


def case_paid_later(t):
    made = orders(3, 1, ["pending", "plain", "cancelled"])
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    later(t, made[0], 60, status="processing",
          date_paid_gmt=made[0]["date_created_gmt"])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(t.books.dump()["documents"]), 2, "documents")


def case_cancelled_after_booking(t):
    """Without a refund it is the shop's word against the books': told."""
    made = plain(2)
    t.make(made)
    t.ok("sync")
    later(t, made[1], status="cancelled")
    r = t.run("sync")
    holds(r.code in (0, 1), repr(r))
    same(len(t.books.dump()["documents"]), 2, "documents")
