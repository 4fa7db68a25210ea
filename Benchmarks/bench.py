#!/usr/bin/env python3
"""Measures phonefleet beside the ceiling and a peer, in one run on one machine, and prints tables with ratios.

usage: bench.py [--phones N] [--rounds N] [--only start,transfer,rsa,material,large,identify,scan,fleet,wpi]

Each figure is the median of the rounds; what is compared is measured in turn within each round, so that a machine whose
speed drifts does not favour anybody. 'ms CPU' is what one phone costs the processors, in the tool and in the process of
the phones. Nothing leaves the machine: phones sit on loopback addresses, and the sparse scan has network namespaces of
its own (root is needed for that one).
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from machinery import BARE, ITEMS, PROGRAM, TAKER, Network, Phones, Result, Table, Tool, fail, peak, successor

median = statistics.median


class Series:
    """What one contestant reached in each round."""

    def __init__(self, phones):
        self.phones, self.rates, self.own, self.others = phones, [], [], []

    def measure(self, contest):
        """`contest` returns phones per second and the process that did it."""
        before = self.phones.cpu()
        rate, process = contest()
        self.rates.append(rate)
        self.own.append(process.cpu / self.phones.count * 1000)
        self.others.append((self.phones.cpu() - before) / self.phones.count * 1000)
        return process

    def cells(self):
        return f"{median(self.rates):.0f}", f"{median(self.own):.2f}", f"{median(self.others):.2f}"

    def ratio(self, other):
        return f"{median([a / b for a, b in zip(self.rates, other.rates)]):.2f}"


def bare(phones, concurrency=64):
    """The ceiling: phones per second by its own clock."""
    process = Result([BARE, phones.first, str(phones.count), str(phones.port), "tls", str(concurrency)])
    if process.code != 0:
        fail(f"the bare client failed: {process.output}{process.errors}")
    return float(process.output.split("\t")[2]), process


def write_request(items, which):
    lines = []
    for item, values in items:
        name, _, index = item.rstrip("]").partition("[")
        lines.append(f'<Item name="{name}"' + (f' index="{index}"' if index else "") + f">{values[which]}</Item>")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<ManagementRequest xmlns="urn:phonefleet:management:1" id="bench">'
            f"<WriteItems><ItemList>{''.join(lines)}</ItemList></WriteItems></ManagementRequest>")


class Curl:
    """curl --parallel writing the items to every phone, with the CA and a name checked."""

    def __init__(self, phones, tool, request):
        self.phones, self.config = phones, os.path.join(tool.directory, "curl.txt")
        profile = tool.json("trust", "list")["trust"][0]["name"]
        authority, message = (os.path.join(tool.directory, name) for name in ("ca.pem", "write.xml"))
        for path, text in ((authority, tool("trust", "show", profile, "--pem").output), (message, request)):
            with open(path, "w") as file:
                file.write(text)
        name = self.name_of(phones)
        with open(self.config, "w") as file:
            for number in range(phones.count):
                file.write(
                    ("next\n" if number else "") + f'url = "https://{name}:{phones.port}/management"\n'
                    f'connect-to = "{name}:{phones.port}:{successor(phones.first, number)}:{phones.port}"\n'
                    f'cacert = "{authority}"\ndigest\nuser = "admin:123456"\nheader = "Content-Type: application/xml"\n'
                    f'data-binary = "@{message}"\noutput = "/dev/null"\nfail\nwrite-out = "%{{http_code}}\\n"\n')

    @staticmethod
    def name_of(phones):
        """The DNS name in the phones' certificate, which curl needs and phonefleet does not."""
        shown = subprocess.run(["openssl", "s_client", "-connect", f"{phones.first}:{phones.port}"], input="", text=True,
                               capture_output=True).stdout
        text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=shown, text=True,
                              capture_output=True).stdout
        found = re.search(r"DNS:(\S+)", text)
        return found.group(1) if found else fail("the phones' certificate has no DNS name")

    def __call__(self):
        process = Result(["curl", "--silent", "--show-error", "--parallel", "--parallel-max", "50", "--config", self.config])
        done = process.output.split().count("200")
        if done != self.phones.count:
            fail(f"curl wrote {done} of {self.phones.count}: {process.errors[:500]}")
        return self.phones.count / process.seconds, process


def transfer(options, directory, keys, title):
    table = Table(title, ["what", "phones/s", "ms CPU", "in the phones", "phonefleet is faster by"])
    with Phones(options.phones, keys=keys) as phones:
        tool = Tool(directory, f"transfer-{keys}")
        items = tool.prepare(phones)
        ours, ceiling, peer, whole = (Series(phones) for _ in range(4))
        # curl writes the second values, so that every round of ours has all of them to change.
        curl = Curl(phones, tool, write_request(items, 1))
        for _ in range(options.rounds):
            process = ours.measure(lambda: tool.deploy(items, 0))
            whole.rates.append(phones.count / process.seconds)
            ceiling.measure(lambda: bare(phones))
            peer.measure(curl)
    table.add(f"phonefleet: write {ITEMS} items, read back, one connection", *ours.cells(), "")
    table.add("  the whole program: start, plan, journal, report", f"{median(whole.rates):.0f}", "", "", "")
    table.add("ceiling: connect, handshake, one POST, close", *ceiling.cells(), ours.ratio(ceiling))
    table.add("curl --parallel 50: the write alone, CA and name checked", *peer.cells(), ours.ratio(peer))
    table.notes.append(f"peak memory of the tool {process.memory:.0f} MB for {options.phones} phones")
    table.show()


def large(options, directory):
    table = Table("Memory of the tool over the number of phones", ["phones", "phones/s", "peak MB"])
    for count in (1000, 10000):
        with Phones(count) as phones:
            tool = Tool(directory, f"large-{count}")
            rate, process = tool.deploy(tool.prepare(phones), 0)
            table.add(count, f"{rate:.0f}", f"{process.memory:.0f}")
    table.show()


def fleet(options, directory):
    table = Table("Virtual phones in one process",
                  ["phones", "ready after s", "peak MB when ready", "after a contact each", f"after {ITEMS} items each"])
    with Phones(10000) as phones:
        ready = phones.memory()
        bare(phones)
        contacted = phones.memory()
        tool = Tool(directory, "fleet")
        tool.deploy(tool.prepare(phones), 0)
        table.add(phones.count, f"{phones.start_seconds:.1f}", *[f"{m:.0f}" for m in (ready, contacted, phones.memory())])
    table.show()


def identify(options, directory):
    table = Table("Scan that identifies 1,024 phones by certificate and XML, start to end of the program",
                  ["keys", "phones", "phones/s", "ms CPU", "in the phones"])
    for keys in ("p256", "rsa2048"):
        with Phones(1024, keys=keys) as phones:
            tool = Tool(directory, f"identify-{keys}")
            tool("trust", "learn", phones.first, "--port", str(phones.port), "--yes")
            block = f"{phones.first}-{successor(phones.first, phones.count - 1)}"
            series, found = Series(phones), set()

            def scan():
                process = tool("scan", block, "--port", str(phones.port), "--quiet", "--format", "json")
                rows = [row for row in json.loads(process.output)["scan"] if row["status"] == "phone"]
                found.add(len(rows))
                return len(rows) / process.seconds, process

            for _ in range(options.rounds):
                series.measure(scan)
            table.add(keys, min(found), *series.cells())
    table.show()


def sparse(options, directory):
    if os.geteuid() != 0:
        print("\nScan of silent addresses: left out, network namespaces need root")
        return
    table = Table("Scan of 4,096 addresses, 64 phones among silent ones, as an unprivileged user", ["who", "found", "seconds"])
    with Network() as network, Phones(network.PHONES, first=network.FIRST, namespace=network.far) as phones:
        tool = Tool(directory, "sparse")
        tool("trust", "learn", phones.first, "--port", str(phones.port), "--yes", prefix=network.inside())
        subprocess.run(["chown", "-R", "65534:65534", directory], check=True)
        unprivileged = [*network.inside(), "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        ours, peers, found, seen = [], [], set(), set()
        for _ in range(options.rounds):
            process = tool("scan", network.BLOCK, "--port", str(phones.port), "--passes", "2", "--quiet", "--format", "json",
                           prefix=unprivileged)
            ours.append(process.seconds)
            found.add(sum(row["status"] == "phone" for row in json.loads(process.output)["scan"]))
            process = Result(
                [*unprivileged, "nmap", "-sT", "-n", "-Pn", "--open", "-p", str(phones.port), "-T5", "--min-rate", "3000",
                 "--max-retries", "1", "--max-rtt-timeout", "300ms", "--min-parallelism", "500", network.BLOCK])
            peers.append(process.seconds)
            seen.add(process.output.count("/tcp open"))
        table.add("phonefleet, two passes, identified and authenticated", min(found), f"{median(ours):.1f}")
        table.add("nmap -sT, tuned, open ports only", min(seen), f"{median(peers):.1f}")
    table.show()


def material(options, directory):
    """Whole programs, from start to exit: keys and certificates made, packed, sent, read back, proven by a new handshake."""
    table = Table("Key material for phones: issued, packed, transferred, read back, shown on a new connection",
                  ["keys", "phones", "phones/s", "ms CPU", "in the phones", "of it the run", "issuing alone"])
    for keys, count in (("p256", 1000), ("rsa2048", 200)):
        with Phones(count, keys=keys) as phones:
            tool = Tool(directory, f"material-{keys}")
            tool("trust", "learn", phones.first, "--port", str(phones.port), "--yes")
            tool("config", "password", stdin="123456\n")
            tool("scan", f"{phones.first}-{successor(phones.first, count - 1)}", "--port", str(phones.port), "--quiet")
            tool("ca", "init", "bench", "--key", keys, "--quiet")
            series, runs, issuing = Series(phones), [], []

            def rotate():
                process = tool("key-material", "rotate", "--ca", "bench", "--all", "--yes", "--quiet", "--format", "json")
                result = json.loads(process.output)
                if result["totals"]["verified"] != count:
                    fail(f"{result['totals']['verified']} of {count} verified")
                runs.append(count / result["run"]["seconds"])
                return count / process.seconds, process

            for _ in range(options.rounds):
                series.measure(rotate)
                issuing.append(count / tool("ca", "issue", "--all", "--ca", "bench", "--format", "json").seconds)
            table.add(keys, count, *series.cells(), f"{median(runs):.0f}", f"{median(issuing):.0f}")
    table.notes.append("a phone costs two handshakes and a key; RSA-2048 keys are what takes the time there")
    table.show()


def start(options, directory):
    table = Table("Start of the program", ["command", "median ms", "peak MB"])
    for arguments in (["--help"], ["--version"], ["types", "list"]):
        results = [Result([PROGRAM, *arguments]) for _ in range(21)]
        table.add("phonefleet " + " ".join(arguments), f"{median(r.seconds for r in results) * 1000:.1f}",
                  f"{results[0].memory:.0f}")
    table.show()


CALLER = "openstage-60"
CALL_PORT = 28443
# Virtual phones can be asked to call again at once; real ones bear it once a minute.
CALL_OPTIONS = ["--wpi-port", str(CALL_PORT), "--contact-gap", "2s"]


def callers(count, *more):
    """Phones that call (WPI), with waiting times so short that only the work counts."""
    return Phones(count, kind=CALLER, port=8085, more=["--web-port", "0", "--speed", "10000", "--listeners", "one", *more])


def caller_items():
    """Sixty items that such a phone takes without a restart, each with two values: labels and numbers of keys."""
    keys = [*range(1, 9), *range(1001, 1009), *range(301, 313)]
    items = [(f"{name}[{key}]", ("first", "second")) for name in ("key-label-unicode", "select-dial") for key in keys]
    for name, values in (("sntp-addr", ("192.0.2.1", "192.0.2.2")), ("sntp-addr-backup", ("192.0.2.3", "192.0.2.4")),
                         ("display-id-unicode", ("first", "second")), ("sip-user-id", ("100", "200"))):
        items.append((name, values))
    return items[:ITEMS]


def wpi(options, directory):
    """Phones that call: all at once, then in runs beside the ceiling, then a sweep of requests to call."""
    count = 5000
    tool = Tool(directory, "wpi")
    tool("config", "server-certificate", "--renew", "--key", "p256", "--yes")
    table = Table(f"{count:,} phones call at one moment, as after a power failure", ["served", "lost", "phones/s", "peak MB"])
    with tool.serve("--wpi-port", str(CALL_PORT)) as server, \
            callers(count, "--server", f"127.0.0.1:{CALL_PORT}", "--call-at-start"):
        began = time.monotonic()
        served = 0
        while served < count and "new" in server.stdout.readline():
            served += 1
        seconds = time.monotonic() - began
        table.add(served, count - served, f"{served / seconds:.0f}", f"{peak(server):.0f}")
    table.notes.append("each is authenticated by nobody (default mode), entered into the device list, and let go; one commit for many")
    table.show()

    items = caller_items()
    sessions(options, count, items)
    table = Table(f"Runs on {count:,} phones that call: {ITEMS} items written, read back",
                  ["what", "phones/s", "ms CPU", "in the phones", "of the ceiling"])
    with callers(count) as phones, Phones(count, first="127.48.0.1") as others:
        ours, ceiling, memory = Series(phones), Series(others), []
        for number in range(options.rounds):
            process = ours.measure(lambda: tool.deploy(items, number % 2, 256, CALLER, CALL_OPTIONS))
            memory.append(process.memory)
            ceiling.measure(lambda: bare(others))
    table.add("phonefleet: request to call, call, read, write, read, clean-up", *ours.cells(), ours.ratio(ceiling))
    table.add("ceiling: connect, handshake, one POST, close", *ceiling.cells(), "")
    table.notes.append(f"peak memory of the tool by round: {', '.join(f'{m:.0f}' for m in memory)} MB")
    table.show()
    sweep(directory)


class Taker:
    """A process that serves the calls of so many phones; `wait` gives phones per second by its own clock."""

    def __init__(self, count, items, which):
        command = [TAKER, str(CALL_PORT), str(count), *[f"{item}={values[which]}" for item, values in items]]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.__exit__()
            fail("the end that phones call did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate()

    def wait(self):
        line = self.process.stdout.readline()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            fail(f"not every session was whole: {line}")
        self.memory = usage.ru_maxrss / 1024
        self.cpu = usage.ru_utime + usage.ru_stime
        return float(line.split("\t")[2])


def sessions(options, count, items):
    """Whole sessions with nothing around them, of phones that all call at one moment."""
    table = Table(f"{count:,} phones call at one moment, each session: {ITEMS} items written, read back, clean-up",
                  ["what", "sessions/s", "ms CPU", "in the phones", "of the ceiling"])
    rates, own, others, memory, ratios = [], [], [], [], []
    with Phones(count, first="127.48.0.1") as contrast:
        ceiling = Series(contrast)
        for number in range(options.rounds):
            with Taker(count, items, number % 2) as taker, \
                    callers(count, "--server", f"127.0.0.1:{CALL_PORT}", "--call-at-start") as phones:
                rates.append(taker.wait())
                own.append(taker.cpu / count * 1000)
                others.append(phones.cpu() / count * 1000)
                memory.append(taker.memory)
            ceiling.measure(lambda: bare(contrast))
            ratios.append(rates[-1] / ceiling.rates[-1])
    table.add("our end, without device list and journal", f"{median(rates):.0f}", f"{median(own):.2f}",
              f"{median(others):.2f}", f"{median(ratios):.2f}")
    table.add("ceiling: connect, handshake, one POST, close", *ceiling.cells(), "")
    table.notes.append("none lost; the phones' share has their start in it; peak memory by round: "
                       f"{', '.join(f'{m:.0f}' for m in memory)} MB")
    table.show()


def sweep(directory):
    count, pace = 10000, 1000
    table = Table(f"Requests to call to {count:,} phones, at most {pace:,} a second", ["phones that called", "seconds", "a second"])
    tool = Tool(directory, "sweep")
    tool("config", "server-certificate", "--renew", "--key", "p256", "--yes")
    with callers(count) as phones:
        process = tool("scan", f"{phones.first}-{successor(phones.first, count - 1)}", "--contact-me", "--rate", str(pace), "--timeout", "3s",
                       "--wpi-port", str(CALL_PORT), "--quiet", "--format", "json")
        found = sum(row["status"] == "phone" for row in json.loads(process.output)["scan"])
        table.add(found, f"{process.seconds:.1f}", f"{count / process.seconds:.0f}")
    table.show()


PARTS = {
    "start": start,
    "transfer": lambda o, d: transfer(o, d, "p256", f"Transfer to {o.phones} phones with P-256 keys"),
    "rsa": lambda o, d: transfer(o, d, "rsa2048", f"Transfer to {o.phones} phones with RSA-2048 keys"),
    "material": material,
    "large": large,
    "identify": identify,
    "scan": sparse,
    "fleet": fleet,
    "wpi": wpi,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    names = options.only.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {unknown[0]}; there are {', '.join(PARTS)}")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, tool and phones share them; median of {options.rounds} rounds; "
          f"load before {load:.1f}" + (" (other work is going on: trust the ratios only)" if load > 0.7 else ""))
    started = time.monotonic()
    # The unprivileged scan must get into it, so it belongs to nobody in particular.
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for name in names:
            PARTS[name](options, directory)
    print(f"\n{time.monotonic() - started:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
