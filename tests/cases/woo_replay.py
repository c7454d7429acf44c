"""A shop made of WooCommerce's own samples: it sorts, filters and pages as
the vendor's documentation says, with the headers of a real shop; or it gives
what a real shop gave, byte for byte.
"""
import base64
import json
import re

import contract
import replay

API = "/wp-json/wc/v3/"
ROUTES = "woocommerce/samples/index.top.json"
LIKE = "recorded/woocommerce/orders_page1"	# headers of a good answer
NO_ORDER = "recorded/woocommerce/order_404"
NO_KEY = "recorded/woocommerce/err_badkey"
NO_TERM = "woocommerce/samples/introduction.errors.2.json"
KEYS = "Basic " + base64.b64encode(b"ck_test:cs_test").decode()
# Documented beside the index of routes, which is of an older version.
LATER = {"_fields", "modified_after", "dates_are_gmt"}


def plan_of(shop):
    """What the server needs, from the "shop" of a case."""
    routes = contract.load(ROUTES)["routes"]
    headers = [h for h in contract.recorded(LIKE)[1] if h[0] not in (
        "Date", "Link", "X-WP-Total", "X-WP-TotalPages")]
    return {
        "orders": contract.load_all(shop.get("orders", [])),
        "refunds": {k: contract.load_all([v] if isinstance(v, str) else v)
                    for k, v in shop.get("refunds", {}).items()},
        "rates": contract.load_all(shop.get("rates", [])),
        "cap": shop.get("cap", 100), "headers": headers,
        "instead": [[at, contract.recorded(name)]
                    for at, name in shop.get("instead", {}).items()],
        "no_order": contract.recorded(NO_ORDER),
        "no_key": contract.recorded(NO_KEY),
        "no_term": contract.load(NO_TERM),
        "routes": {name: e["args"] for name, r in routes.items()
                   for e in r["endpoints"] if "GET" in e["methods"]}}


def chosen(value, fields):
    """_fields: the members of an object that were asked for."""
    out = {}
    for field in fields:
        at, name = out, field.split(".")
        v = value
        for i, part in enumerate(name):
            if not isinstance(v, dict) or part not in v:
                break
            v = v[part]
            if i + 1 == len(name):
                at[part] = v
            else:
                at = at.setdefault(part, {})
    return out


class Shop:
    def __init__(self, plan):
        self.plan = plan

    def answer(self, asked):
        if asked.headers.get("Authorization") != KEYS:
            return self.plan["no_key"]
        if asked.method != "get" or not asked.path.startswith(API):
            raise ValueError("not asked of a shop")
        name = asked.path[len(API):]
        self.hold(name, asked.query)
        for at, answer in self.plan["instead"]:
            if re.match(at, asked.target[len(API):]):
                return answer
        m = re.fullmatch(r"orders(/(\d+)(/refunds)?)?", name)
        if m and m.group(3):
            return self.refunds(m.group(2), asked.query)
        if m:
            return self.orders(m.group(2), asked.query)
        return self.rate(name, asked.query)

    def hold(self, name, query):
        """The request, to the vendor's own list of routes."""
        for route, args in self.plan["routes"].items():
            route = route.replace("(?P<", "(?P<x_")
            if re.fullmatch(route, "/wc/v3/" + name):
                break
        else:
            raise ValueError("the vendor has no such route")
        for key, value in query.items():
            if key not in args and key not in LATER:
                raise ValueError("the route takes no " + key)
            allowed = args.get(key, {}).get("enum")
            if allowed and value not in allowed:
                raise ValueError("%s is none of %s" % (key, allowed))
        if not 1 <= int(query.get("per_page", 10)) <= 100:
            raise ValueError("per_page")

    def good(self, value, query, more=()):
        fields = query.get("_fields", "").split(",")
        if fields != [""] and isinstance(value, list):
            value = [chosen(v, fields) for v in value]
        elif fields != [""]:
            value = chosen(value, fields)
        return 200, self.plan["headers"] + list(more), json.dumps(value)

    def page(self, rows, query):
        size = min(int(query.get("per_page", 10)), self.plan["cap"])
        n = int(query.get("page", 1))
        pages = -(-len(rows) // size)
        more = [["X-WP-Total", str(len(rows))],
                ["X-WP-TotalPages", str(pages)]]
        if n < pages:
            more.append(["Link", "<https://shop/next>; rel=\"next\""])
        return self.good(rows[(n - 1) * size:n * size], query, more)

    def orders(self, ident, query):
        rows = self.plan["orders"]
        if ident:
            rows = [o for o in rows if o["id"] == int(ident)]
            return self.good(rows[0], query) if rows else \
                self.plan["no_order"]
        rows = [o for o in rows if o.get("status") != "trash"]
        after = query.get("modified_after")
        if after:
            # With a Z beside dates_are_gmt a real shop finds nothing.
            rows = [o for o in rows if query.get("dates_are_gmt") == "true"
                    and not after.endswith("Z")
                    and o["date_modified_gmt"] > after]
        return self.sorted(rows, query)

    def sorted(self, rows, query):
        key = {"id": "id", "date": "date_created_gmt"}[
            query.get("orderby", "date")]
        return self.page(sorted(
            rows, key=lambda o: o[key],
            reverse=query.get("order", "desc") == "desc"), query)

    def refunds(self, ident, query):
        if not any(o["id"] == int(ident) for o in self.plan["orders"]):
            return self.plan["no_order"]
        return self.sorted(self.plan["refunds"].get(ident, []), query)

    def rate(self, name, query):
        for rate in self.plan["rates"]:
            if name == "taxes/%d" % rate["id"]:
                return self.good(rate, query)
        return 404, self.plan["headers"], json.dumps(self.plan["no_term"])


def main():
    replay.main(Shop)
