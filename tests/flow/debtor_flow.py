"""Debtors in the books: each is one contact, however often they buy."""
import json
import os
import signal

import expect
from house import DAY0, has, holds, orders, plain, same, until


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


def known(t, *numbers, **more):
    """Contacts that the books have."""
    t.books.control(contacts=[
        dict({"lastname": "N%s" % n, "customer_id": n,
              "send_invoices_to_email": "n%s@example.test" % n}, **more)
        for n in numbers])


def of_orders(t):
    """{reference: the contact that it was booked on}"""
    return {d["reference"]: d["contact_id"] for d in
            t.books.dump()["documents"]}


def case_customer_number(t):
    """The number goes before the address, and that before making one."""
    made = people(3, "other@example.test", "n8@example.test",
                  "new@example.test")
    for order, number in zip(made, (7, 99, 10)):
        order["customer_id"] = number
    t.make(made, customer_numbers=True)
    known(t, "7", "8")
    t.ok("sync")
    got = contacts(t)
    same([c["customer_id"] for c in got], ["7", "8", "10"], "contacts")
    by = of_orders(t)
    same([by["shop-%s" % o["number"]] for o in made],
         [c["id"] for c in got], "who bought")


def case_numbers_are_the_shops(t):
    """Without the rule, the number of another customer means nothing."""
    made = people(1, "other@example.test")
    made[0]["customer_id"] = 7
    t.make(made)
    known(t, "7")
    t.ok("sync")
    same(len(contacts(t)), 2, "contacts")
    same([r for r in t.books.dump()["requests"] if "customer_id/" in
          r["line"]], [], "questions for a number")


def case_default(t):
    """Guests go to the contact that the tenant chose; customers do not."""
    made = people(4, "", "anna@example.test")
    for order in made:
        order["customer_id"] = 0
        order["billing"]["company"] = ""
    t.make(made)
    known(t, "1")
    chosen = contacts(t)[0]["id"]
    t.tenants["acme"]["rules"]["default_debtor"] = chosen
    t.configure()
    t.ok("sync")
    same(len(contacts(t)), 2, "contacts")
    by = of_orders(t)
    same([by["shop-%s" % o["number"]] == chosen for o in made],
         [True, False, True, False], "who are guests")


def case_default_is_gone(t):
    """It is no contact of the books: refused by name, the others are not."""
    made = people(2, "", "anna@example.test")
    made[0]["customer_id"] = 0
    made[0]["billing"]["company"] = ""
    t.make(made, default_debtor="77")
    r = t.run("sync").must(1)
    same(set(t.errors().values()), {"S234"}, r.err)
    expect.same_books(t.books.dump(), made[1:])


def gone(t, again, how):
    """Anna's contact goes; her next sales, and Piet's, are booked at once."""
    made = people(7, "anna@example.test", "piet@example.test")
    t.make(made[:2])
    t.ok("sync")
    anna = [c for c in contacts(t) if c["email"].startswith("anna")][0]
    how(anna)
    for order in made[2:]:
        t.shop.control(put=order)
    t.ok("sync")
    by = of_orders(t)
    now = {by["shop-%s" % o["number"]] for o in made[2::2]}
    same(now, {again(anna)}, "Anna's contact")
    same(sum(1 for c in contacts(t) if c["email"].startswith("anna")), 1,
         "contacts of Anna")
    return made


def case_deleted_in_between(t):
    """A new one is made, and no sale refused on the way."""
    def last(anna):
        return contacts(t)[-1]["id"]
    gone(t, last, lambda a: t.books.control(drop_contact=a["id"]))


def case_merged(t):
    """The other half of a merge bears her address."""
    def merge(anna):
        t.books.control(drop_contact=anna["id"], contacts=[
            {"lastname": "Merged", "send_invoices_to_email":
             "anna@example.test"}])

    def merged(anna):
        return [c for c in contacts(t) if c["lastname"] == "Merged"][0]["id"]
    gone(t, merged, merge)


def case_archived_and_refused(t):
    """The one that is found is the one that is not taken: a new one."""
    made = people(2, "anna@example.test")
    t.make(made[:1])
    t.ok("sync")
    old = contacts(t)[0]["id"]
    t.books.control(faults=[{
        "kind": "refuse", "match": "^POST .*sales_invoices", "n": 1,
        "status": 422, "body": {"error": {"contact_id": ["is archived"]}}}])
    t.shop.control(put=made[1])
    t.ok("sync")
    same(len(contacts(t)), 2, "contacts")
    same(of_orders(t)["shop-%s" % made[1]["number"]] == old, False,
         "the old one")


def case_gone_and_lost(t):
    """The answer to making it anew is lost: it is made once all the same."""
    made = people(3, "anna@example.test")
    t.make(made[:1])
    t.ok("sync")
    t.books.control(drop_contacts=True, faults=[
        {"kind": "lose", "match": "^POST .*/contacts"}])
    for order in made[1:]:
        t.shop.control(put=order)
    t.ok("sync")
    same(len(contacts(t)), 1, "contacts")
    same(len(of_orders(t)), 3, "documents")


def case_company(t):
    """Without an address a company is known by its VAT number; a namesake
    with another number is another."""
    made = people(3, "", company="Bakery Ltd")
    for order, number in zip(made, ("NL000099998B57", "NL000099998B57",
                                    "NL123456782B90")):
        order["customer_id"] = 0
        order["meta_data"] = [{"key": "_billing_vat_number",
                               "value": number}]
    t.make(made)
    t.ok("sync")
    same([c["tax_number"] for c in contacts(t)],
         ["NL000099998B57", "NL123456782B90"], "contacts")
    by = of_orders(t)
    same(by["shop-%s" % made[0]["number"]], by["shop-%s" %
         made[1]["number"]], "the first company")


def till(t, *sales, **rules):
    """Receipts of a till, each with members of its own."""
    os.mkdir(t.path("sales"))
    t.make([], **rules)
    conf = t.tenants["acme"]
    conf["sources"] = {"till": {"connector": "folder", "path": "sales"}}
    t.configure()
    with open(t.path("sales", "a.jsonl"), "w", encoding="utf-8") as f:
        for n, sale in enumerate(sales):
            f.write(json.dumps({
                "id": str(n), "kind": "receipt", **sale,
                "placed": DAY0.isoformat(), "currency": "EUR",
                "lines": [{"excl": "10.00", "vat": "2.10",
                           "vat_rate": "21", "description": "Mug"}],
                "excl": "10.00", "incl": "12.10"}) + "\n")
    t.ok("sync")


def case_vat_numbers(t):
    """Written as the books want them, and left out where they can't be."""
    till(t, *[{"debtor": {"company": name, "country": "NL",
                          "vat_number": number}}
              for name, number in (("A", "nl 0000.99998.b57"),
                                   ("B", "none of your business"),
                                   ("C", "NL000099998B58"),
                                   ("D", "CHE-116.281.710 MWST"))])
    same([c["tax_number"] for c in contacts(t)],
         ["NL000099998B57", "", "", "CHE116281710"], "numbers")


def case_channels(t):
    """One contact for each channel of a source, and for what has none."""
    till(t, *[{"channel": c, "debtor": {"email": "anna@example.test"}}
              for c in ("pos-1", "pos-2", None, "pos-1")],
         debtors="channel")
    same([c["company_name"] for c in contacts(t)],
         ["Customers of till, pos-1", "Customers of till, pos-2",
          "Customers of till"], "contacts")
    by = of_orders(t)
    same(by["till-0-T"], by["till-3-T"], "the contact of pos-1")


def sales_of(*emails, **more):
    return "".join(json.dumps({
        "id": str(n), "kind": "receipt", "debtor": dict(more, email=email),
        "placed": DAY0.isoformat(), "currency": "EUR",
        "lines": [{"excl": "10.00", "vat": "2.10", "vat_rate": "21",
                   "description": "Mug"}],
        "excl": "10.00", "incl": "12.10"}) + "\n"
        for n, email in enumerate(emails))


def tills(t, **files):
    """A source for each of these, all folders."""
    t.make([])
    t.tenants["acme"]["sources"] = {
        name: {"connector": "folder", "path": name} for name in files}
    t.configure()
    for name, text in files.items():
        t.write(name + "/a.jsonl", text)


def case_two_sources(t):
    """Who buys at two tills is one debtor, however the address is written,
    in one run as in two."""
    tills(t, till=sales_of("anna@example.test", "\tPiet@Example.test\n"),
          kiosk=sales_of(" ANNA@example.test ", "piet@example.test"))
    t.ok("sync", "--source", "till")
    t.ok("sync")
    same(sorted(c["email"].lower() for c in contacts(t)),
         ["anna@example.test", "piet@example.test"], "contacts")
    same(len(of_orders(t)), 4, "documents")


def case_blanks_of_the_unknown(t):
    """The books know them, and salesync does not yet."""
    tills(t, till=sales_of(" anna@example.test "))
    t.books.control(contacts=[{"lastname": "Anna", "send_invoices_to_email":
                               "Anna@Example.test"}])
    t.ok("sync")
    same(len(contacts(t)), 1, "contacts")


def case_guest_then_customer(t):
    """The address counts, whether a number comes with it or not."""
    made = people(3, "anna@example.test")
    for order, number in zip(made, (0, 12, 0)):
        order["customer_id"] = number
    t.make(made[:1])
    t.ok("sync")
    for order in made[1:]:
        t.shop.control(put=order)
    t.ok("sync")
    same(len(contacts(t)), 1, "contacts")


def moved(t, **rules):
    """A customer gets another address in the shop, between two orders."""
    made = people(2, "anna@example.test", "anna@new.test")
    for order in made:
        order["customer_id"] = 12
    t.make(made[:1], **rules)
    t.ok("sync")
    t.shop.control(put=made[1])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    return len(contacts(t))


def case_other_address(t):
    same(moved(t), 2, "contacts")


def case_other_address_same_number(t):
    same(moved(t, customer_numbers=True), 1, "contacts")
