"""OAuth: access tokens that end, single-use refresh tokens, consent."""
import os
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

import expect
from house import has, holds, plain, same, until
from secret_flow import nowhere

TOKEN = "^POST /oauth/token"
APP = "client_id=app\nclient_secret=app-secret\n"


def silent(r):
    same((r.code, r.out, r.err), (0, "", ""), "the silence")


def consented(t, n=3, **oauth):
    """A tenant whose books are reached by OAuth; what it has to book."""
    made = plain(n)
    t.make(made)
    t.books.control(oauth=dict({"grant": "refresh-KANARIE-0"}, **oauth))
    t.ok("rotate-credentials", "acme", "books",
         given=APP + "refresh_token=refresh-KANARIE-0\n")
    same(asked(t), 1, "requests for a token")
    return made


def sell(t):
    """Two more orders, behind those of consented()."""
    for order in plain(5)[3:]:
        t.shop.control(put=order)


def state(t):
    """Of the vendor; what it was asked had the right form."""
    s = t.books.dump()["oauth"]
    same(s["wrong"], [], "what is wrong with the requests")
    return s


def asked(t):
    return state(t)["asked"]


def fault(t, kind, **more):
    t.books.fault(kind, match=TOKEN, **more)


def needs_consent(t, r):
    same(r.code, 77, "exit: " + r.err)
    has(r.err, "books of acme: consent is needed again; run: salesync "
        "rotate-credentials --authorize acme books [S750]")
    same(r.err.count("S750"), 1, "how often it is said: " + r.err)


def case_renewed(t):
    """Before it ends, without a word, and nothing of it in the clear."""
    made = consented(t)
    t.ok("sync")
    same(asked(t), 1, "requests for a token")
    silent(t.later("+118m", "sync"))
    same(asked(t), 1, "requests for a token")
    sell(t)
    silent(t.later("+119m30s", "sync"))
    same(asked(t), 2, "requests for a token")
    t.later("+121m", "check").must(0)
    same(asked(t), 2, "requests for a token")
    expect.same_books(t.books.dump(), made + plain(5)[3:])
    t.later("+10h", "dedupe", "acme").must(0)
    t.later("+20h", "check", "acme").must(0)
    same(asked(t), 4, "requests for a token")
    nowhere(t, ("KANARIE", "app-secret"), ("store", "logs"))


def case_refused_once(t):
    """A token that no longer works is renewed, and what it was refused for
    is carried out once."""
    made = consented(t)
    t.books.control(oauth={"expire": True})
    t.ok("sync")
    same(asked(t), 2, "requests for a token")
    expect.same_books(t.books.dump(), made)
    lines = [r["line"] for r in t.books.dump()["requests"]
             if r["status"] == 401]
    same(len(lines), 1, "refused requests")


def case_short(t):
    """Tokens that end within the minute: one a run, not one a request."""
    made = consented(t, expires_in=30)
    t.ok("sync")
    same(asked(t), 2, "requests for a token")
    sell(t)
    fault(t, "status", status=500)
    t.ok("sync")
    t.run("check", "acme").must(0)
    same(asked(t), 4, "requests for a token")
    expect.same_books(t.books.dump(), made + plain(5)[3:])


def case_without_end(t):
    """A vendor who does not say when: the token serves until it is
    refused."""
    made = consented(t, expires_in=None)
    silent(t.later("+9d", "sync"))
    same(asked(t), 1, "requests for a token")
    sell(t)
    t.books.control(oauth={"expire": True})
    silent(t.later("+9d", "sync"))
    same(asked(t), 2, "requests for a token")
    expect.same_books(t.books.dump(), made + plain(5)[3:])


def case_refused_for_good(t):
    """A new token that does not work either is not renewed again."""
    consented(t)
    t.books.fault("refuse", match="^GET /123456789/", times=0, status=401,
                  body={"error": "no"})
    has(t.run("sync").must(77).err, "S406")
    same(asked(t), 2, "requests for a token")
    # nor is one that works now and then
    t.books.control(faults=[
        {"kind": "refuse", "match": "/123456789/", "n": n, "status": 401,
         "body": {"error": "no"}} for n in (1, 3)])
    has(t.run("sync").must(77).err, "S406")
    same(asked(t), 3, "requests for a token")


def case_consent(t):
    """Withdrawn: said, and not asked again until there are new secrets."""
    made = consented(t)
    t.books.control(oauth={"revoke": True, "expire": True})
    needs_consent(t, t.run("sync"))
    n = asked(t)
    for args in (("sync",), ("check", "acme"), ("dedupe", "acme"),
                 ("rotate-credentials", "--refresh")):
        needs_consent(t, t.later("+3h", *args))
    same(asked(t), n, "requests for a token")
    t.books.control(oauth={"grant": "refresh-KANARIE-b"})
    t.ok("rotate-credentials", "acme", "books",
         given="refresh_token=refresh-KANARIE-b\n")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_lost_with_grace(t):
    """The answer is lost; the same token is asked with again at once."""
    made = consented(t, grace_s=60)
    fault(t, "lose")
    silent(t.later("+3h", "sync"))
    s = state(t)
    same((s["asked"], s["reused"]), (3, 1), "requests for a token")
    expect.same_books(t.books.dump(), made)


def case_lost_without_grace(t):
    """Single use, and the answer is lost: consent, at once, said once."""
    consented(t)
    fault(t, "lose")
    needs_consent(t, t.later("+3h", "sync"))
    n = asked(t)
    needs_consent(t, t.later("+4h", "sync"))
    same(asked(t), n, "requests for a token")


def case_lost_while_it_lasts(t):
    """Both answers lost: the old token serves to its end; then a last try."""
    made = consented(t, grace_s=60)
    fault(t, "lose", times=2)
    silent(t.later("+119m30s", "sync"))
    same(asked(t), 3, "requests for a token")
    silent(t.later("+119m40s", "sync", "--order", str(made[0]["id"])))
    silent(t.later("+119m40s", "rotate-credentials", "acme", "shop",
                 given="consumer_key=ck_test\n"))
    expect.same_books(t.books.dump(), made)
    t.later("+119m40s", "check", "acme").must(0)
    same(asked(t), 3, "requests for a token")
    t.later("+121m", "check", "acme").must(0)
    same(asked(t), 4, "requests for a token")


def case_lost_to_the_end(t):
    consented(t, grace_s=60)
    fault(t, "lose", times=0)
    silent(t.later("+119m30s", "sync"))
    sell(t)
    needs_consent(t, t.later("+3h", "sync"))
    same(asked(t), 4, "requests for a token")
    needs_consent(t, t.later("+4h", "sync"))
    same(asked(t), 4, "requests for a token")


def case_limit(t):
    """Not now is not a refusal."""
    made = consented(t)
    fault(t, "refuse", times=0, status=429, body={"error": "slow_down"},
          headers={"Retry-After": "3600"})
    r = t.later("+3h", "sync").must(75)
    has(r.err, "S405")
    holds("S750" not in r.err, r.err)
    for _ in range(4):
        t.later("+3h", "sync").must(75)
    t.books.control(faults=[])
    silent(t.later("+3h", "sync"))
    expect.same_books(t.books.dump(), made)
    # the old one serves while it lasts
    fault(t, "refuse", times=0, status=503, body="<html>",
          headers={"Content-Type": "text/html"})
    t.later("+4h59m30s", "check", "acme").must(0)


def case_down(t):
    """Nobody there: nothing was asked, and nothing is lost."""
    made = consented(t)
    fault(t, "refuse", times=0, status=404, body="<html>")
    for _ in range(4):
        has(t.later("+3h", "sync").must(69).err, "S403")
    t.books.control(faults=[])
    silent(t.later("+3h", "sync"))
    expect.same_books(t.books.dump(), made)


def case_token_in_a_failure(t):
    """A token in an answer that says 500, or 429, is the one that works."""
    consented(t)
    for n, (status, code) in enumerate(((500, 0), (429, 75), (400, 0))):
        fault(t, "status", status=status, headers={"Retry-After": "1"})
        r = t.later("+%dh" % (3 * n + 3), "check", "acme").must(code)
        has(r.out, "acme    books       connection              ok")
        t.books.control(faults=[])
    s = state(t)
    same((s["asked"], s["reused"]), (4, 0), "requests for a token")


def case_two_at_once(t):
    """Each refresh token is used once, whoever comes first."""
    made = consented(t)
    t.later("+1h", "check", "acme").must(0)
    runs = [t.start(*args, prefix=t.moved("+3h"))
            for args in (("sync",), ("check", "acme"), ("sync", "acme"),
                         ("rotate-credentials", "--refresh"),
                         ("rotate-credentials", "--refresh", "acme"),
                         ("dedupe", "acme"))]
    for run in runs:
        r = run.end()
        holds(r.code in (0, 1, 75), repr(r))
        holds("S750" not in r.err, r.err)
    same(state(t)["reused"], 0, "tokens used twice")
    silent(t.later("+3h", "sync"))
    expect.same_books(t.books.dump(), made)


def case_refresh(t):
    consented(t)
    t.ok("rotate-credentials", "--refresh")
    t.ok("rotate-credentials", "--refresh", "acme")
    t.ok("rotate-credentials", "--refresh", "acme", "books")
    same(asked(t), 4, "requests for a token")
    has(t.run("rotate-credentials", "--refresh", "acme", "shop").must(64).err,
        "no refresh token")
    t.run("rotate-credentials", "--refresh", "--dry-run").must(64)
    same(t.run("rotate-credentials", "--refresh", "nobody").code, 78, "exit")
    same(asked(t), 4, "requests for a token")
    # a personal token does not end
    t.rotate("acme", "books", "token=token\n")
    t.ok("rotate-credentials", "--refresh")
    same(asked(t), 4, "requests for a token")
    t.later("+90d", "check", "acme").must(0)
    # back to OAuth
    t.ok("rotate-credentials", "--back", "acme", "books")
    t.later("+3h", "check", "acme").must(0)
    same(asked(t), 5, "requests for a token")


def case_older_than(t):
    """A token that is renewed is not old; who the client is, is."""
    consented(t)
    age = ("rotate-credentials", "--older-than", "90d", "--json")
    r = t.later("+91d", *age, "acme", "books").must(1)
    rows = [(x["secret"], x["to_do"]) for x in r.json()]
    do = "salesync rotate-credentials "
    same(rows, [("client_id", do + "acme books"),
                ("client_secret", do + "acme books"),
                ("refresh_token", do + "--authorize acme books")], "list")
    r = t.later("+91d", *age, "--refresh", "acme", "books").must(1)
    same([x["secret"] for x in r.json()], ["client_id", "client_secret"],
         "list")


def case_wrong_refresh_token(t):
    """It is refused, and the old ones stay."""
    made = consented(t)
    r = t.run("rotate-credentials", "acme", "books",
              given="refresh_token=wrong\n").must(77)
    same(len(r.err.splitlines()), 1, "lines: " + r.err)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    r = t.run("rotate-credentials", "--dry-run", "acme", "books",
              given="refresh_token=wrong\n").must(64)
    has(r.err, "without using it")
    r = t.run("rotate-credentials", "acme", "books", given="client_id=app\n")
    same(r.code, 77 if r.code == 77 else 0, "exit " + r.err)


def case_spent_but_not_proven(t):
    """The books are out of reach behind a good token: it waits, stored."""
    t.make(plain(1))
    t.books.control(oauth={"grant": "refresh-KANARIE-0"}, faults=[
        {"kind": "refuse", "match": "^GET /administrations", "times": 0,
         "status": 500, "body": {}}])
    r = t.run("rotate-credentials", "acme", "books",
              given=APP + "refresh_token=refresh-KANARIE-0\n").must(69)
    has(r.err, "S752")
    same(asked(t), 1, "requests for a token")
    t.books.control(faults=[])
    t.ok("rotate-credentials", "acme", "books")
    same(asked(t), 1, "requests for a token")
    t.ok("sync")


def case_missing(t):
    """Half of it is not enough, and what is missing is named."""
    t.make(plain(1))
    r = t.run("rotate-credentials", "acme", "books", given=APP).must(64)
    has(r.err, "refresh_token is missing")


# --- consent by a person ---

class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def get(url):
    """(status, headers) as a browser would see it, without following."""
    opener = urllib.request.build_opener(
        Stay, urllib.request.HTTPSHandler(
            context=ssl._create_unverified_context()))
    try:
        with opener.open(url, timeout=10) as r:
            return r.status, r.headers
    except urllib.error.HTTPError as e:
        return e.code, e.headers


class Consent:
    """--authorize under way, and the person before it."""

    def __init__(self, t, *args, given=APP, prefix=()):
        fifo = t.path("stdin%d" % t.runs)
        os.mkfifo(fifo, 0o600)
        self.run = t.start("rotate-credentials", "--authorize", *args,
                           "acme", "books", stdin=fifo, prefix=prefix)
        self.stdin = open(fifo, "w")
        self.type(given)
        out = self.run.folder + "/out"
        self.url = None

        def printed():
            text = ""
            if os.path.exists(out):
                with open(out) as f:
                    text = f.read()
            self.url = ([w for w in text.split()
                         if w.startswith("https://")] + [None])[0]
            return "shows:" in text
        until(printed, "the address")

    def type(self, text):
        self.stdin.write(text)
        self.stdin.flush()

    def agree(self):
        """Where the browser is sent."""
        status, headers = get(self.url)
        same(status, 302, "the vendor's answer")
        return headers["Location"]

    def end(self):
        self.stdin.close()
        return self.run.end()


def fresh(t):
    """A tenant whose books were never reached."""
    t.shop, t.books = t.fake_shop(plain(2)), t.fake_books()
    t.init()
    t.tenant()
    t.rotate("acme", "books", "token=wrong\n", "--unproven")
    return plain(2)


def case_authorize(t):
    """The browser comes back to this machine."""
    made = fresh(t)
    c = Consent(t)
    back = c.agree()
    holds(back.startswith("http://127.0.0.1:"), back)
    same(get(back.split("/callback")[0] + "/favicon.ico")[0], 404, "else")
    same(get(back)[0], 200, "the page")
    r = c.end()
    same((r.code, r.err), (0, ""), "the end")
    holds("KANARIE" not in r.out, r.out)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    silent(t.later("+3h", "rotate-credentials", "--refresh", "acme"))
    state(t)
    nowhere(t, ("KANARIE", "app-secret"), ("store", "logs"))
    # the application is known now, and --port is kept to
    c = Consent(t, "--port", "23517", given="")
    back = c.agree()
    holds(back.startswith("http://127.0.0.1:23517/callback?"), back)
    same(get(back)[0], 200, "the page")
    same(c.end().code, 0, "exit")
    t.ok("sync")


def case_authorize_pasted(t):
    """The browser is elsewhere: its address, or the code alone."""
    made = fresh(t)
    c = Consent(t)
    c.type("\n" + c.agree() + "\n")
    same(c.end().code, 0, "exit")
    c = Consent(t, given="")
    query = urllib.parse.urlsplit(c.agree()).query
    c.type(urllib.parse.parse_qs(query)["code"][0] + "\n")
    same(c.end().code, 0, "exit")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    state(t)


def case_authorize_refused(t):
    """Another request's answer, a refusal, a code that is none."""
    fresh(t)
    bad = (lambda b: b.replace("state=", "state=x"),
           lambda b: b[:-1] + ("a" if b[-1] != "a" else "b"),
           lambda b: b.split("?")[0] + "?code=1",
           lambda b: b.split("code=")[0] + "error=access_denied&" +
           b[b.index("state="):],
           lambda b: b.split("code=")[0] + b[b.index("state="):])
    for make in bad:
        c = Consent(t)
        get(make(c.agree()))
        r = c.end()
        same(r.code, 77, "exit: " + r.err)
        has(r.err, "S753")
        same(len(r.err.splitlines()), 1, "lines: " + r.err)
    same(asked(t), 0, "requests for a token")
    c = Consent(t)
    c.type("no-such-code\n")
    r = c.end()
    same(r.code, 77, "exit: " + r.err)
    has(r.err, "invalid_grant")
    has(t.run("rotate-credentials", "acme", "books").must(64).err,
        "no secret was given")


def case_authorize_half(t):
    """A browser that is cut off, or that dawdles, is not the answer."""
    fresh(t)
    c = Consent(t)
    back = urllib.parse.urlsplit(c.agree())
    with socket.create_connection((back.hostname, back.port)) as s:
        s.sendall(b"GET /callback?%s" % back.query.encode()[:-4])
    same(get(back.geturl())[0], 200, "the page")
    r = c.end()
    same((r.code, r.err), (0, ""), "the end")
    c = Consent(t, given="", prefix=t.moved("+0 x100"))
    back = urllib.parse.urlsplit(c.agree())
    with socket.create_connection((back.hostname, back.port)) as s:
        s.settimeout(0.01)
        answer = None
        for _ in range(1000):
            try:
                s.sendall(b"x")
                answer = s.recv(10)
                break
            except TimeoutError:
                pass
        holds(answer, "one browser has all the time")
    c.run.kill()
    c.end()


def case_authorize_nothing(t):
    """An answer without a token is told."""
    fresh(t)
    fault(t, "refuse", status=200, body={"token_type": "bearer"})
    c = Consent(t)
    get(c.agree())
    r = c.end()
    same(r.code, 77, "exit: " + r.err)
    has(r.err, "no token came [S753]")


def case_authorize_time(t):
    """Ten minutes; here they go by faster."""
    fresh(t)
    r = t.later("+0 x1000", "rotate-credentials", "--authorize", "acme",
                "books", given=APP)
    same(r.code, 75, "exit: " + r.err)
    has(r.err, "S754")
    same(asked(t), 0, "requests for a token")


def case_authorize_usage(t):
    fresh(t)
    auth = ("rotate-credentials", "--authorize")
    same(t.run(*auth, "acme", "shop").code, 64, "a shop without consent")
    same(t.run(*auth, "--port", "80", "acme", "books").code, 64, "the port")
    same(t.run(*auth, "--dry-run", "acme", "books").code, 64, "dry run")
    same(t.run(*auth, "acme", "books").code, 64, "no client")
    same(t.run(*auth, "acme").code, 64, "no connection")
