"""Debtors in the books: each is one contact, however often they buy."""
import os
import signal

import expect
from house import has, holds, orders, plain, same, until


def people(n, *emails, **billing):
    """n orders by these, in turn."""
    made = plain(n)
    for i, order in enumerate(made):
        order["billing"]["email"] = emails[i % len(emails)]
        order["billing"].update(billing)
    return made


def contacts(t):
    return t.books.dump()["contacts"]


def case_one_of_many_orders(t):
    """Letters' case and blanks make no other person."""
    made = people(9, "anna@example.test", "ANNA@example.test",
                  " anna@Example.test ")
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 1, "contacts")


def case_known_to_the_books(t):
    made = people(4, "anna@example.test", "piet@example.test")
    t.make(made)
    t.books.control(contacts=[
        {"lastname": "Anna", "send_invoices_to_email":
         "old@example.test,Anna@example.test"},
        {"lastname": "Piet", "send_invoices_to_email": "piet@example.test",
         "archived": True},
        {"lastname": "X", "send_invoices_to_email": "xanna@example.test"}])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 3, "contacts")


def case_remembered(t):
    """A second run asks nothing about a debtor that it knows."""
    made = people(2, "anna@example.test")
    t.make(made[:1])
    t.ok("sync")
    t.shop.control(put=made[1])
    before = len(t.books.dump()["requests"])
    t.ok("sync")
    lines = [r["line"] for r in t.books.dump()["requests"][before:]]
    same([x for x in lines if "contacts" in x], [], "questions")
    expect.same_books(t.books.dump(), made)


def case_guests(t):
    """Who left no address is a customer of the shop."""
    made = people(70, "")
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same([c["company_name"] for c in contacts(t)], ["Customers of shop"],
         "contacts")


def case_guests_lost(t):
    """Its making gets no answer: seventy sales wait for it, none twice."""
    made = people(70, "")
    t.make(made)
    t.books.fault("lose", n=1)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 1, "contacts")


def carried_out(t):
    until(lambda: any(r["fault"] == "carried out" for r in
                      t.books.dump()["requests"]), "the late commit")


def case_made_late(t):
    """The books make it a second after the answer was lost; his next sale
    comes at once."""
    made = people(3, "anna@example.test")
    t.make(made, settle="3s")
    t.books.fault("late", n=1, seconds=1)
    t.ok("sync")
    carried_out(t)
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 1, "contacts")


def case_made_late_for_the_dead(t):
    """The run that asked for it died, and its sale is gone from the shop:
    the debtor's own row is all that tells."""
    made = people(2, "anna@example.test")
    t.make(made[:1], settle="3s")
    t.books.fault("late", n=1, seconds=2)
    run = t.start("sync", detach=True)
    until(lambda: t.books.dump()["requests"][-1:] and
          t.books.dump()["requests"][-1]["fault"], "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.shop.control(delete=made[0]["id"])
    t.shop.control(put=made[1])
    until(lambda: t.run("push", given="").code != 75, "free")
    r = t.run("sync")
    holds(r.code in (0, 1), repr(r))
    carried_out(t)
    expect.same_books(t.books.dump(), made[1:])
    same(len(contacts(t)), 1, "contacts")


def case_collective(t):
    made = orders(10)
    t.make(made, debtors="collective")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 1, "contacts")


def case_deleted(t):
    """Somebody deletes the contact in the books: a new one is made."""
    made = people(3, "anna@example.test")
    t.make(made[:1])
    t.ok("sync")
    t.books.control(drop_contacts=True)
    for order in made[1:]:
        t.shop.control(put=order)
    r = t.run("sync")
    if r.code:
        r = t.run("sync", "--retry").must(0, "after " + r.err)
    expect.same_books(t.books.dump(), made, sent_once=False)
    same(len(contacts(t)), 1, "contacts")


def case_refused(t):
    """The books refuse the contact: its sales alone are refused."""
    made = people(4, "anna@example.test", "no address at all")
    t.make(made)
    r = t.run("sync").must(1)
    same(r.err.count("S220"), 2, "stderr " + r.err)
    holds("no address" not in r.err, "a debtor's value on stderr")
    expect.same_books(t.books.dump(), made[::2])
    # mended in the shop
    for order in made[1::2]:
        order["billing"]["email"] = "piet@example.test"
        order["date_modified_gmt"] = made[-1]["date_modified_gmt"]
        t.shop.control(put=order)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(len(contacts(t)), 2, "contacts")


def case_names(t):
    """Of every script, and none at all."""
    made = people(5, "a@x.test", "b@x.test", "c@x.test", "d@x.test",
                  "e@x.test")
    names = (("\u674e", "\u5c0f\u9f99"), ("", ""), ("Cher", ""),
             ("", "O'Neill\"Bob\"\\"), ("\u202eabc", "<b>&amp;"))
    for order, (first, last) in zip(made, names):
        order["billing"]["first_name"] = first
        order["billing"]["last_name"] = last
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    got = {c["lastname"] or c["company_name"] for c in contacts(t)}
    has(" ".join(sorted(got)), "O'Neill\"Bob\"\\")
    holds("\u5c0f\u9f99" in got and "Webshop customer" in got, repr(got))
