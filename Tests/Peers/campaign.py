"""What the kill campaigns have in common: virtual phones in a process of their own, the tool, and its death at a random moment.

A campaign is a class of its own with `prepare` and `round`; `run` goes through it and reports.
"""
import argparse, glob, json, os, random, shutil, signal, subprocess, sys, tempfile, time


class Wrong(Exception):
    pass


class Campaign:
    #: Of the database and the directory.
    name = ""

    def __init__(self, options, counts=()):
        self.options = options
        self.random = random.Random(options.seed)
        self.directory = tempfile.mkdtemp(prefix=f"phonefleet-{self.name}-")
        self.counts = dict.fromkeys(("kills", "too late", "before the run", "resumptions killed", "resumed", *counts), 0)
        self.environment = dict(os.environ, PHONEFLEET_DATABASE=f"{self.directory}/{self.name}.db", HOME=self.directory)

    def command(self, *words):
        return ["phonefleet", *words]

    @property
    def places(self):
        """The addresses of the phones, as a range."""
        return f"{self.options.network}.1-{self.options.network}.{self.options.phones}"

    def tool(self, *words, text="", wants=(0,)):
        done = subprocess.run(self.command(*words), env=self.environment, input=text, capture_output=True, text=True)
        if done.returncode not in wants:
            raise Wrong(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start_phones(self, *words):
        """Starts the phones, of the type and with the options given; they go on with the state that they have."""
        self.phones = subprocess.Popen(
            self.command("virtual-phones", "run", "--count", str(self.options.phones), "--listen", self.places,
                         "--port", str(self.options.port), "--state", f"{self.directory}/phones", *words),
            env=self.environment, stdout=subprocess.PIPE, text=True)
        self.phones.stdout.readline()

    def end_phones(self):
        self.phones.terminate()
        self.phones.wait()

    def start(self, *words):
        """Starts the phones, and makes the tool know and trust them."""
        self.start_phones(*words)
        self.tool("scan", self.places, "--port", str(self.options.port), "--quiet")
        self.tool("trust", "learn", "--last-scan", "--yes", "--quiet")
        self.tool("config", "password", "--quiet", text="123456\n")

    def time(self, *words):
        """Lets a command that is to be killed later end once, to know how long it usually takes."""
        begun = time.monotonic()
        self.tool(*words)
        self.usual = time.monotonic() - begun

    def finish(self):
        self.end_phones()
        if not self.options.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def runs(self):
        return json.loads(self.tool("runs", "list", "--format", "json"))["runs"]

    def states(self):
        """What the phones themselves know, by MAC address; a file is read again when the phone is just replacing it."""
        found = {}
        for path in glob.glob(f"{self.directory}/phones/*.json"):
            with open(path) as file:
                phone = json.load(file)["phone"]
            found[str(phone["mac"])] = phone
        return found

    def resume(self, run):
        """Goes on with a run that was killed; half of the times the first attempt is killed, too."""
        def state():
            return next(known["state"] for known in self.runs() if known["id"] == run)
        if self.random.random() < 0.5 and self.killed("runs", "resume", run, "--quiet"):
            self.counts["resumptions killed"] += 1
        if state() != "finished":
            self.tool("runs", "resume", run, "--quiet")
            self.counts["resumed"] += 1
        if state() != "finished":
            raise Wrong(f"run {run} is {state()} after it was resumed")

    def carry_out(self, number, *words, after_kill=lambda: None):
        """Gives a command that makes a run, kills it at a random moment, and sees that the run comes to its end.

        `after_kill` is done when there is an interrupted run, before it is resumed.
        """
        latest = self.runs()[0]["id"]
        hit = self.killed(*words)
        run = self.runs()[0]
        if run["id"] == latest:
            self.counts["before the run"] += 1
            self.tool(*words)
            return
        self.counts["kills" if hit else "too late"] += 1
        if run["state"] == "interrupted":
            after_kill()
            self.resume(run["id"])
        elif run["state"] != "finished":
            raise Wrong(f"round {number}: the run is {run['state']}")

    def killed(self, *words):
        """Starts a command and kills it at a random moment; False when it had ended before."""
        process = subprocess.Popen(self.command(*words), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=self.random.uniform(0.1 * self.usual, self.usual))
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True


def options(phones, network, port=20443):
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--phones", type=int, default=phones)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--network", default=network)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--keep", action="store_true")
    return parser


def run(campaign, claim):
    """Goes through rounds until there were enough kills; prints the claim that held, or what was wrong; the exit code."""
    try:
        campaign.prepare()
        number = 0
        while campaign.counts["kills"] < campaign.options.kills:
            number += 1
            campaign.round(number)
    except (Wrong, OSError) as error:
        ended = campaign.phones.poll()
        if ended is not None:
            print(f"the process of the phones ended with {ended}", file=sys.stderr)
        print(f"wrong: {error}\nseed {campaign.options.seed}, {campaign.counts}", file=sys.stderr)
        return 1
    finally:
        campaign.finish()
    print(f"{campaign.counts['kills']} kills: {claim}")
    print(", ".join(f"{count} {name}" for name, count in campaign.counts.items()) + f"; a run takes {campaign.usual:.1f} s", file=sys.stderr)
    return 0
