#!/usr/bin/python3
"""A stateful stand-in for Moneybird's API v2, for tests.

It keeps contacts and sales invoices in memory, answers in the shape of the
vendor's OpenAPI description (tests/flow/prism.sh holds it to that), knows the
vendor's traps (a list looks at this year only, archived contacts are hidden,
references are not unique) and breaks on demand.

  fake_moneybird.py --cert FILE --key FILE [--port N] [--plain-port N]
      [--base /api/v2] [--admin ID] [--token TEXT] [--log FILE]

prints "PORT PLAIN-PORT" when it listens, on 127.0.0.1 alone.  PORT speaks
TLS; PLAIN-PORT, without TLS, base path or faults, is there to stand behind a
checking proxy, whose address goes in {"via": URL} on the control address.
--make-cert DIR writes cert.pem and key.pem for 127.0.0.1 first.

POST /__control takes JSON, any of:
  reset: true      forget documents, contacts, faults, counts
  faults: [...]    see Fault
  lag_s: N         find and list miss documents younger than this
  contact_lag_s: N  and a search for contacts those
  jitter_s: N      each answer takes a while, up to this
  add_to_total: X  the books' total is off by X
  limit: N         429 after N more requests; limit_reset_s: N
  admins: [ID...]  numbers under which these books are reached
  plan_limit: true 402 on a new invoice
  drop_contacts: true  somebody deletes them all; drop_contact: ID  one
  contacts, invoices: [...]  put in as if posted; archived: true,
                   created_s_ago: N, copies: N are taken beside
  oauth: {...}     see fake_oauth.OAuth.control
  oops: true       put a member in every answer that the vendor has not
  via: URL         hand requests to this (plain HTTP) server
GET /__dump answers all that is in the books, and every request.
"""
import argparse
import http.client
import json
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.dont_write_bytecode = True      # leave no litter in the source tree

from fake_oauth import OAuth            # noqa: E402
from moneybird_books import Books       # noqa: E402

CHANGING = "^(POST|PATCH|PUT|DELETE) "


class Fault:
    """What goes wrong with some requests.

    match  a regular expression on "METHOD PATH"; without it: all changes
    n      the first request that it happens to, from 1; times: to how many
           in a row, 0 for ever
    kind   lose      carried out, then the connection is reset
           close     carried out, then closed without an answer
           cut       carried out, half of the answer's body comes
           garbage   carried out, the answer is not JSON
           hang      carried out, no answer for `seconds`
           late      closed at once, carried out `seconds` later
           twice     carried out twice, answered once
           status    carried out, answered with `status` and `body`; without
                     a body, with what it would have been
           refuse    not carried out, answered with `status` and `body`
           unsent    not carried out, closed without an answer
           shut      answered, then the connection is closed unsaid
           merge     carried out, members of `body` put over the answer's;
                     null takes one out
    """

    def __init__(self, given):
        self.match = re.compile(given.get("match", CHANGING))
        self.n, self.times = given.get("n", 1), given.get("times", 1)
        self.kind, self.seconds = given["kind"], given.get("seconds", 3600)
        self.status, self.body = given.get("status", 500), given.get("body")
        self.headers = given.get("headers", {})
        self.seen = 0

    def hits(self, line):
        if not self.match.search(line):
            return False
        self.seen += 1
        return self.seen >= self.n and \
            (self.times == 0 or self.seen < self.n + self.times)


class World:
    """The books, what is wrong with them, and who asked."""

    def __init__(self, options):
        self.books = Books(options.admin, options.token)
        self.oauth = OAuth()
        self.books.accepts = self.oauth.accepts
        self.base, self.log_path = options.base, options.log
        self.via = None
        self.lock = threading.Lock()
        self.violations = []        # a proxy's; a reset leaves them
        self.forget()

    def forget(self):
        self.faults, self.requests = [], []
        self.jitter_s = 0

    def control(self, given):
        b = self.books
        if given.get("reset"):
            b.reset()
            self.oauth.reset()
            self.forget()
        if "faults" in given:
            self.faults = [Fault(f) for f in given["faults"]]
        for name in ("lag_s", "contact_lag_s", "limit", "limit_reset_s",
                     "plan_limit", "oops", "admins"):
            if name in given:
                setattr(b, name, given[name])
        if "add_to_total" in given:
            b.add_to_total = Decimal(given["add_to_total"])
        self.oauth.control(given.get("oauth", {}))
        self.jitter_s = given.get("jitter_s", self.jitter_s)
        if "via" in given:
            self.via = given["via"]
        with b.lock:
            if given.get("drop_contacts"):
                b.contacts.clear()
            b.contacts.pop(given.get("drop_contact"), None)
            b.seed(given)
        return {"contacts": list(b.contacts), "invoices": list(b.invoices)}

    def dump(self):
        with self.books.lock:
            out = self.books.dump()
        out["oauth"] = self.oauth.dump()
        out["requests"] = self.requests
        out["changing"] = sum(1 for r in self.requests
                              if re.match(CHANGING, r["line"]))
        out["violations"] = self.violations
        return out

    def fault(self, line):
        with self.lock:
            hits = [f for f in self.faults if f.hits(line)]
        return hits[0] if hits else None

    def answer(self, method, target, headers, body):
        if target.startswith("/oauth/"):
            return self.oauth.handle(method, target, headers, body)
        if self.via is None:
            return self.books.handle(method, target, headers, body)
        url = urllib.parse.urlsplit(self.via)
        c = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        passed = {k: v for k, v in headers.items()
                  if k.lower() not in ("host", "content-length",
                                       "connection")}
        c.request(method, target, body or None, passed)
        r = c.getresponse()
        out = r.read()
        self.judge(method + " " + target, r, out)
        kept = {k: v for k, v in r.headers.items()
                if k.lower().startswith(("retry", "ratelimit"))}
        c.close()
        return r.status, kept, out

    def judge(self, line, r, out):
        """What the proxy found wrong, but for refusals that the vendor has
        for every request and describes for few."""
        said = r.headers.get("sl-violations")
        if said and r.status in (401, 404, 429):
            said = [v for v in json.loads(said) if v["severity"] == "Error"]
        elif "problem" in r.headers.get("Content-Type", ""):
            said = out.decode("utf-8", "replace")
        if said:
            self.violations.append({"line": line, "said": str(said)})

    def note(self, line, body, status, fault):
        entry = {"line": line, "body": body.decode("utf-8", "replace"),
                 "status": status, "fault": fault}
        with self.lock:
            self.requests.append(entry)
            if self.log_path:
                with open(self.log_path, "a") as f:
                    f.write(json.dumps(entry) + "\n")


class Plain(BaseHTTPRequestHandler):
    """The books alone, to stand behind a proxy."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    wbufsize = -1                       # head and body leave together
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def taken(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def give(self, status, headers, body, cut=None):
        self.send_response(status)
        if status == 204:
            self.end_headers()
            return
        headers = {"Content-Type": "application/json; charset=utf-8",
                   **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.wfile.flush()

    def serve(self):
        self.give(*self.server.world.books.handle(
            self.command, self.path, self.headers, self.taken()))

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = \
        lambda self: self.serve()


class Front(Plain):
    """What a client of Moneybird sees: TLS, the base path, and faults."""

    def setup(self):
        self.request = self.server.tls.wrap_socket(self.request,
                                                   server_side=True)
        Plain.setup(self)

    def serve(self):
        world, body = self.server.world, self.taken()
        if self.path.startswith("/__"):
            self.admin(world, body)
            return
        target = self.path
        if self.path.startswith(world.base + "/"):
            target = self.path[len(world.base):]
        elif not self.path.startswith("/oauth/"):
            self.give(404, {"Content-Type": "text/html"}, b"<h1>404</h1>")
            return
        line = self.command + " " + target
        time.sleep(random.uniform(0, world.jitter_s))
        fault = world.fault(line)
        kind = fault.kind if fault else None

        def ask():
            return world.answer(self.command, target, self.headers, body)
        if kind in ("late", "unsent"):
            world.note(line, body, 0, kind)
            if kind == "late":
                self.drop()
                time.sleep(fault.seconds)
                status, _, _ = ask()
                world.note("LATE " + target, b"", status, "carried out")
            self.drop()
            return
        if kind == "twice":
            ask()
        if kind == "refuse":
            status, headers, out = fault.status, fault.headers, \
                self.text(fault.body)
        else:
            status, headers, out = ask()
        world.note(line, body, status, kind)
        self.finish_with(fault, status, headers, out)

    def text(self, body):
        return (body if isinstance(body, str) else json.dumps(body)).encode()

    def finish_with(self, fault, status, headers, out):
        kind = fault.kind if fault else None
        if kind == "lose":
            self.drop(reset=True)
        elif kind == "close":
            self.drop()
        elif kind == "cut":
            self.give(status, headers, out, len(out) // 2)
            self.drop()
        elif kind == "hang":
            time.sleep(fault.seconds)
            self.drop()
        elif kind == "garbage":
            self.give(status, headers, b"<html>oops</html>")
        elif kind == "status":
            self.give(fault.status, fault.headers, out if fault.body is None
                      else self.text(fault.body))
        elif kind == "merge":
            self.give(status, headers, merged(out, fault.body))
        else:
            self.give(status, headers, out)
        if kind == "shut":
            self.drop()

    def drop(self, reset=False):
        self.close_connection = True
        if reset:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))
        try:
            self.request.shutdown(socket.SHUT_RDWR) if not reset else None
        except OSError:
            pass
        os.close(self.request.detach()) if self.request.fileno() >= 0 \
            else None

    def finish(self):
        try:
            Plain.finish(self)
        except (OSError, ValueError):
            pass

    def admin(self, world, body):
        try:
            out = world.dump() if self.path == "/__dump" else \
                world.control(json.loads(body))
            status = 200
        except Exception as e:
            status, out = 400, {"error": repr(e), "body":
                                getattr(e, "body", None)}
        self.give(status, {}, json.dumps(out).encode())


def merged(out, over):
    """The answer, or each item of it, with members put over."""
    answer = json.loads(out)
    for item in answer if isinstance(answer, list) else [answer]:
        for key, value in over.items():
            item[key] = value
            if value is None:
                del item[key]
    return json.dumps(answer).encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, handler, world, tls=None):
        self.world, self.tls = world, tls
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", port), handler)

    def handle_error(self, request, client_address):
        pass        # a client that went away is what is tested


def make_cert(folder):
    cert, key = os.path.join(folder, "cert.pem"), \
        os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                    "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
                    key, "-out", cert], check=True,
                   stderr=subprocess.DEVNULL)
    return cert, key


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--plain-port", type=int, default=0)
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--make-cert", metavar="DIR")
    p.add_argument("--base", default="/api/v2")
    p.add_argument("--admin", default="123456789")
    p.add_argument("--token", default="token")
    p.add_argument("--log")
    o = p.parse_args()
    if o.make_cert:
        o.cert, o.key = make_cert(o.make_cert)
    if not o.cert or not o.key:
        p.error("--cert and --key, or --make-cert")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(o.cert, o.key)
    world = World(o)
    front = Server(o.port, Front, world, tls)
    plain = Server(o.plain_port, Plain, world)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    print(front.server_port, plain.server_port, flush=True)
    try:
        front.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
