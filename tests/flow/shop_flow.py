"""Shops that fail in every way: the run says so in one line, the cursor
stays, the other tenants go on, and memory stays small.
"""
import datetime
import functools
import os
import socket
import subprocess
import threading
from decimal import Decimal as D

import expect
from house import has, holds, orders, plain, same

RSS_K = 64 * 1024


def two(t, bad=None):
    """A good tenant and one whose shop is bad."""
    t.shop, t.books = t.fake_shop(plain(2)), t.fake_books()
    t.bad = bad or t.fake_shop(plain(3, 5))
    t.init()
    t.tenant("good")
    web = t.tenant("bad", shop=t.bad, source="web")
    web["sources"]["web"]["timeout"] = "1s"
    t.configure()


def fails(t, code, word, lines=1):
    """Only the bad tenant does; the run."""
    r = t.run("sync").must(code)
    same(len(r.err.splitlines()), lines, "lines of stderr: " + r.err)
    has(r.err, word)
    has(r.err, "bad")
    holds(r.rss_k < RSS_K, "%d KiB of memory" % r.rss_k)
    expect.same_books(t.books.dump(), plain(2))
    same([d for d in t.books.dump()["documents"]
          if d["reference"].startswith("web-")], [], "documents of the bad")
    at = t.cursors()
    same(at["bad/web"], None, "the bad one's cursor")
    holds(at["good/shop"], "the good one has no cursor")
    return r


def mended(t):
    t.bad.control(fault=None)
    t.ok("sync")
    expect.same_books(t.books.dump(), plain(2))
    expect.same_books(t.books.dump(), plain(3, 5), "web")


def fault(t, name, code, word, more):
    two(t)
    t.bad.control(fault=name, times=0, **more)
    fails(t, code, word)
    mended(t)


def raw(body, **more):
    return ("raw", 69, "S302", dict(more, body=body))


DATE = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
    hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
FAULTS = {
    "hang": ("hang", 69, "S401", {"seconds": 20}),
    "reset": ("reset", 69, "S401", {}),
    "html": ("garbage", 69, "S302", {}),
    "object": ("object", 69, "S302", {}),
    "no_id": ("empty_id", 69, "S302", {}),
    "endless": ("huge", 69, "S402", {}),
    "cut": ("cut", 69, "S402", {}),
    "gzip": ("gzip", 69, "S402", {}),
    "same_key_twice": ("dup", 69, "S302", {}),
    "nan": ("nan", 69, "S302", {}),
    "long": ("raw", 69, "S402", {"body": "[1," * 1024, "repeat": 3000}),
    "deep": raw("[", repeat=5000),
    "deep_object": raw('{"a":', repeat=5000),
    "wide": ("raw", 69, "S302", {"body": "0,", "repeat": 2000000}),
    "not_utf8": raw('[{"id": 1, "status": "\xe9\xff"}]'),
    "nul": raw('[{"id": 1, "status": "\\u0000"}]'),
    "surrogate": raw('[{"id": 1, "status": "\\ud800"}]'),
    "bom": raw("\xef\xbb\xbf[]"),
    "empty": raw(""),
    "null": raw("null"),
    "nulls": raw("[null]"),
    "two_values": raw("[][]"),
    "comma": raw("[1,]"),
    "big_id": raw('[{"id": 99999999999999999999}]'),
    "double_id": raw('[{"id": 1.5}]'),
    "unauthorized": ("status", 77, "S406", {"status": 401}),
    "forbidden": ("status", 77, "S406", {"status": 403}),
    "no_api": ("status", 69, "S304", {"status": 404,
                                      "code": "rest_no_route"}),
    "bad_request": ("status", 69, "S304", {"status": 400, "code":
                                           "rest_invalid_param"}),
    "error": ("status", 69, "S403", {"status": 500}),
    "maintenance": ("status", 69, "S403", {"status": 503,
                                           "retry_after": 60}),
    "too_many": ("status", 75, "S405", {"status": 429,
                                        "retry_after": 3600}),
    "too_many_date": ("status", 75, "S405", {"status": 429,
                                             "retry_after": DATE}),
    "too_many_silly": ("status", 75, "S405", {"status": 429,
                                              "retry_after": "soon"}),
    "redirect": ("redirect", 69, "S304", {}),
    "long_header": ("raw", 69, "S40", {"body": "[]", "headers": {
        "X-Long": "x" * 400000}}),
}
for word, (name, code, said, more) in FAULTS.items():
    globals()["case_" + word] = functools.partial(
        fault, name=name, code=code, word=said, more=more)


def case_too_many_for_a_moment(t):
    """A short Retry-After is waited out."""
    two(t)
    t.bad.control(fault="status", status=429, retry_after=1, times=1)
    mended(t)


def case_second_page(t):
    """Sales of a first page are booked; the cursor stays nonetheless."""
    made = plain(150, 5)
    two(t, t.fake_shop(made))
    t.bad.control(fault="status", status=500, after=2, times=0)
    r = t.run("sync").must(69)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    same(t.cursors()["bad/web"], None, "cursor")
    t.bad.control(fault=None)
    t.ok("sync")
    expect.same_books(t.books.dump(), made, "web")


def case_refunds_fail(t):
    """An order whose refunds can't be read: none of it is lost."""
    made = orders(6, 5, ["refund_part", "plain"])
    two(t, t.fake_shop(made))
    t.bad.control(fault="status", status=500, path="/refunds", times=0)
    t.run("sync").must(69)
    same(t.cursors()["bad/web"], None, "cursor")
    t.bad.control(fault=None)
    t.ok("sync")
    expect.same_books(t.books.dump(), made, "web")


def url(t, to):
    two(t)
    t.tenants["bad"]["sources"]["web"]["url"] = to(t)
    t.configure()


def case_nobody_listens(t):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    url(t, lambda t: "https://127.0.0.1:%d" % port)
    fails(t, 69, "S401")


def case_no_such_host(t):
    url(t, lambda t: "https://shop.invalid")
    fails(t, 69, "S401")


def case_http(t):
    url(t, lambda t: t.bad.url.replace("https", "http"))
    r = t.run("sync").must(78)
    has(r.err, "sources.web.url")
    same((t.seen(), t.bad.dump()["requests"]), (0, 0), "requests")


def case_other_authority(t):
    """A certificate of somebody else: nothing is sent."""
    two(t)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                    "-subj", "/CN=other", "-keyout", t.path("x.key"), "-out",
                    t.path("x.pem")], check=True, stderr=subprocess.DEVNULL)
    t.tenants["bad"]["sources"]["web"]["ca_file"] = t.path("x.pem")
    t.configure()
    fails(t, 69, "S401")
    same(t.bad.dump()["requests"], 0, "requests")


def case_no_authority_named(t):
    two(t)
    del t.tenants["bad"]["sources"]["web"]["ca_file"]
    t.configure()
    fails(t, 69, "S401")
    same(t.bad.dump()["requests"], 0, "requests")


def case_other_name(t):
    """127.0.0.2 is not in the certificate."""
    two(t)
    relay = socket.create_server(("127.0.0.2", 0))
    threading.Thread(target=carry, args=(relay, t.bad.port),
                     daemon=True).start()
    t.tenants["bad"]["sources"]["web"]["url"] = \
        "https://127.0.0.2:%d" % relay.getsockname()[1]
    t.configure()
    fails(t, 69, "S401")
    same(t.bad.dump()["requests"], 0, "requests")


def carry(server, port):
    while True:
        near, _ = server.accept()
        far = socket.create_connection(("127.0.0.1", port))
        for a, b in ((near, far), (far, near)):
            threading.Thread(target=pump, args=(a, b), daemon=True).start()


def pump(a, b):
    try:
        while True:
            part = a.recv(65536)
            if not part:
                break
            b.sendall(part)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def case_plain_text_answer(t):
    """Something that speaks no TLS."""
    server = socket.create_server(("127.0.0.1", 0))

    def greet():
        while True:
            c, _ = server.accept()
            c.sendall(b"220 mail.example ESMTP\r\n")
            c.close()
    threading.Thread(target=greet, daemon=True).start()
    url(t, lambda t: "https://127.0.0.1:%d" % server.getsockname()[1])
    fails(t, 69, "S401")


def case_silent_listener(t):
    """It takes the connection and never says a word."""
    server = socket.create_server(("127.0.0.1", 0))
    url(t, lambda t: "https://127.0.0.1:%d" % server.getsockname()[1])
    r = fails(t, 69, "S401")
    holds(r.seconds < 10, "it took %.1f s" % r.seconds)


def case_proxy_of_the_environment(t):
    """It is not used: only what YAML names."""
    two(t)
    env = dict(t.env, https_proxy="http://127.0.0.1:9",
               HTTPS_PROXY="http://127.0.0.1:9", all_proxy="http://x:1",
               SSLKEYLOGFILE=t.path("keys.log"))
    t.ok("sync", env=env)
    expect.same_books(t.books.dump(), plain(2))
    holds(not os.path.exists(t.path("keys.log")), "TLS keys were written")


def case_memory_of_a_large_page(t):
    """A hundred orders of thirty lines each, with much that is not asked."""
    made = plain(100)
    for order in made:
        lamp = dict(order["line_items"][0], total="20.00", total_tax="4.20",
                    subtotal="20.00", subtotal_tax="4.20", taxes=[
                        {"id": 1, "total": "4.20", "subtotal": "4.20"}])
        order["line_items"] = [lamp] * 60
        order["meta_data"] = [{"id": n, "key": "k%d" % n, "value": "x" * 200}
                              for n in range(60)]
        tax = 60 * D("4.20") + D(order["shipping_lines"][0]["total_tax"])
        order["total_tax"] = str(tax)
        order["total"] = str(1200 + D(order["shipping_total"]) + tax)
    t.make(made)
    r = t.run("sync").must(0)
    holds(r.rss_k < RSS_K, "%d KiB of memory" % r.rss_k)
    expect.same_books(t.books.dump(), made)


def case_in_a_folder(t):
    """A shop that lives below a path."""
    made = plain(3)
    t.shop, t.books = t.fake_shop(made, "--base", "/winkel"), t.fake_books()
    t.init()
    acme = t.tenant()
    acme["sources"]["shop"]["url"] = t.shop.url + "/winkel/"
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_refund_named_only(t):
    """An order names a refund that the shop's list of refunds does not have:
    it is refused by its id, and booked once it is there."""
    made = orders(2, 3, ["refund_full", "plain"])
    whole = dict(made[0], _refunds=list(made[0]["_refunds"]))
    made[0]["_refunds"] = []
    t.make(made)
    r = t.run("sync").must(1)
    has(r.err, "S218")
    has(t.run("errors", "--json").must(0).out, str(whole["refunds"][0]["id"]))
    t.shop.control(put=whole)
    t.run("sync", "--retry").must(0)
    made[0] = whole
    expect.same_books(t.books.dump(), made)


def case_refunds_capped(t):
    """A shop that gives one refund at a time, whatever is asked."""
    made = orders(2, 3, ["refund_twice", "plain"])
    t.make(made)
    t.shop.control(cap=1)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
