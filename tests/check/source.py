#!/usr/bin/python3
"""source.py [ROOT] - the rules of the house that can be read from the source.

Layers, foreign libraries, budgets, banned functions, jumps and tidiness.
Prints FILE:LINE: what is wrong, and exits 1 when there is anything.
"""
import os
import re
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
SHIPPED = ("lib", "connectors", "cmd")

# What a connector may see: nothing that leads to the disk's secrets, the
# store or the configuration.
CONNECTOR_MAY = set("""rc str clock buf secret catalog log file csv http json
    money sale refund document salejson connection connector url
    vatid""".split())
CONNECTOR_NEVER = set("""db yaml crypt stream config store vault ring retain
    conn map settings tenant rules""".split())

FOREIGN = {  # header prefix: the one file that may include it
    "curl/": "lib/http.c",
    "cjson/": "lib/json.c",
    "yaml.h": "lib/yaml.c",
    "lmdb.h": "lib/db.c",
    "openssl/": "lib/crypt.c",
    "expat.h": "lib/xml.c",
}
SYSTEM = set("""assert ctype dirent endian errno fcntl getopt glob grp inttypes
    iso646 langinfo limits locale malloc math netdb poll pwd sched signal spawn stdarg
    stdbool stddef stdint stdio stdlib stdnoreturn string strings syslog
    termios threads time unistd wchar arpa/inet linux/magic net/if
    netinet/in netinet/tcp sys/epoll sys/file sys/ioctl sys/mman sys/prctl
    sys/random sys/resource sys/select sys/socket sys/stat sys/statfs
    sys/statvfs sys/sysmacros sys/time sys/types sys/uio sys/un sys/vfs
    sys/wait sys/inotify sys/signalfd""".split())

BANNED = set("""strcpy strcat sprintf vsprintf gets strtok atoi atol atof
    atoll system popen tmpnam tempnam mktemp alloca setjmp longjmp scanf
    sscanf fscanf vscanf vsscanf vfscanf rand srand random asctime ctime
    gmtime localtime strncpy strncat strtod strtof putenv vfork""".split())
# no disk, environment, clock, sleep, process or thread in a connector
BANNED_CONNECTOR = set("""fopen open openat creat unlink rename getenv setenv
    time clock_now clock_mono_ms clock_gettime gettimeofday sleep usleep
    nanosleep clock_sleep_ms fork execv execve pthread_create thrd_create
    socket connect file_write file_create file_remove file_mkdir
    file_lock""".split())

FUNCTION_LINES, FILE_LINES, HEADER_LINES = 60, 500, 150
PARAMETERS, NESTING, COLUMNS = 6, 3, 100

faults = []


def fault(path, line, text):
    faults.append("%s:%d: %s" % (path, line, text))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def files(folder, *suffixes):
    top = os.path.join(ROOT, folder)
    for name in sorted(os.listdir(top)) if os.path.isdir(top) else ():
        if name.endswith(suffixes):
            yield folder + "/" + name


def strip(text):
    """The code alone: comments, strings and directives become blanks; lines
    stay where they are."""
    def blank(m):
        s = m.group(0)
        if s.startswith('"'):
            return '"' + re.sub(r"[^\n]", " ", s[1:-1]) + '"'
        if s.startswith("'"):
            return "' '" + " " * (len(s) - 3)
        return re.sub(r"[^\n]", " ", s)
    token = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|"
                       r"'(?:\\.|[^'\\\n])+'", re.S)
    text = token.sub(blank, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


# --- layers ---------------------------------------------------------------

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(path):
    text = read(path)
    return [(m.group(1), m.group(2), line_of(text, m.start()))
            for m in INCLUDE.finditer(text)]


def stem(path):
    return os.path.basename(path).rsplit(".", 1)[0]


def own(path):
    return [(stem(name), line) for mark, name, line in includes(path)
            if mark == '"' and name.endswith(".h")]


def place_hint(name, order):
    """Where in the order an unlisted module could stand."""
    lo, hi = -1, len(order)
    for path in files("lib", ".c", ".h"):
        for inc, _ in own(path):
            if stem(path) == name and inc in order:
                lo = max(lo, order.index(inc))
            if inc == name and stem(path) in order:
                hi = min(hi, order.index(stem(path)))
    if lo >= hi:
        return "no place in the line fits it"
    return "it may stand right of %s%s" % (
        order[lo] if lo >= 0 else "nothing",
        " and left of " + order[hi] if hi < len(order) else "")


def layers():
    order = read("lib/ORDER").split()
    for name in set(n for n in order if order.count(n) > 1):
        fault("lib/ORDER", 1, "%s stands twice" % name)
    listed, said = set(order), set()
    for path in files("lib", ".c", ".h"):
        name = stem(path)
        if name not in listed:
            if name not in said:
                fault(path, 1, "not in lib/ORDER; " + place_hint(name, order))
            said.add(name)
            continue
        for inc, line in own(path):
            if inc not in listed:
                continue  # said at its own file, or in no folder of ours
            if order.index(inc) > order.index(name):
                fault(path, line, "includes %s.h, which stands right of it "
                      "in lib/ORDER" % inc)
    for name in order:
        if not any(os.path.exists(os.path.join(ROOT, "lib", name + s))
                   for s in (".c", ".h", ".def")):
            fault("lib/ORDER", 1, "there is no module %s" % name)


def reach(name, seen):
    """All headers of lib that a header pulls in."""
    path = "lib/%s.h" % name
    if name in seen or not os.path.exists(os.path.join(ROOT, path)):
        return seen
    seen.add(name)
    for inc, _ in own(path):
        reach(inc, seen)
    return seen


def connector_layers():
    for path in files("connectors", ".c", ".h"):
        if stem(path) == "table":
            continue
        family = stem(path).split("_")[0]
        for inc, line in own(path):
            kin = inc.split("_")[0]
            if kin.startswith(family) or family.startswith(kin):
                continue	# woocommerce.c and woo_list.h
            if inc not in CONNECTOR_MAY:
                fault(path, line, "a connector may not include %s.h" % inc)
                continue
            bad = sorted(reach(inc, set()) & CONNECTOR_NEVER)
            if bad:
                fault(path, line, "%s.h brings %s.h into a connector" %
                      (inc, bad[0]))


def foreign():
    seen = {}
    for folder in SHIPPED:
        for path in files(folder, ".c", ".h", ".def"):
            for mark, name, line in includes(path):
                if mark == "<":
                    foreign_one(path, line, name, seen)
                elif folder == "lib" and not os.path.exists(
                        os.path.join(ROOT, "lib", name)):
                    fault(path, line, "includes %s, which is not of lib" %
                          name)


def foreign_one(path, line, name, seen):
    if re.sub(r"\.h$", "", name) in SYSTEM:
        return
    owner = next((FOREIGN[p] for p in FOREIGN if name.startswith(p)), None)
    if owner is None:
        fault(path, line, "<%s> is no header that this program uses" % name)
    elif path.endswith(".h"):
        fault(path, line, "a header of ours includes <%s>" % name)
    elif path != owner:
        fault(path, line, "<%s> belongs to %s alone" % (name, owner))


# --- functions ------------------------------------------------------------

def functions(code):
    """(name, parameters, where it starts, its body's start and end) of each
    function that is defined in the stripped code."""
    depth, last, at = 0, 0, 0
    while at < len(code):
        ch = code[at]
        if ch == "{":
            if depth == 0:
                head = code[last:at]
                start = last
            depth += 1
            if depth == 1:
                body = at
        elif ch == "}":
            depth -= 1
            if depth == 0:
                found = function_head(head)
                if found:
                    yield found + (start, body, at)
                last = at + 1
        elif ch == ";" and depth == 0:
            last = at + 1
        at += 1


def function_head(head):
    head = head.strip()
    if not head.endswith(")") or "=" in head:
        return None
    m = re.search(r"(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)",
                                        "", head))
    return (m.group(1), parameters(head[head.index("(", head.index(
        m.group(1))):])) if m else None


def parameters(text):
    """How many there are in the first (...) of the text."""
    depth, n = 0, 1
    for i, ch in enumerate(text):
        depth += (ch == "(") - (ch == ")")
        if ch == "," and depth == 1:
            n += 1
        if depth == 0:
            inner = text[1:i].strip()
            return 0 if inner in ("", "void") else n
    return n


BLOCK = re.compile(r"(?:\)\s|\belse\s*|\bdo\s*|[;{}:]\s*)\{")


def nesting(path, code, body, end):
    """Blocks by their braces, and by the tabs, which count those without."""
    depth, worst, first = 0, 0, line_of(code, body)
    for i in range(body, end):
        if code[i] == "{":
            if ends_block(code[max(0, i - 40):i + 1]):
                worst = max(worst, depth)
            depth += 1
        elif code[i] == "}":
            depth -= 1
    for n, line in enumerate(code[body:end].split("\n")):
        tabs = len(line) - len(line.lstrip("\t"))
        if line.strip() and tabs - 1 > NESTING:
            fault(path, first + n, "nested %d deep, %d is the most" %
                  (tabs - 1, NESTING))
            return
    if worst > NESTING:
        fault(path, first, "nested %d deep, %d is the most" %
              (worst, NESTING))


def ends_block(before):
    return any(m.end() == len(before) for m in BLOCK.finditer(before))


def jumps(path, code, body, end):
    text = code[body:end]
    labels = [(m.group(1), m.start(1)) for m in
              re.finditer(r"^[ \t]*(\w+):(?!:)", text, re.M)
              if m.group(1) not in ("default", "case")]
    labels = [l for l in labels if not re.match(
        r".*\?", text[text.rfind("\n", 0, l[1]) + 1:l[1]])]
    for name, at in labels:
        if name != "out":
            fault(path, line_of(code, body + at), "label %s: the only label "
                  "is out" % name)
    if len([1 for name, _ in labels if name == "out"]) > 1:
        fault(path, line_of(code, body), "two labels in one function")
    for m in re.finditer(r"\bgoto\s+(\w+)", text):
        back = any(n == m.group(1) and at < m.start() for n, at in labels)
        if m.group(1) != "out" or back:
            fault(path, line_of(code, body + m.start()),
                  "goto goes forward to out and nowhere else")


def budgets():
    for folder in SHIPPED:
        for path in files(folder, ".c", ".h"):
            text = read(path)
            lines = text.count("\n")
            most = HEADER_LINES if path.endswith(".h") else FILE_LINES
            if lines > most:
                fault(path, lines, "%d lines, %d is the most" % (lines, most))
            code = strip(text)
            if path.endswith(".h"):
                header_parameters(path, code)
            for name, params, _, body, end in functions(code):
                function_budget(path, code, (name, params, body, end))


def function_budget(path, code, function):
    name, params, body, end = function
    line = line_of(code, body)
    lines = line_of(code, end) - line + 1
    if lines > FUNCTION_LINES:
        fault(path, line, "%s has %d lines, %d is the most" %
              (name, lines, FUNCTION_LINES))
    if params > PARAMETERS:
        fault(path, line, "%s takes %d parameters, %d is the most" %
              (name, params, PARAMETERS))
    nesting(path, code, body, end)
    jumps(path, code, body, end)


def header_parameters(path, code):
    for m in re.finditer(r"\b(\w+)\((?=[^*])", code):
        if m.group(1) in ("__attribute__", "format", "sizeof"):
            continue
        n = parameters(code[m.end() - 1:])
        if n > PARAMETERS:
            fault(path, line_of(code, m.start()), "%s takes %d parameters, "
                  "%d is the most" % (m.group(1), n, PARAMETERS))


# --- words ----------------------------------------------------------------

def banned():
    for folder in SHIPPED:
        for path in files(folder, ".c", ".h"):
            code = strip(read(path))
            names = BANNED | (BANNED_CONNECTOR if folder == "connectors"
                              else set())
            # a member of a table may bear such a name: x->open(), .time =
            for m in re.finditer(r"(?<![\w>.])(\w+)\s*\(", code):
                if m.group(1) in names:
                    fault(path, line_of(code, m.start()), "%s is banned" %
                          m.group(1))
            for m in re.finditer(r"\b(double|float)\b", code):
                fault(path, line_of(code, m.start()), "%s is banned: "
                      "amounts are exact" % m.group(1))
            for m in re.finditer(r"\btypedef\s+(struct|union)\b", code):
                fault(path, line_of(code, m.start()), "typedef of a struct")


WORDS = re.compile(r"\b(TODO|FIXME|HACK)\b")


def tidy():
    paths = [p for d in SHIPPED for p in files(d, ".c", ".h", ".def")]
    for d, _, names in os.walk(os.path.join(ROOT, "tests")):
        rel = os.path.relpath(d, ROOT)
        if rel.split("/")[1:2] in (["data"], ["cases"], ["check"]):
            continue
        paths += [rel + "/" + n for n in sorted(names)
                  if n.endswith((".c", ".h", ".sh"))]
    paths += list(files("man", ".1", ".5", ".7")) + ["Makefile", "README.md"]
    for path in paths:
        if os.path.exists(os.path.join(ROOT, path)):
            tidy_file(path)


def tidy_file(path):
    text = read(path)
    code = path.endswith((".c", ".h"))
    prose = path.endswith((".def", ".md", ".1", ".5", ".7"))
    for n, line in enumerate(text.split("\n"), 1):
        width = len(line.expandtabs(8))
        if line != line.rstrip() and not path.endswith(".md"):
            fault(path, n, "blanks at the end of the line")
        if WORDS.search(line):
            fault(path, n, "%s: do it or leave it" %
                  WORDS.search(line).group(1))
        if not prose and width > COLUMNS:
            fault(path, n, "%d columns" % width)
        if code and re.match(r"\t* {8,}", line):
            fault(path, n, "blanks where a tab belongs")
    if path.startswith("tests/") and text.count("\n") > FILE_LINES:
        fault(path, FILE_LINES, "%d lines, %d is the most" %
              (text.count("\n"), FILE_LINES))
    if text and not text.endswith("\n"):
        fault(path, text.count("\n") + 1, "no line feed at the end")
    if code and path.split("/")[0] in SHIPPED and not re.match(
            r"/\*\n \* %s - " % re.escape(os.path.basename(path)), text):
        fault(path, 1, "does not start with the paragraph that says what it "
              "is for")


def main():
    for check in (layers, connector_layers, foreign, budgets, banned, tidy):
        check()
    for text in sorted(set(faults)):
        print(text)
    sys.exit(1 if faults else 0)


main()
