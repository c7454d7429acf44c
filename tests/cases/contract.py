"""The vendors' own files: samples of their documentation, what a real shop
answered, and an OpenAPI description.

They are not ours to ship.  SALESYNC_CONTRACTS names their folder; without it
../shared/contracts beside the project is taken.
"""
import copy
import json
import os
import re

try:
    import yaml
except ImportError:
    yaml = None

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("SALESYNC_CONTRACTS") or os.path.join(
    HERE, "../../../shared/contracts")


class Absent(Exception):
    """What a case needs is not here."""


def path(name):
    at = os.path.join(ROOT, name)
    if not os.path.exists(at):
        raise Absent("there is no " + os.path.normpath(at))
    return at


def step_into(value, parts):
    for part in parts:
        value = value[int(part) if part.isdigit() else part]
    return value


def merged(value, more):
    """A copy of value with the members of more, at whatever depth."""
    if not isinstance(more, dict) or not isinstance(value, dict):
        return copy.deepcopy(more)
    out = copy.deepcopy(value)
    for key, v in more.items():
        out[key] = merged(out.get(key), v)
    return out


def load(name):
    """FILE.json or FILE.json#create.0, or [that, {members to change}]."""
    if isinstance(name, list):
        return merged(load(name[0]), name[1])
    file, _, inside = name.partition("#")
    with open(path(file), encoding="utf-8") as f:
        return step_into(json.load(f), inside.split(".") if inside else [])


def load_all(names):
    """Each of the names is one object or a list of them."""
    out = []
    for name in names:
        value = load(name)
        out += value if isinstance(value, list) else [value]
    return out


def recorded(name):
    """NAME.http and NAME.json: [status, [[header, value]], body]."""
    with open(path(name + ".http"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    at = next(i for i, line in enumerate(lines) if re.fullmatch(
        r"[1-5]\d\d", line))
    headers = [line.split(": ", 1) for line in lines[at + 1:] if ": " in line]
    with open(path(name + ".json"), encoding="utf-8") as f:
        return [int(lines[at]), headers, f.read()]


# --- the OpenAPI description ---

SPEC = "moneybird/openapi.yml"
TOP = "/{administration_id}/"
KINDS = {"string": str, "integer": int, "number": (int, float),
         "boolean": bool, "object": dict, "array": list, "null": type(None)}


class Spec:
    def __init__(self, all_of_it):
        self.all = all_of_it

    @staticmethod
    def read():
        name = path(SPEC)
        if yaml is None:
            raise Absent("Python has no yaml (Debian's python3-yaml)")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        with open(name, encoding="utf-8") as f:
            return Spec(yaml.load(f, Loader=loader))

    def whole(self, value):
        while isinstance(value, dict) and "$ref" in value:
            value = step_into(self.all, value["$ref"].split("/")[1:])
        return value

    def find(self, method, name):
        """The operation of "sales_invoices/123/payments", its path."""
        best = None
        for template in self.all["paths"]:
            short = template.replace("{format}", "")
            short = short[len(TOP):] if short.startswith(TOP) else short[1:]
            fits = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(short))
            if not re.fullmatch(fits, name) or method not in \
                    self.all["paths"][template]:
                continue
            if best is None or short.count("{") < best.count("{"):
                best, op = short, self.all["paths"][template][method]
        if best is None:
            raise KeyError("no such operation: %s %s" % (method, name))
        return op, best

    def answer(self, operation, example):
        """[status, body] of a named example of "post contacts"."""
        op, _ = self.find(*operation.split(" "))
        for status, reply in op["responses"].items():
            for media in self.whole(reply).get("content", {}).values():
                found = media.get("examples", {}).get(example)
                if found is not None:
                    return [int(status), found["value"]]
        raise KeyError("%s has no example %s" % (operation, example))

    def faults(self, op, query, body):
        """What is wrong with a request."""
        known = {p["name"] for p in map(self.whole, op.get("parameters", []))
                 if p["in"] == "query"}
        out = ["unknown parameter " + q for q in query if q not in known]
        media = op.get("requestBody", {}).get("content", {})
        if body is None or not media:
            return out
        return out + self.misfits(next(iter(media.values()))["schema"], body,
                                  "body")

    def misfits(self, schema, value, at):
        """The part of JSON Schema that these descriptions use."""
        schema = self.whole(schema)
        many = schema.get("anyOf") or schema.get("oneOf")
        if many:
            tried = [self.misfits(s, value, at) for s in many]
            return min(tried, key=len)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(isinstance(value, KINDS[k]) for k in kinds):
            return ["%s is not %s" % (at, " or ".join(kinds))]
        if "enum" in schema and value not in schema["enum"]:
            return [at + " is not one of its values"]
        out = []
        if isinstance(value, dict) and "properties" in schema:
            out += ["%s lacks %s" % (at, k)
                    for k in schema.get("required", []) if k not in value]
            for key, v in value.items():
                if key in schema["properties"]:
                    out += self.misfits(schema["properties"][key], v,
                                        at + "." + key)
                elif schema.get("unevaluatedProperties") is False:
                    out.append("%s has no member %s" % (at, key))
        if isinstance(value, list) and "items" in schema:
            for i, v in enumerate(value):
                out += self.misfits(schema["items"], v, "%s.%d" % (at, i))
        return out
