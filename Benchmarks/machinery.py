"""What the measurements are made with: processes and what they cost, virtual phones, the tool, networks, tables."""
import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, ".build-release", "release")
PROGRAM = os.path.join(BUILD, "phonefleet")
BARE = os.path.join(BUILD, "BareClient")
TAKER = os.path.join(BUILD, "CallTaker")
TYPE = "optipoint-410-standard-hfa"
PORT = 10443
ITEMS = 60
TICKS = os.sysconf("SC_CLK_TCK")
# Whoever starts many processes with sockets needs many files.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def successor(address, offset):
    number = sum(int(part) << shift for part, shift in zip(address.split("."), (24, 16, 8, 0))) + offset
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def fail(text):
    sys.exit(f"bench: error: {text}")


def peak(process):
    """Peak resident memory of a process in MB."""
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


class Table:
    def __init__(self, title, heads):
        self.title, self.rows, self.notes = title, [heads], []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def show(self):
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(self.rows[0]))]
        print(f"\n{self.title}")
        for row in self.rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        for note in self.notes:
            print(f"  {note}")
        sys.stdout.flush()


class Result:
    """A process that has ended: what it said, how it ended, seconds, peak memory in MB, seconds of the processors."""

    def __init__(self, command, stdin=None):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            started = time.monotonic()
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=output, stderr=errors)
            if stdin:
                process.stdin.write(stdin.encode())
                process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.monotonic() - started
            self.code = process.returncode = os.waitstatus_to_exitcode(status)
            self.memory = usage.ru_maxrss / 1024
            self.cpu = usage.ru_utime + usage.ru_stime
            self.output, self.errors = (self.text(file) for file in (output, errors))

    @staticmethod
    def text(file):
        file.seek(0)
        return file.read().decode(errors="replace")


class Phones:
    """Virtual phones in a process of their own."""

    def __init__(self, count, first="127.16.0.1", keys="p256", port=PORT, namespace=None, kind=TYPE, more=()):
        self.count, self.first, self.port = count, first, port
        command = [PROGRAM, "virtual-phones", "run", "--count", str(count), "--types", kind, "--keys", keys,
                   "--listen", f"{first}-{successor(first, count - 1)}", "--port", str(port), *more]
        if namespace:
            command = ["ip", "netns", "exec", namespace, *command]
        started = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.start_seconds = time.monotonic() - started
        if "ready" not in line:
            self.process.terminate()
            fail(f"the virtual phones did not start: {line}{self.process.communicate()[1]}")

    def memory(self):
        """Peak resident memory in MB."""
        return peak(self.process)

    def cpu(self):
        """Seconds of the processors so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


class Tool:
    """phonefleet with a database of its own."""

    def __init__(self, directory, name):
        self.directory = os.path.join(directory, name)
        os.mkdir(self.directory)
        self.database = os.path.join(self.directory, "bench.db")

    def __call__(self, *arguments, check=True, stdin=None, prefix=()):
        result = Result([*prefix, PROGRAM, *arguments, "--database", self.database], stdin)
        if check and result.code != 0:
            fail(f"{' '.join(arguments)[:200]} ended with {result.code}:\n{result.errors[-2000:]}{result.output[-2000:]}")
        return result

    def json(self, *arguments):
        return json.loads(self(*arguments, "--format", "json").output)

    def prepare(self, phones):
        """The device list, trust and password for a fleet; returns the items that are written, with two values each."""
        table = os.path.join(self.directory, "devices.csv")
        with open(table, "w") as file:
            file.write("address,port,type\n")
            for number in range(phones.count):
                file.write(f"{successor(phones.first, number)},{phones.port},{TYPE}\n")
        self("devices", "import", table, "--yes")
        self("trust", "learn", phones.first, "--port", str(phones.port), "--yes")
        self("config", "password", stdin="123456\n")
        return choose_items(self.json("types", "show", TYPE)["parameters"])

    @contextlib.contextmanager
    def serve(self, *arguments):
        """The end that phones call, for as long as the block lasts; its lines come from its standard output."""
        process = subprocess.Popen([PROGRAM, "serve", *arguments, "--database", self.database], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            if "phones call" not in process.stdout.readline():
                process.terminate()
                fail(f"serve did not start: {process.communicate()[1]}")
            yield process
        finally:
            process.terminate()
            process.communicate()

    def deploy(self, items, which, concurrency=64, kind=TYPE, more=()):
        """One run in which every phone's items change; returns phones per second by the run's own clock, and the process."""
        self("config", "set", "--type", kind, *[f"{item}={values[which]}" for item, values in items])
        process = self("deploy", "--all", "--yes", "--quiet", "--concurrency", str(concurrency), "--format", "json",
                       *more, check=False)
        if not process.output:
            fail(f"deploy ended with {process.code}:\n{process.errors[-2000:]}")
        result = json.loads(process.output)
        devices = result["devices"]
        faults = {(d["outcome"], d.get("code"), d.get("reason")) for d in devices
                  if d["outcome"] != "verified" or len(d["changes"]) != len(items)}
        if faults:
            fail(f"{result['totals']['verified']} of {len(devices)} verified: {list(faults)[:3]}")
        return len(devices) / result["run"]["seconds"], process


def choose_items(parameters):
    """Sixty plain items that need no restart, each with two valid values, neither of them the default."""
    chosen = []
    for parameter in parameters:
        if parameter["secret"] or parameter["readOnly"] or parameter["restart"] or parameter.get("onlyIf"):
            continue
        values = two_values(parameter["kind"], parameter["rule"])
        if not values or parameter.get("default") in values:
            continue
        if "indices" not in parameter:
            chosen.append((parameter["item"], values))
        for first, last in parameter.get("indices", []):
            for index in range(first, last + 1):
                chosen.append((f"{parameter['item']}[{index}]", values))
    if len(chosen) < ITEMS:
        fail(f"only {len(chosen)} items fit")
    return chosen[:ITEMS]


def two_values(kind, rule):
    if kind == "text" and "matching" not in rule:
        return "first value", "second value"
    if kind == "digits" and "up to" in rule:
        return "110", "220"
    return None


class Network:
    """Two network namespaces: `near` for the tool, `far` with 64 addresses of phones; the rest of the block is silence."""

    BLOCK, FIRST, PHONES = "10.78.0.0/20", "10.78.7.100", 64

    def __enter__(self):
        self.near, self.far = f"pf{os.getpid() % 100000}n", f"pf{os.getpid() % 100000}f"
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        near, far = self.near, self.far
        commands = [f"netns add {near}", f"netns add {far}",
                    f"link add {near} netns {near} type veth peer name {far} netns {far}"]
        for name, address in ((near, "10.77.0.1/30"), (far, "10.77.0.2/30")):
            commands += [f"-n {name} addr add {address} dev {name}", f"-n {name} link set {name} up",
                         f"-n {name} link set lo up"]
        commands.append(f"-n {near} route add {self.BLOCK} via 10.77.0.2")
        commands += [f"-n {far} addr add {successor(self.FIRST, number)}/32 dev lo" for number in range(self.PHONES)]
        # Dropped without an answer: the other addresses are silent, not refused or unreachable.
        commands.append(f"-n {far} route add blackhole {self.BLOCK}")
        for command in commands:
            subprocess.run(["ip", *command.split()], check=True)

    def __exit__(self, *_):
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def inside(self):
        return ["ip", "netns", "exec", self.near]
