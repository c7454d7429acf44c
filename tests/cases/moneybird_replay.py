"""Books that answer with the examples of Moneybird's own description, and
hold every request to it.
"""
import json
import re
import time

import contract
import replay

BASE = "/api/v2"
OWN = "123"		# the administration of the vendor's examples
HEADERS = [["Content-Type", "application/json; charset=utf-8"]]


def one_answer(spec, operation, what):
    """[status, headers, value] of the name of an example, or of what
    changes it."""
    if isinstance(what, str):
        what = {"example": what}
    status, value = what.get("status"), what.get("body")
    if "example" in what:
        source = what.get("of", operation)
        status, value = spec.answer(source, what["example"])
        status = what.get("as", status)
    if "pick" in what:
        value = value[what["pick"]]
    value = contract.copy.deepcopy(value)
    value = contract.merged(value, what["with"]) if "with" in what else value
    for i, members in what.get("at", {}).items():
        value[int(i)] = contract.merged(value[int(i)], members)
    if "list" in what:
        value = [value]
    return [status, [list(h) for h in what.get("headers", {}).items()],
            value]


def plan_of(books, spec):
    out = {"answers": {}, "spec": spec.all["components"], "operations": {}}
    for operation, answers in books.items():
        answers = answers if isinstance(answers, list) else [answers]
        op, short = spec.find(*operation.split(" "))
        name = operation.split(" ")[0] + " " + short
        out["operations"][name] = op
        out["answers"][name] = [one_answer(spec, operation, a)
                                for a in answers]
    return out


class Books:
    """Each operation gives its answers in turn, and the last one again."""

    def __init__(self, plan):
        self.answers, self.operations = plan["answers"], plan["operations"]
        self.spec = contract.Spec({"components": plan["spec"]})

    def find(self, method, name):
        fit = [n for n in self.operations if re.fullmatch(re.sub(
            r"\\\{\w+\\\}", "[^/]+", re.escape(n)), method + " " + name)]
        if not fit:
            raise ValueError("the case has no answer to it")
        return min(fit, key=lambda n: n.count("{"))

    def answer(self, asked):
        if asked.headers.get("Authorization") != "Bearer token":
            return 401, HEADERS, '{"error": "unauthorized"}'
        name = re.fullmatch(BASE + "/(.+)\\.json", asked.path).group(1)
        if name.startswith(OWN + "/"):
            name = name[len(OWN) + 1:]
        elif name != "administrations":
            raise ValueError("another administration")
        name = self.find(asked.method, name)
        faults = self.spec.faults(self.operations[name], asked.query,
                                  asked.body)
        if faults:
            raise ValueError("; ".join(faults))
        todo = self.answers[name]
        status, headers, value = todo.pop(0) if len(todo) > 1 else todo[0]
        headers = HEADERS + [[k, str(int(time.time()) + int(v[1:])) if
                              v.startswith("+") else v] for k, v in headers]
        return status, headers, json.dumps(self.filtered(value, asked))

    @staticmethod
    def filtered(value, asked):
        """The filters of tax_rates and what is asked of a page."""
        if not isinstance(value, list):
            return value
        for part in asked.query.get("filter", "").split(","):
            key, _, text = part.partition(":")
            if key == "tax_rate_type":
                value = [v for v in value if v[key] == text]
        n = int(asked.query.get("page", 1))
        size = int(asked.query.get("per_page", 100))
        return value[(n - 1) * size:n * size] if n > 1 else value


def main():
    replay.main(Books)
