#!/usr/bin/python3
"""fake_woo.py - a WooCommerce shop to test against, over TLS on 127.0.0.1.

Prints its port.  Behaves as WooCommerce 10 was seen to: modified_after is
exclusive and to the second; with dates_are_gmt=true a date that ends in Z
finds nothing; pages past the end are empty; the trash is in no list but
answers by id; _fields keeps only what is asked.

POST /__control with a JSON object steers it (see Shop.control):
  {"fault": NAME, "path": PART, "after": N, "times": N, ...}
      from the N-th matching request on, N times (0: always); NAME is one of
      FAULTS below.  {"fault": null} ends them all.
  {"trash": ID}  {"delete": ID}  {"touch": ID, "at": DATE}
  {"put": ORDER}  {"change": ID, "members": {...}}
  {"make": N, "seed": S}    a new shop of N orders, nothing else set
  {"clock": DATE}    the shop's own clock, for its Date header
  {"total": false}   no X-WP-Total header;  {"cap": N}  at most N to a page
  {"page": false}    page= is ignored;  {"sort": false}  so is orderby=
  {"fixed": N}       pages of N, whatever per_page= says
GET /__dump gives the orders and the number of requests.
"""
import argparse
import datetime
import email.utils
import gzip
import json
import sys
import threading
import time
import urllib.parse
import zoneinfo
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import shop_data
import tls

API = "/wp-json/wc/v3"
FAULTS = ("hang", "garbage", "huge", "cut", "reset", "gzip", "dup", "nan",
          "status", "redirect", "drift", "swap", "object", "empty_id", "raw")
UTC = datetime.timezone.utc


class Refused(Exception):
    def __init__(self, status, code, message):
        Exception.__init__(self, code)
        self.status = status
        self.body = {"code": code, "message": message,
                     "data": {"status": status}}


def parse_date(text):
    try:
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(400, "rest_invalid_param",
                      "Invalid parameter(s): modified_after") from None
    return at


def whole(query, name, preset, least, most):
    text = query.get(name, str(preset))
    if not text.lstrip("-").isdigit() or not least <= int(text) <= most:
        raise Refused(400, "rest_invalid_param",
                      "Invalid parameter(s): " + name)
    return int(text)


def keep(value, fields):
    """What _fields leaves of an object; lists have no members to choose."""
    out = {}
    for field in fields:
        head, _, rest = field.partition(".")
        if head not in value:
            continue
        if not rest:
            out[head] = value[head]
        elif isinstance(value[head], dict) and rest in value[head]:
            out.setdefault(head, {})[rest] = value[head][rest]
    return out


class Shop:
    def __init__(self, options):
        self.lock = threading.RLock()
        self.key, self.secret = options.consumer_key, options.consumer_secret
        self.zone = zoneinfo.ZoneInfo("Europe/Amsterdam")
        self.log = open(options.log, "a", encoding="utf-8") \
            if options.log else None
        self.clean()
        if options.data:
            with open(options.data, encoding="utf-8") as f:
                for order in json.load(f):
                    self.orders[order["id"]] = order

    def now(self):
        if self.clock:
            return self.clock
        return datetime.datetime.now(UTC).replace(tzinfo=None, microsecond=0)

    def modified(self, order, at):
        order["date_modified_gmt"] = shop_data.iso(at)
        order["date_modified"] = shop_data.iso(at.replace(tzinfo=UTC)
            .astimezone(self.zone).replace(tzinfo=None))

    def trash(self, number):
        # as seen: date_modified stays what it was
        self.orders[number]["status"] = "trash"

    def clean(self):
        self.orders, self.faults = {}, []
        self.clock, self.cap, self.fixed = None, 0, 0
        self.with_total, self.with_page, self.sorts = True, True, True
        self.requests = 0

    def control(self, what):
        if "make" in what:
            self.clean()
            for order in shop_data.make(what["make"], what.get("seed", 1)):
                self.orders[order["id"]] = order
        if "fault" in what:
            if what["fault"] is None:
                self.faults = []
            elif what["fault"] not in FAULTS:
                raise Refused(400, "no_such_fault", what["fault"])
            else:
                self.faults.append(dict({"path": "", "after": 1, "times": 1,
                                         "seen": 0}, **what))
        if "clock" in what:
            self.clock = what["clock"] and datetime.datetime.fromisoformat(
                what["clock"].rstrip("Z"))
        self.with_total = what.get("total", self.with_total)
        self.with_page = what.get("page", self.with_page)
        self.sorts = what.get("sort", self.sorts)
        self.cap = what.get("cap", self.cap)
        self.fixed = what.get("fixed", self.fixed)
        if "put" in what:
            self.orders[what["put"]["id"]] = what["put"]
        if "trash" in what:
            self.trash(what["trash"])
        if "delete" in what:
            del self.orders[what["delete"]]
        if "touch" in what:
            self.modified(self.orders[what["touch"]],
                          datetime.datetime.fromisoformat(what["at"])
                          if "at" in what else self.now())
        if "change" in what:
            self.orders[what["change"]].update(what["members"])

    def fault(self, path):
        for f in self.faults:
            if f["path"] not in path:
                continue
            f["seen"] += 1
            if f["seen"] < f["after"]:
                continue
            if f["times"] and f["seen"] >= f["after"] + f["times"]:
                continue
            return f
        return None

    # --- what a request finds ---

    def filtered(self, query):
        after = query.get("modified_after")
        gmt = query.get("dates_are_gmt") == "true"
        member = "date_modified_gmt" if gmt else "date_modified"
        status = query.get("status", "any").split(",")
        found = []
        if after:
            at = parse_date(after)
            if at.tzinfo and gmt:
                return []
            if at.tzinfo:
                at = at.astimezone(self.zone).replace(tzinfo=None)
            after = shop_data.iso(at)
        for order in self.orders.values():
            if order["status"] == "trash" if "any" in status else \
                    order["status"] not in status:
                continue
            if after and not order[member] > after:
                continue
            found.append(order)
        return found

    def listed(self, query):
        """The page, and the headers that count the list."""
        order_by = query.get("orderby", "date")
        if order_by not in ("date", "id", "include", "title", "slug",
                            "modified"):
            raise Refused(400, "rest_invalid_param",
                          "Invalid parameter(s): orderby")
        member = {"id": "id", "modified": "date_modified_gmt"}.get(
            order_by, "date_created_gmt")
        size = whole(query, "per_page", 10, 1, 100)
        page = whole(query, "page", 1, 1, 10 ** 9)
        if not self.sorts:
            member = "date_created_gmt"
        found = sorted(self.filtered(query), key=lambda o: o[member],
                       reverse=not self.sorts or
                       query.get("order", "desc") == "desc")
        size = self.fixed or min(size, self.cap or size)
        if not self.with_page:
            page = 1
        start = int(query.get("offset", (page - 1) * size))
        headers = {}
        if self.with_total:
            headers = {"X-WP-Total": str(len(found)),
                       "X-WP-TotalPages": str(-(-len(found) // size))}
        if start + size < len(found):
            headers["Link"] = '<https://%s%s/orders?page=%d>; rel="next"' % (
                "shop.example", API, page + 1)
        return found[start:start + size], headers

    def refunds(self, number, query):
        found = sorted(self.find(number).get("_refunds", []),
                       key=lambda r: r["id"],
                       reverse=query.get("order", "desc") == "desc")
        size = whole(query, "per_page", 10, 1, 100)
        size = min(size, self.cap or size)
        page = whole(query, "page", 1, 1, 10 ** 9)
        return found[(page - 1) * size:page * size], \
            {"X-WP-Total": str(len(found))}

    def find(self, number):
        if not number.isdigit() or int(number) not in self.orders:
            raise Refused(404, "woocommerce_rest_shop_order_invalid_id",
                          "Invalid ID.")
        return self.orders[int(number)]

    def taxes(self, number=None):
        rows = [{"id": n, "country": c, "state": "", "rate": "%d.0000" % p,
                 "name": label, "priority": 1, "compound": False,
                 "shipping": True, "order": 0, "class": k or "standard"}
                for n, (c, p, k, label) in shop_data.RATES.items()]
        if number is None:
            return rows
        for row in rows:
            if str(row["id"]) == number:
                return row
        raise Refused(404, "woocommerce_rest_invalid_id",
                      "Invalid resource ID.")

    def answer(self, path, query):
        part = path.split("/")
        if part[0] == "orders" and len(part) == 1:
            return self.listed(query)
        if part[0] == "orders" and len(part) == 2:
            return self.find(part[1]), {}
        if part[0] == "orders" and len(part) == 3 and part[2] == "refunds":
            return self.refunds(part[1], query)
        if part[0] == "taxes" and len(part) <= 2:
            return self.taxes(*part[1:]), {}
        if path == "data":
            return [{"slug": "currencies"}], {}
        raise Refused(404, "rest_no_route", "No route was found matching "
                      "the URL and request method.")

    def get(self, path, query):
        body, headers = self.answer(path, query)
        rows = body if isinstance(body, list) else [body]
        rows = [{k: v for k, v in row.items() if k[0] != "_"}
                for row in rows]
        if "_fields" in query:
            rows = [keep(row, query["_fields"].split(",")) for row in rows]
        return rows if isinstance(body, list) else rows[0], headers

    def moved(self, fault):
        """Between two pages an order goes, and perhaps another comes."""
        lowest = min(n for n, o in self.orders.items()
                     if o["status"] != "trash")
        if fault["fault"] == "swap":
            new = json.loads(json.dumps(self.orders[lowest]))
            new["id"] = max(self.orders) + 1
            new["number"] = str(new["id"])
            self.modified(new, self.now())
            self.orders[new["id"]] = new
        self.trash(lowest)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16		# headers and body in one packet

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.format_datetime(
            self.server.shop.now().replace(tzinfo=UTC), usegmt=True)

    def handle(self):
        try:
            self.request.settimeout(30)
            BaseHTTPRequestHandler.handle(self)
        except OSError:
            pass

    def send(self, status, body, headers=None):
        self.send_response(status)
        headers = dict({"Content-Type": "application/json; charset=UTF-8",
                        "Content-Length": str(len(body))}, **(headers or {}))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        shop = self.server.shop
        word = self.headers.get("Authorization", "")
        if not word.startswith("Basic "):
            return False
        return b64decode(word[6:]).decode() == shop.key + ":" + shop.secret

    def do_POST(self):
        shop = self.server.shop
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/__control":
            self.send(405, b"{}")
            return
        try:
            with shop.lock:
                shop.control(json.loads(body))
            self.send(200, b"{}")
        except Refused as e:
            self.send(e.status, json.dumps(e.body).encode())

    def do_GET(self):
        shop = self.server.shop
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/__dump":
            self.send(200, json.dumps({"requests": shop.requests, "orders":
                      list(shop.orders.values())}).encode())
            return
        with shop.lock:
            shop.requests += 1
            fault = shop.fault(url.path)
            if fault and fault["fault"] in ("drift", "swap"):
                shop.moved(fault)
                fault = None
            if shop.log:
                shop.log.write(json.dumps({"path": url.path, "query": query})
                               + "\n")
                shop.log.flush()
        if fault and self.before(fault):
            return
        try:
            if not self.allowed():
                raise Refused(401, "woocommerce_rest_cannot_view",
                              "Sorry, you cannot list resources.")
            path = url.path[len(self.server.base):]
            if not path.startswith(API + "/"):
                raise Refused(404, "rest_no_route", "No route was found.")
            with shop.lock:
                body, headers = shop.get(path[len(API) + 1:], query)
            status = 200
        except Refused as e:
            body, headers, status = e.body, {}, e.status
        out = json.dumps(body).encode()
        if fault:
            self.after(fault, out, headers)
        else:
            self.send(status, out, headers)

    def before(self, fault):
        """Faults in the place of an answer."""
        name = fault["fault"]
        if name == "hang":
            time.sleep(fault.get("seconds", 30))
            self.close_connection = True
        elif name == "reset":
            self.close_connection = True
        elif name == "garbage":
            self.send(200, b"<!DOCTYPE html><p>Error establishing a "
                      b"database connection", {"Content-Type": "text/html"})
        elif name == "object":
            self.send(200, b'{"orders": []}')
        elif name == "empty_id":
            self.send(200, b'[{"status": "processing"}]')
        elif name == "redirect":
            self.send(301, b"", {"Location": "https://www.shop.example/"})
        elif name == "huge":
            self.huge()
        elif name == "raw":	# these bytes, so many times
            self.send(fault.get("status", 200), fault["body"].encode(
                "latin-1") * fault.get("repeat", 1), fault.get("headers"))
        elif name == "status":
            headers = {}
            if "retry_after" in fault:
                headers["Retry-After"] = str(fault["retry_after"])
            body = json.dumps({"code": fault.get("code", "internal_error"),
                               "message": fault.get("message", "Sorry.")})
            self.send(fault["status"], b"" if fault["status"] == 204 else
                      body.encode(), headers)
        else:
            return False
        return True

    def huge(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        chunk = b"1," * 32768
        self.wfile.write(b"1\r\n[\r\n")
        while True:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def after(self, fault, out, headers):
        """Faults in an answer."""
        name = fault["fault"]
        if name == "cut":
            self.send(200, out[:len(out) // 2], dict(
                headers, **{"Content-Length": str(len(out))}))
            self.close_connection = True
            return
        if name == "gzip":
            out = gzip.compress(out)
            headers = dict(headers, **{"Content-Encoding": "gzip"})
        elif name == "dup":
            out = out.replace(b'"status":', b'"total": "1.00", "status":', 1)
        elif name == "nan":
            out = out.replace(b'"price": ', b'"price": NaN, "was": ', 1)
        self.send(200, out, headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, client_address):
        request = self.tls.wrap_socket(request, server_side=True)
        try:
            Handler(request, client_address, self)
        finally:
            request.close()

    def handle_error(self, request, client_address):
        pass		# a client that went away is what is tested


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--make-cert", metavar="DIR", help="ca.pem and the rest")
    p.add_argument("--data", help="a JSON list of orders, see shop_data.py")
    p.add_argument("--orders", type=int, default=0, help="or so many")
    p.add_argument("--base", default="", help="folder of the shop: /winkel")
    p.add_argument("--consumer-key", default="ck_test")
    p.add_argument("--consumer-secret", default="cs_test")
    p.add_argument("--log", help="each request as a JSON line")
    o = p.parse_args()
    if o.make_cert:
        _, o.cert, o.key = tls.make(o.make_cert)
    if not o.cert or not o.key:
        p.error("--cert and --key, or --make-cert")
    server = Server(("127.0.0.1", o.port), Handler)
    server.shop, server.base = Shop(o), o.base
    for order in shop_data.make(o.orders):
        server.shop.orders[order["id"]] = order
    server.tls = tls.server_context(o.cert, o.key)
    print(server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
