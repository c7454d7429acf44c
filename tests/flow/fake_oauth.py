"""An OAuth 2 server: single-use refresh tokens, and no patience with a client
that asks in another form than RFC 6749 and RFC 7636 give.

It has one client.  A refresh token that is used again within grace_s of its
first use is answered with a new pair; later, the whole family is revoked, as
vendors do.  Times are those of this machine; expire() ends access tokens.
"""
import base64
import hashlib
import json
import threading
import time
import urllib.parse

FORM = "application/x-www-form-urlencoded"
MEMBERS = {"authorization_code": {"code", "redirect_uri", "code_verifier"},
           "refresh_token": {"refresh_token"}}
CLIENT = {"grant_type", "client_id", "client_secret"}
CONSENT = {"response_type", "client_id", "redirect_uri", "scope", "state",
           "code_challenge", "code_challenge_method"}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OAuth:
    def __init__(self, client_id="app", client_secret="app-secret"):
        self.client_id, self.client_secret = client_id, client_secret
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.n = 0
        self.codes, self.refresh, self.access = {}, {}, {}
        self.grace_s, self.expires_in = 0, 7200
        self.rotates = True
        self.asked, self.reused, self.wrong = 0, 0, []

    def control(self, given):
        with self.lock:
            for name in ("grace_s", "expires_in", "rotates"):
                if name in given:
                    setattr(self, name, given[name])
            if given.get("expire"):
                self.access.clear()
            if given.get("revoke"):
                self.refresh.clear()
            if "grant" in given:        # as if somebody had consented
                self.refresh[given["grant"]] = {"family": self.n,
                                                "used": None}

    def dump(self):
        with self.lock:
            return {"asked": self.asked, "reused": self.reused,
                    "wrong": list(self.wrong),
                    "access": list(self.access),
                    "refresh": [t for t, r in self.refresh.items()
                                if r["used"] is None]}

    def accepts(self, header):
        with self.lock:
            return header.startswith("Bearer ") and header[7:] in self.access

    # ---- what it is asked ----

    def handle(self, method, target, headers, body):
        """(status, headers, body)"""
        path, _, query = target.partition("?")
        with self.lock:
            if (method, path) == ("GET", "/oauth/authorize"):
                return self.authorize(query)
            if (method, path) != ("POST", "/oauth/token"):
                return 404, {}, b"{}"
            self.asked += 1
            if headers.get("Content-Type") != FORM:
                self.wrong.append("type %s" % headers.get("Content-Type"))
            status, answer = self.token(self.parse(body.decode()))
            return status, {"Cache-Control": "no-store"}, \
                json.dumps(answer).encode()

    def parse(self, text):
        pairs = urllib.parse.parse_qsl(text, True, True)
        if len(dict(pairs)) != len(pairs):
            self.wrong.append("a member twice")
        return dict(pairs)

    def check(self, given, members):
        if set(given) != members:
            self.wrong.append("members %s" % sorted(given))

    def authorize(self, query):
        q = self.parse(query)
        self.check(q, CONSENT)
        if q.get("client_id") != self.client_id or \
                q.get("response_type") != "code" or \
                q.get("code_challenge_method") != "S256" or \
                q.get("code_challenge") == challenge_of(q.get("state", "")):
            self.wrong.append("consent %s" % sorted(q.items()))
            return 400, {}, b"{}"
        code = self.new("code")
        self.codes[code] = q
        back = {"code": code, "state": q["state"]}
        return 302, {"Location": q["redirect_uri"] + "?" +
                     urllib.parse.urlencode(back)}, b""

    def token(self, given):
        grant = given.get("grant_type")
        if grant not in MEMBERS:
            self.wrong.append("grant_type %s" % grant)
            return 400, {"error": "unsupported_grant_type"}
        self.check(given, CLIENT | MEMBERS[grant])
        if (given.get("client_id"), given.get("client_secret")) != \
                (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        if grant == "refresh_token":
            return self.refreshed(given["refresh_token"])
        q = self.codes.pop(given["code"], None)
        if q is None or \
                q["code_challenge"] != challenge_of(given["code_verifier"]) or \
                q["redirect_uri"] != given["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return self.give(self.n)

    def refreshed(self, token):
        found = self.refresh.get(token)
        if found is None:
            return 400, {"error": "invalid_grant",
                         "error_description": "KANARIE of the vendor"}
        used = found["used"]
        if self.rotates and used is not None:
            self.reused += 1
            if time.time() - used >= self.grace_s:
                family = found["family"]
                for kept in (self.refresh, self.access):
                    for t in [t for t, r in kept.items()
                              if r["family"] == family]:
                        del kept[t]
                return 400, {"error": "invalid_grant"}
        found["used"] = found["used"] or time.time()
        return self.give(found["family"])

    def new(self, what):
        self.n += 1
        return "%s-KANARIE-%d" % (what, self.n)

    def give(self, family):
        access = self.new("access")
        self.access[access] = {"family": family}
        answer = {"access_token": access, "token_type": "Bearer",
                  "scope": "sales_invoices settings"}
        if self.rotates:
            answer["refresh_token"] = self.new("refresh")
            self.refresh[answer["refresh_token"]] = {"family": family,
                                                     "used": None}
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        return 200, answer
