#!/usr/bin/env python3
"""Measures phonefleet beside the ceiling and a peer, in one run on one machine, and prints tables with ratios.

usage: bench.py [--phones N] [--rounds N] [--only transfer,rsa,large,scan,identify,fleet,start]

Each figure is the median of the rounds; what is compared is measured in turn within each round, so that a machine whose
speed drifts does not favour anybody. Nothing leaves the machine: phones sit on loopback addresses, and the sparse scan has
network namespaces of its own (root is needed for that one).
"""
import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, ".build-release", "release")
PROGRAM = os.path.join(BUILD, "phonefleet")
BARE = os.path.join(BUILD, "BareClient")
TYPE = "optipoint-410-standard-hfa"
DEVICE_TYPE_PORT = 10443
ITEMS = 60
# Whoever starts many processes with sockets needs many files.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def successor(address, offset):
    number = sum(int(part) << shift for part, shift in zip(address.split("."), (24, 16, 8, 0))) + offset
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


class Table:
    def __init__(self, title, heads):
        self.title, self.rows = title, [heads]

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def show(self):
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(self.rows[0]))]
        print(f"\n{self.title}")
        for row in self.rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        sys.stdout.flush()


class Phones:
    """Virtual phones in a process of their own."""

    def __init__(self, count, first="127.16.0.1", keys="p256", port=DEVICE_TYPE_PORT, extra=(), namespace=None):
        self.count, self.first, self.port = count, first, port
        command = [PROGRAM, "virtual-phones", "run", "--count", str(count), "--types", TYPE, "--keys", keys,
                   "--listen", f"{first}-{successor(first, count - 1)}", "--port", str(port), *extra]
        if namespace:
            command = ["ip", "netns", "exec", namespace, *command]
        started = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.start_seconds = time.monotonic() - started
        if "ready" not in line:
            sys.exit(f"bench: error: the virtual phones did not start: {line!r}")

    def memory(self):
        return process_memory(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def process_memory(pid):
    """Peak resident memory of a living process in MB."""
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


def run(command, **options):
    """Runs to the end; returns standard output, seconds and peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    output, errors = "", ""
    with process.stdout, process.stderr:
        output = process.stdout.read()
        errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return output, errors, process.returncode, time.monotonic() - started, usage.ru_maxrss / 1024


class Tool:
    """phonefleet with a database of its own."""

    def __init__(self, directory, name="bench"):
        self.database = os.path.join(directory, f"{name}.db")

    def __call__(self, *arguments, check=True, stdin=None, prefix=()):
        command = [*prefix, PROGRAM, *arguments, "--database", self.database]
        if stdin is not None:
            result = subprocess.run(command, input=stdin, text=True, capture_output=True)
            output, errors, code = result.stdout, result.stderr, result.returncode
        else:
            output, errors, code, self.seconds, self.memory = run(command)
        if check and code != 0:
            sys.exit(f"bench: error: {' '.join(arguments)} ended with {code}:\n{errors[-2000:]}{output[-2000:]}")
        return output

    def prepare(self, phones):
        """The device list, trust and password for a fleet; returns the items that are written, with two values each."""
        table = os.path.join(os.path.dirname(self.database), "devices.csv")
        with open(table, "w") as file:
            file.write("address,port,type\n")
            for number in range(phones.count):
                file.write(f"{successor(phones.first, number)},{phones.port},{TYPE}\n")
        self("devices", "import", table, "--yes")
        self("trust", "learn", phones.first, "--port", str(phones.port), "--yes")
        self("config", "password", stdin="123456\n")
        return choose_items(json.loads(self("types", "show", TYPE, "--format", "json"))["parameters"])

    def choose(self, items, which):
        self("config", "set", "--type", TYPE, *[f"{item}={values[which]}" for item, values in items])


def choose_items(parameters):
    """Sixty plain items that need no restart, each with two valid values."""
    chosen = []
    for parameter in parameters:
        if parameter["secret"] or parameter["readOnly"] or parameter["restart"] or parameter.get("onlyIf"):
            continue
        if parameter["kind"] == "text" and "matching" not in parameter["rule"]:
            values = ("first value", "second value")
        elif parameter["kind"] == "digits" and "up to" in parameter["rule"]:
            values = ("110", "220")
        elif parameter["kind"] == "boolean":
            values = ("true", "false")
        else:
            continue
        if parameter.get("firstIndex") is None:
            chosen.append((parameter["item"], values))
        else:
            for index in range(parameter["firstIndex"], parameter["lastIndex"] + 1):
                chosen.append((f"{parameter['item']}[{index}]", values))
    if len(chosen) < ITEMS:
        sys.exit(f"bench: error: only {len(chosen)} items fit")
    return chosen[:ITEMS]


def deploy(tool, items, which, concurrency=64):
    """One run in which every phone's items change; returns phones per second by the run's own clock, and peak MB."""
    tool.choose(items, which)
    output = tool("deploy", "--all", "--yes", "--quiet", "--concurrency", str(concurrency), "--format", "json", check=False)
    result = json.loads(output)
    phones = len(result["devices"])
    verified = result["totals"]["verified"]
    if verified != phones:
        faults = {(d.get("code"), d.get("reason")) for d in result["devices"] if d["outcome"] != "verified"}
        sys.exit(f"bench: error: {verified} of {phones} verified: {list(faults)[:3]}")
    return phones / result["run"]["seconds"], phones / tool.seconds, tool.memory


def bare(phones, mode="tls", concurrency=64):
    output, errors, code, _, _ = run([BARE, phones.first, str(phones.count), str(phones.port), mode, str(concurrency)])
    if code != 0:
        sys.exit(f"bench: error: the bare client failed: {output}{errors}")
    return float(output.split("\t")[2])


def curl(phones, directory, items, authority, name, which):
    """curl --parallel writing the items, with the CA and the name checked; returns phones per second."""
    body = "".join(
        f'<Item name="{re.sub(r"[[].*", "", item)}"' + (f' index="{item[item.index("[") + 1:-1]}"' if "[" in item else "")
        + f">{values[which]}</Item>" for item, values in items)
    message = os.path.join(directory, "write.xml")
    with open(message, "w") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<ManagementRequest xmlns="urn:phonefleet:management:1" id="1">'
                   f"<Action>WriteItems</Action><ItemList>{body}</ItemList></ManagementRequest>")
    config = os.path.join(directory, "curl.txt")
    with open(config, "w") as file:
        for number in range(phones.count):
            file.write(
                ("next\n" if number else "") + f'url = "https://{name}:{phones.port}/management"\n'
                f'connect-to = "{name}:{phones.port}:{successor(phones.first, number)}:{phones.port}"\n'
                f'cacert = "{authority}"\ndigest\nuser = "admin:123456"\nheader = "Content-Type: application/xml"\n'
                f'data-binary = "@{message}"\noutput = "/dev/null"\nfail\nwrite-out = "%{{http_code}}\\n"\n')
    output, errors, code, seconds, _ = run(
        ["curl", "--silent", "--show-error", "--parallel", "--parallel-max", "50", "--config", config])
    done = output.split().count("200")
    if done != phones.count:
        sys.exit(f"bench: error: curl wrote {done} of {phones.count}: {errors[:500]}")
    return phones.count / seconds


def name_of(certificate):
    """The DNS name of the phones' built-in certificate, which curl needs and phonefleet does not."""
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=certificate, text=True,
                          capture_output=True).stdout
    found = re.search(r"DNS:(\S+)", text)
    return found.group(1) if found else None


def leaf_of(phones):
    return subprocess.run(["openssl", "s_client", "-connect", f"{phones.first}:{phones.port}", "-showcerts"], input="",
                          text=True, capture_output=True).stdout


def transfer(options, directory, keys, title):
    table = Table(title, ["what", "phones/s", "ratio"])
    with Phones(options.phones, keys=keys) as phones:
        tool = Tool(directory, f"transfer-{keys}")
        items = tool.prepare(phones)
        authority = os.path.join(directory, f"ca-{keys}.pem")
        profile = json.loads(tool("trust", "list", "--format", "json"))["trust"][0]["name"]
        with open(authority, "w") as file:
            file.write(tool("trust", "show", profile, "--pem"))
        name = name_of(leaf_of(phones))
        ours, whole, ceiling, peers = [], [], [], []
        for number in range(options.rounds):
            rate, with_start, memory = deploy(tool, items, number % 2)
            ours.append(rate)
            whole.append(with_start)
            ceiling.append(bare(phones))
            if name:
                peers.append(curl(phones, directory, items, authority, name, (number + 1) % 2))
                # curl wrote the other values, so that the next round writes again.
    median = statistics.median
    table.add(f"phonefleet: write {ITEMS} items, read back, one connection", f"{median(ours):.0f}", "1.00")
    table.add("  the same with the start of the program", f"{median(whole):.0f}", f"{median(whole) / median(ours):.2f}")
    table.add("ceiling: connect, handshake, one POST, close", f"{median(ceiling):.0f}",
              f"phonefleet / ceiling {median([a / b for a, b in zip(ours, ceiling)]):.2f}")
    if peers:
        table.add("curl --parallel 50: the write alone, CA and name checked", f"{median(peers):.0f}",
                  f"phonefleet / curl {median([a / b for a, b in zip(ours, peers)]):.2f}")
    table.show()
    print(f"  peak memory of the tool {memory:.0f} MB for {options.phones} phones")


def large(options, directory):
    table = Table("Memory of the tool over the number of phones", ["phones", "phones/s", "peak MB"])
    for count in (1000, 10000):
        with Phones(count) as phones:
            tool = Tool(directory, f"large-{count}")
            items = tool.prepare(phones)
            rate, _, memory = deploy(tool, items, 0)
            table.add(count, f"{rate:.0f}", f"{memory:.0f}")
    table.show()


def fleet(options, directory):
    table = Table("Virtual phones in one process", ["phones", "ready after s", "peak MB when ready", "after each was contacted"])
    with Phones(10000) as phones:
        ready = phones.memory()
        bare(phones)
        table.add(10000, f"{phones.start_seconds:.1f}", f"{ready:.0f}", f"{phones.memory():.0f}")
    table.show()


def identify(options, directory):
    table = Table("Scan that identifies 1,024 phones by certificate and XML", ["keys", "phones", "phones/s"])
    for keys in ("p256", "rsa2048"):
        with Phones(1024, keys=keys) as phones:
            tool = Tool(directory, f"identify-{keys}")
            tool("trust", "learn", phones.first, "--port", str(phones.port), "--yes")
            rates = []
            for _ in range(options.rounds):
                output = tool("scan", f"{phones.first}-{successor(phones.first, 1023)}", "--port", str(phones.port),
                              "--quiet", "--format", "json")
                rows = [row for row in json.loads(output)["scan"] if row["status"] == "phone"]
                rates.append(len(rows) / tool.seconds)
            table.add(keys, len(rows), f"{statistics.median(rates):.0f}")
    table.show()


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
        for command in commands:
            subprocess.run(["ip", *command.split()], check=True)
        # Not forwarded means dropped without an answer: the other addresses are silent, not refused.
        subprocess.run(["ip", "netns", "exec", far, "sysctl", "-qw", "net.ipv4.ip_forward=0"], check=True)

    def __exit__(self, *_):
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def inside(self):
        return ["ip", "netns", "exec", self.near]


def sparse(options, directory):
    if os.geteuid() != 0:
        print("\nSparse scan: left out, network namespaces need root")
        return
    table = Table("Scan of 4,096 addresses, 64 phones among silent ones, as an unprivileged user", ["who", "found", "seconds"])
    with Network() as network, Phones(network.PHONES, first=network.FIRST, namespace=network.far) as phones:
        tool = Tool(directory, "sparse")
        tool("trust", "learn", phones.first, "--port", str(phones.port), "--yes", prefix=network.inside())
        os.chmod(directory, 0o755)
        unprivileged = [*network.inside(), "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        subprocess.run(["chown", "-R", "65534:65534", directory], check=True)
        ours, peers, found, seen = [], [], 0, 0
        for _ in range(options.rounds):
            output = tool("scan", network.BLOCK, "--port", str(phones.port), "--passes", "2", "--quiet", "--format", "json",
                          prefix=unprivileged)
            ours.append(tool.seconds)
            found = sum(row["status"] == "phone" for row in json.loads(output)["scan"])
            output, _, _, seconds, _ = run(
                [*unprivileged, "nmap", "-sT", "-n", "-Pn", "--open", "-p", str(phones.port), "-T5", "--min-rate", "3000",
                 "--max-retries", "1", "--max-rtt-timeout", "300ms", "--min-parallelism", "500", network.BLOCK])
            peers.append(seconds)
            seen = output.count("/tcp open")
        table.add("phonefleet, two passes, identified and authenticated", found, f"{statistics.median(ours):.1f}")
        table.add("nmap -sT, tuned, open ports only", seen, f"{statistics.median(peers):.1f}")
    table.show()


def start(options, directory):
    table = Table("Start of the program", ["command", "median ms"])
    for arguments in (["--help"], ["--version"], ["types", "list"]):
        times = []
        for _ in range(21):
            started = time.monotonic()
            subprocess.run([PROGRAM, *arguments], capture_output=True)
            times.append((time.monotonic() - started) * 1000)
        table.add("phonefleet " + " ".join(arguments), f"{statistics.median(times):.1f}")
    table.show()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="start,transfer,rsa,large,identify,scan,fleet")
    options = parser.parse_args()
    parts = {
        "start": start,
        "transfer": lambda o, d: transfer(o, d, "p256", f"Transfer to {o.phones} phones with P-256 keys"),
        "rsa": lambda o, d: transfer(o, d, "rsa2048", f"Transfer to {o.phones} phones with RSA-2048 keys"),
        "large": large,
        "identify": identify,
        "scan": sparse,
        "fleet": fleet,
    }
    print(f"{os.cpu_count()} processors, tool and phones share them; median of {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as directory:
        for name in options.only.split(","):
            parts[name](options, directory)


if __name__ == "__main__":
    main()
