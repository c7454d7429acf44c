"""A TLS server on 127.0.0.1 that answers what a plan says, and keeps what it
was asked.  woo_replay.py and moneybird_replay.py know what the vendors do.
"""
import http.server
import json
import sys
import urllib.parse

import tls


class Asked:
    """One request."""

    def __init__(self, handler):
        at = urllib.parse.urlsplit(handler.path)
        self.method, self.path = handler.command.lower(), at.path
        self.query = dict(urllib.parse.parse_qsl(at.query,
                                                 keep_blank_values=True))
        self.target, self.headers = handler.path, handler.headers
        size = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(size)
        self.body = json.loads(text) if text else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, status, headers, body):
        self.send_response_only(status)
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        for name, value in headers:
            # The length and the framing are this answer's own.
            if name.lower() not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = any(
            name.lower() == "connection" and value == "close"
            for name, value in headers)

    def any(self):
        vendor = self.server.vendor
        if self.path == "/__dump":
            self.give(200, [], json.dumps(
                {"requests": vendor.requests, "faults": vendor.faults}
            ).encode())
            return
        asked = Asked(self)
        vendor.requests.append({"method": asked.method, "path": asked.path,
                                "query": asked.query, "body": asked.body})
        try:
            status, headers, body = vendor.answer(asked)
        except Exception as e:	# a fault of the case, or of the program
            vendor.faults.append("%s %s: %s: %s" % (
                asked.method, asked.target, type(e).__name__, e))
            status, headers, body = 500, [], "a fault"
        self.give(status, headers, body.encode())

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = any


def main(make):
    """argv: PLAN CERT KEY.  make(plan) gives what has answer(asked)."""
    plan, cert, key = sys.argv[1:]
    with open(plan, encoding="utf-8") as f:
        vendor = make(json.load(f))
    vendor.requests, vendor.faults = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.vendor = vendor
    server.socket = tls.server_context(cert, key).wrap_socket(
        server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
