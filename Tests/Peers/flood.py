#!/usr/bin/env python3
"""Everything at once against `phonefleet serve`: phones that call at one moment, a run, and thousands of peers that are no phones.

usage: flood.py [--phones N] [--silent N] [--seconds N] [--network 127.100.38] [--keep]

  --phones N   virtual phones, which all call at one moment (1000); more than 250 get a network 127.101.0.0/16
  --silent N   connections at every moment that say nothing, half of them after the handshake (3000); 0: phones only
  --seconds N  how long the others go on at least: garbage, HTTP that is none, huge and slow bodies, no nonce, a nonce that was
               heard before, no MAC address, replies to nobody, no TLS at all

Afterwards every phone must be on the list and have what a run gave it meanwhile, nobody else may be on the list but the peers that
named themselves phones, the server must have counted each kind of trouble as often as it was made at least and told of each once, and its
memory must be flat: the second half of the time, if that is 30 s or more, adds no more than a tenth.
"""
import argparse, json, os, random, re, resource, select, signal, socket, sqlite3, ssl, subprocess, sys, threading, time

from campaign import Campaign, Wrong

SERVE, RUN = 20471, 20472
WPI = '<WorkpointMessage><Message nonce="%s"><ReasonForContact%s>%s</ReasonForContact><ItemList>%s</ItemList></Message></WorkpointMessage>'
MAC = '<Item name="mac-addr">%s</Item><Item name="e164">1</Item><Item name="device-type">OpenStage 60</Item>'
KINDS = {"garbage", "http", "too-large", "nonce", "replay", "no-mac", "no-conversation", "handshake"}


def anybody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def post(body, length=None):
    body = body.encode() if isinstance(body, str) else body
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


def hear(line):
    """The whole answer to a request, or what came of it before the end."""
    answer = b""
    while True:
        head, separator, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.I)
        if separator and len(body) >= (int(length.group(1)) if length else 0):
            return answer
        more = line.recv(65536)
        if not more:
            return answer
        answer += more


class Flood(Campaign):
    name = "flood"

    def __init__(self, options):
        super().__init__(options)
        self.made, self.lock, self.over = {}, threading.Lock(), threading.Event()
        self.server = f"{options.network}.250"
        self.sizes, self.wrong = [], None

    @property
    def places(self):
        return super().places if self.options.phones <= 249 else "127.101.0.0/16"

    # The server and the phones

    def prepare(self):
        self.tool("config", "server-certificate", "--renew", "--key", "p256", "--yes", "--quiet")
        self.tool("config", "set", "--site", "--quiet", "sntp-addr=192.0.2.10")
        with open(f"{self.directory}/errors", "w") as errors:
            self.serve = subprocess.Popen(
                self.command("serve", "--wpi-listen", self.server, "--wpi-port", f"{SERVE}"), env=self.environment,
                stdout=open(f"{self.directory}/said", "w"), stderr=errors)
        while not os.path.getsize(f"{self.directory}/said"):
            if self.serve.poll() is not None:
                with open(f"{self.directory}/errors") as errors:
                    raise Wrong(f"the server ended: {errors.read()}")
            time.sleep(0.05)

    def listed(self):
        """The MAC addresses on the device list."""
        with sqlite3.connect(f"file:{self.environment['PHONEFLEET_DATABASE']}?mode=ro", uri=True) as database:
            return {mac for mac, in database.execute("SELECT mac FROM device WHERE mac IS NOT NULL")}

    def memory(self):
        with open(f"/proc/{self.serve.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def watch(self):
        begun = time.monotonic()
        while not self.over.wait(0.5):
            self.sizes.append((time.monotonic() - begun, self.memory()))

    # Those who are no phones

    def count(self, what, number=1):
        with self.lock:
            self.made[what] = self.made.get(what, 0) + number

    def dial(self, context=None, place=200):
        plain = socket.create_connection((self.server, SERVE), timeout=30, source_address=(f"{self.options.network}.{place}", 0))
        if not context:
            return plain
        try:
            return context.wrap_socket(plain)
        except OSError:
            plain.close()
            raise

    def stay_silent(self, number, context):
        """Keeps so many connections open; one that the server ends is replaced."""
        poll, held = select.poll(), {}
        while not self.over.is_set():
            while len(held) < number and not self.over.is_set():
                try:
                    connection = self.dial(context)
                except OSError:
                    self.count("shut out")
                    continue
                held[connection.fileno()] = connection
                poll.register(connection, select.POLLIN | select.POLLHUP)
                self.open[context is not None] = len(held)
            for place, _ in poll.poll(100):
                poll.unregister(place)
                held.pop(place).close()
                self.count("silent")
        for connection in held.values():
            connection.close()

    def say(self, body, place=200):
        """Says something over a connection of its own, and hears what the server says to it."""
        with self.dial(self.context, place) as line:
            line.sendall(body)
            return hear(line)

    def misbehave(self, seed):
        draw = random.Random(seed)
        draw.place = seed
        kinds = [kind for kind in dir(self) if kind.startswith("be_")]
        while not self.over.is_set():
            for kind in draw.sample(kinds, len(kinds)):
                try:
                    getattr(self, kind)(draw)
                except OSError:
                    pass  # The server may end such a connection whenever it likes.
                except Wrong as error:
                    self.wrong = error
                time.sleep(0.005)

    def nonce(self, draw):
        return "%032X" % draw.getrandbits(128)

    def be_garbage(self, draw):
        self.say(post(draw.randbytes(draw.randint(1, 4000))))
        self.count("garbage")

    def be_http(self, draw):
        self.say(draw.choice((draw.randbytes(200) + b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/3.7\r\n\r\n")))
        self.count("http")

    def be_huge(self, draw):
        self.say(draw.choice((post(b"x", 1 << 30), b"POST / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n")))
        self.count("too-large")

    def be_slow(self, draw):
        """Half of a message, and the connection is held until the server has enough of it."""
        if draw.random() > 0.05:
            return
        line = self.dial(self.context)
        line.sendall(post(b"<WorkpointMessage>", 5000))
        threading.Thread(target=self.wait_for_end, args=(line,), daemon=True).start()

    def wait_for_end(self, line):
        try:
            line.settimeout(60)
            line.recv(65536)
            self.count("slow")
            line.close()
        except OSError:
            pass

    def be_nonce(self, draw):
        self.say(post(WPI % (draw.choice(("", "two words", "x" * 200)), "", "start-up", MAC % "00:1A:E8:00:00:01")))
        self.count("nonce")

    def be_replay(self, draw):
        """A conversation of old firmware, of which somebody else sends a message again; it goes on undisturbed."""
        name = f"00:1A:E8:00:01:{draw.place:02X}"
        old = '<Item name="software-type">Siemens SIP</Item><Item name="software-version">V1 R4.9.0</Item><Item name="configuration-changed-flag">true</Item>'
        reply = ' action="%s" status="accepted" fragment="%s"'
        part = post(WPI % (self.nonce(draw), reply % ("ReadAllItems", "next"), "reply-to", f'<Item name="mac-addr">{name}</Item>'))
        # Phones without cookies are known by their addresses, so this one has its own.
        place = 201 + draw.place
        with self.dial(self.context, place) as line:
            line.sendall(post(WPI % (self.nonce(draw), "", "local-changes", MAC % name + old)))
            answer = hear(line)
            if not answer:
                return  # The connection had to make room for others.
            if b"ReadAllItems" not in answer:
                raise Wrong(f"old firmware that says that something was changed hears {answer}")
            line.sendall(part)
            if b"GetNextFragment" not in hear(line):
                raise Wrong("a part was not taken")
            if b"heard before" not in self.say(part, place):
                raise Wrong("a message was taken twice")
            self.count("replay")
            line.sendall(post(WPI % (self.nonce(draw), reply % ("GetNextFragment", "final"), "reply-to", "")))
            if b"CleanUp" not in hear(line):
                raise Wrong("a conversation was disturbed")

    def be_nobody(self, draw):
        self.say(post(WPI % (self.nonce(draw), "", "start-up", "")))
        self.count("no-mac")

    def be_stray(self, draw):
        self.say(post(WPI % (self.nonce(draw), ' action="WriteItems" status="accepted"', "reply-to", "")))
        self.count("no-conversation")

    def be_without_tls(self, draw):
        self.count("handshake")
        with self.dial() as line:
            line.sendall(draw.choice((b"GET / HTTP/1.1\r\n\r\n", draw.randbytes(100))))
            line.recv(100)

    # All of it

    def go(self):
        self.context, self.open = anybody(), {False: 0, True: 0}
        number, threads = self.options.silent, []
        if number:
            threads += [threading.Thread(target=self.stay_silent, args=(number // 2, context)) for context in (None, self.context)]
            threads += [threading.Thread(target=self.misbehave, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        while number and sum(self.open.values()) < number // 2 * 2:
            time.sleep(0.1)
        watching = threading.Thread(target=self.watch)
        watching.start()
        begun = time.monotonic()
        try:
            self.start_phones("--types", "openstage-60", "--web-port", "0", "--server", f"{self.server}:{SERVE}", "--call-at-start", "--speed", "60")
            self.wait_for_phones(begun)
            self.listed_after = time.monotonic() - begun
            if number:
                self.work()
                while not KINDS <= set(self.made) and not self.wrong and self.serve.poll() is None:
                    time.sleep(0.05)
                time.sleep(max(0, self.options.seconds - (time.monotonic() - begun)))
        finally:
            self.over.set()
            for thread in threads + [watching]:
                thread.join()
        self.judge()

    def wait_for_phones(self, begun):
        """Until all phones have called; the last ones may have had to try again."""
        while len(self.phones_listed()) < self.options.phones:
            if self.serve.poll() is not None or self.phones.poll() is not None or time.monotonic() - begun > 300:
                raise Wrong(f"{len(self.phones_listed())} of {self.options.phones} phones were heard")
            time.sleep(0.05)

    def phones_listed(self):
        return {mac for mac in self.listed() if mac.startswith("00:01:E3")}

    def work(self):
        begun = time.monotonic()
        result = json.loads(self.tool(
            "deploy", "--where", "mac~00:01:E3", "--yes", "--quiet", "--format", "json", "--wpi-listen", self.server, "--wpi-port", f"{RUN}",
            "--wpi-secure-port", f"{RUN + 10}", "--contact-gap", "7s", wants=(0, 1)))
        self.worked = time.monotonic() - begun
        if result["totals"]["verified"] != self.options.phones:
            raise Wrong(f"the run ended with {result['totals']}")

    def judge(self):
        if self.wrong:
            raise self.wrong
        strangers = {mac for mac in self.listed() if not mac.startswith("00:01:E3")}
        if any(not mac.startswith("00:1A:E8:00:01:") for mac in strangers):
            raise Wrong(f"on the list are {strangers}")
        made = dict(self.made)
        self.serve.send_signal(signal.SIGINT)
        self.serve.wait()
        with open(f"{self.directory}/said") as said, open(f"{self.directory}/errors") as errors:
            said, summary = said.read(), errors.read()
        counted = {kind: int(number) for kind, number in re.findall(r"([a-z-]+): (\d+), last from", summary)}
        for kind, number in made.items():
            if kind != "shut out" and counted.get(kind, 0) < number:
                raise Wrong(f"{kind} was made {number} times and counted {counted.get(kind, 0)} times")
        told = [line.split()[4].rstrip(":") for line in said.splitlines() if "  trouble  " in line and len(line.split()) > 4]
        if len(told) != len(set(told)) or (self.options.silent and set(told) != set(counted)):
            raise Wrong(f"told were {told}, counted {counted}")
        self.counted = counted
        half = self.sizes[-1][0] / 2 if self.sizes else 0
        early = max((size for at, size in self.sizes if at <= half), default=0)
        late = max((size for at, size in self.sizes if at > half), default=0)
        if self.options.silent and self.options.seconds >= 30 and late > early * 1.1 + 10:
            raise Wrong(f"the server had {early:.0f} MB in the first half of the time and {late:.0f} MB in the second")
        self.early, self.late = early, late

    def finish(self):
        self.over.set()
        for process in (getattr(self, "serve", None), getattr(self, "phones", None)):
            if process and process.poll() is None:
                process.terminate()
                process.wait()
        self.phones = subprocess.Popen(["true"])
        super().finish()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--phones", type=int, default=1000)
    parser.add_argument("--silent", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--network", default="127.100.38")
    parser.add_argument("--port", type=int, default=20085)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    flood = Flood(options)
    try:
        flood.prepare()
        flood.go()
    except (Wrong, OSError) as error:
        print(f"wrong: {error}\nmade {flood.made}", file=sys.stderr)
        return 1
    finally:
        flood.finish()
    print(f"{options.phones} phones called at one moment and all were served" + (", beside peers that are none" if options.silent else ""))
    print(f"the last was heard after {flood.listed_after:.1f} s" + (f"; the run took {flood.worked:.1f} s" if options.silent else "")
          + f"; at most {flood.early:.0f} MB, then {flood.late:.0f} MB\ncounted {flood.counted}\nmade {flood.made}", file=sys.stderr)
    return 0


sys.exit(main())
