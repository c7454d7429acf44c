#!/usr/bin/python3
"""http_server.py DIR - a TLS server that misbehaves on request.

Makes a CA (DIR/ca.pem) and a certificate for 127.0.0.1, prints the ports of
its listeners (serves; serves until /stop; drops every connection before TLS;
never speaks) and answers by path.  Every request read whole is a line in
DIR/wire before anything is answered.  Ends when standard input does.
"""
import email.utils
import gzip
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

DIR = sys.argv[1]
MIB = 1 << 20
lock = threading.Lock()
seen = {}
wire = open(DIR + "/wire", "a", buffering=1)


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, cwd=DIR,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_ca(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=" + name, "-keyout", name + ".key", "-out", name + ".pem")


def make_certificates():
    make_ca("ca")
    make_ca("other")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=test", "-keyout", "srv.key", "-out",
            "srv.csr")
    with open(DIR + "/ext", "w", encoding="ascii") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "srv.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-days", "2", "-extfile", "ext", "-out", "srv.pem")


class Gone(Exception):
    """The connection is at its end."""


class Conn:
    def __init__(self, sock, listener):
        self.sock, self.listener, self.rest = sock, listener, b""

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.rest += data

    def read_request(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = lines[0].split(" ")
        self.headers = lines[1:]
        size = 0
        for line in self.headers:
            if line.lower().startswith("content-length:"):
                size = int(line.split(":")[1])
        if self.path.startswith("/slam"):
            raise Gone
        while len(self.rest) < size:
            self.more()
        self.body, self.rest = self.rest[:size], self.rest[size:]

    def answer(self, status, body=b"", headers=(), version="1.1",
               length=None):
        head = ["HTTP/%s %s X" % (version, status)]
        if length is None:
            length = len(body)
        if length >= 0:
            head.append("Content-Length: %d" % length)
        head.extend(headers)
        self.sock.sendall("\r\n".join(head + ["", ""]).encode() + body)

    def end_politely(self):
        try:
            self.sock.settimeout(2)
            self.sock.unwrap()      # close_notify
        except (OSError, ssl.SSLError):
            pass
        raise Gone


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def do_echo(c, n):
    text = "\n".join(["%s %s" % (c.method, c.path)] + c.headers)
    c.answer(200, text.encode() + b"\n\n" + c.body)


def do_ok(c, n):
    c.answer(200, b'{"ok":1}', ["Date: Mon, 23 Nov 2026 14:00:00 GMT",
        "X-WP-Total: 42", 'Link: <https://a.example/p?page=1>; rel="prev", '
        '<https://a.example/p?page=3>; rel="next"'])


def do_kill(c, n):
    raise Gone


def do_kill_once(c, n):
    if n == 1:
        raise Gone
    do_ok(c, n)


def do_stop(c, n):
    c.listener.shutdown(socket.SHUT_RDWR)
    c.listener.close()
    raise Gone


def do_slow(c, n):
    time.sleep(3)
    c.answer(200, b"{}")


def do_endless(c, n):
    c.answer(200, length=-1, headers=["Transfer-Encoding: chunked"])
    piece = chunk(b" " * 65536)
    for _ in range(64 * MIB // 65536):
        c.sock.sendall(piece)


def do_big(c, n):
    c.answer(200, b" " * (8 * MIB + 1))


def do_just(c, n):
    c.answer(200, b" " * (8 * MIB))


def do_gzip(c, n):
    c.answer(200, gzip.compress(b"{}"), ["Content-Encoding: gzip"])


def do_tegzip(c, n):
    c.answer(200, chunk(gzip.compress(b"{}")) + b"0\r\n\r\n",
             ["Transfer-Encoding: gzip, chunked"], length=-1)


def do_cut(c, n):
    c.answer(200, b"[1,2", length=100)
    c.end_politely()


def do_cut_chunk(c, n):
    c.answer(200, chunk(b"[1,2"), ["Transfer-Encoding: chunked"], length=-1)
    c.end_politely()


def do_cut_head(c, n):
    c.sock.sendall(b"HTTP/1.1 201 X\r\nContent-Len")
    c.end_politely()


def do_http10(c, n):
    c.answer(200, b"[1,2]", version="1.0", length=-1)
    c.end_politely()


def do_http10_cut(c, n):
    c.answer(200, b"[1,2", version="1.0", length=-1)
    raise Gone                      # no close_notify


def do_flaky(c, n):
    c.answer(503 if n < 3 else 200, b"{}")


def do_429(c, n):
    kind = c.path.split("-")[1]
    after = {"seconds": "2", "epoch": str(int(time.time()) + 2),
             "date": email.utils.formatdate(time.time() + 2, usegmt=True),
             "long": "3600", "always": "1", "none": None}[kind]
    if n > 1 and kind != "always":
        do_ok(c, n)
        return
    c.answer(429, b"{}", ["Retry-After: " + after] if after else [])


def do_redirect(c, n):
    c.answer(302, b"", ["Location: /ok"])


def do_headers(c, n):
    c.answer(200, b"{}", ["X-H: 1"] * 101)


def do_head_big(c, n):
    c.answer(200, b"{}", ["X-H: " + "x" * 8000] * 9)


def do_link_long(c, n):
    c.answer(200, b"{}", ["Link: <https://a.example/%s>; rel=next" %
                          ("x" * 2100)])


def do_hints(c, n):
    c.sock.sendall(b"HTTP/1.1 103 Early Hints\r\n"
                   b"Link: <https://a.example/>; rel=next\r\n"
                   b"X-WP-Total: 9\r\n\r\n")
    c.answer(200, b"{}")


def do_hints_endless(c, n):
    while True:
        c.sock.sendall(b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" * 50)


def do_garbage(c, n):
    c.sock.sendall(b"hello world\r\n\r\n")
    c.end_politely()


def do_status(c, n):
    c.answer(int(c.path.split("?")[0].split("-")[1]), b'{"error":"x"}')


PATHS = {name[3:].replace("_", "-"): f for name, f in globals().items()
         if name.startswith("do_")}


def find(path):
    word = path[1:].split("?")[0]
    return PATHS.get(word) or PATHS.get(word.split("-")[0]) or do_ok


def serve(sock, listener, context, number):
    c = None
    try:
        c = Conn(context.wrap_socket(sock, server_side=True), listener)
        while True:
            c.read_request()
            with lock:
                n = seen[c.path] = seen.get(c.path, 0) + 1
                wire.write("%d %s %s\n" % (number, c.method, c.path))
            find(c.path)(c, n)
    except (Gone, OSError, ssl.SSLError):
        pass
    (c.sock if c else sock).close()


def listen():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(16)
    return s


def accept_loop(listener, context):
    number = 0
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        number += 1
        threading.Thread(target=serve, args=(sock, listener, context, number),
                         daemon=True).start()


def drop_loop(listener):
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        sock.close()


def main():
    make_certificates()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DIR + "/srv.pem", DIR + "/srv.key")
    good, mortal, drops, mute = (listen() for _ in range(4))
    for target, args in ((accept_loop, (good, context)),
                         (accept_loop, (mortal, context)),
                         (drop_loop, (drops,))):
        threading.Thread(target=target, args=args, daemon=True).start()
    print(*(s.getsockname()[1] for s in (good, mortal, drops, mute)),
          flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


main()
