#!/usr/bin/env python3
"""Kills deployments at random moments, lets them be resumed, and asks the phones whether all is as planned.

usage: crash.py --kills N [--phones N] [--seed N] [--network 127.100.30] [--port N] [--keep]

Virtual phones run in a process of their own and keep their state in files, so that boot counts and values are theirs to tell and
not the tool's. Each round gives all phones new values, one of which needs a restart, and kills the tool with SIGKILL at a random
moment; half of the rounds kill the resumption as well. After `runs resume` every phone must have exactly the planned values, none
may be missing from the result, and each must have been restarted exactly once.
"""
import argparse, glob, json, os, random, shutil, signal, subprocess, sys, tempfile, time

FAST = {"schema": "phonefleet.phone-type-catalogue/1",
        "types": {"fast-phone": {"extends": "optipoint-410-standard-hfa", "name": "Fast phone", "deviceType": "fast", "durations": {"transfer": 0.1, "restart": 0.4}}}}


class Wrong(Exception):
    pass


class Campaign:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.directory = tempfile.mkdtemp(prefix="phonefleet-crash-")
        self.counts = {"kills": 0, "too late": 0, "before the run": 0, "resumptions killed": 0, "resumed": 0}
        self.environment = dict(os.environ, PHONEFLEET_DATABASE=f"{self.directory}/crash.db", HOME=self.directory)
        with open(f"{self.directory}/fast.json", "w") as file:
            json.dump(FAST, file)

    def command(self, *words):
        return ["phonefleet", *words, "--catalogue", f"{self.directory}/fast.json"]

    def tool(self, *words, text="", wants=(0,)):
        done = subprocess.run(self.command(*words), env=self.environment, input=text, capture_output=True, text=True)
        if done.returncode not in wants:
            raise Wrong(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        number, network = self.options.phones, self.options.network
        last = f"{network}.{number}"
        self.phones = subprocess.Popen(
            self.command("virtual-phones", "run", "--count", str(number), "--types", "fast-phone",
                         "--listen", f"{network}.1-{last}", "--port", str(self.options.port), "--restart", "200ms",
                         "--state", f"{self.directory}/phones"),
            env=self.environment, stdout=subprocess.PIPE, text=True)
        self.phones.stdout.readline()
        self.tool("scan", f"{network}.1-{last}", "--port", str(self.options.port), "--quiet")
        self.tool("trust", "learn", "--last-scan", "--yes", "--quiet")
        self.tool("config", "password", "--quiet", text="123456\n")
        self.choose(0)
        begun = time.monotonic()
        self.tool("deploy", "--all", "--yes", "--quiet", "--concurrency", "8")
        self.usual = time.monotonic() - begun

    def finish(self):
        self.phones.terminate()
        self.phones.wait()
        if not self.options.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def choose(self, number):
        self.values = {"sntp-addr": f"10.1.{number // 250}.{number % 250 + 1}", "pbx-addr": f"10.2.{number // 250}.{number % 250 + 1}"}
        self.tool("config", "set", "--site", "--quiet", *(f"{name}={value}" for name, value in self.values.items()))

    def states(self):
        """What the phones themselves know, by MAC address; a file is read again when the phone is just replacing it."""
        found = {}
        for path in glob.glob(f"{self.directory}/phones/*.json"):
            with open(path) as file:
                phone = json.load(file)["phone"]
            found[str(phone["mac"])] = phone
        return found

    def runs(self):
        return json.loads(self.tool("runs", "list", "--format", "json"))["runs"]

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

    def round(self, number):
        before = {mac: phone["bootCount"] for mac, phone in self.states().items()}
        latest = self.runs()[0]["id"]
        self.choose(number)
        deploy = ("deploy", "--all", "--yes", "--quiet", "--concurrency", "8")
        hit = self.killed(*deploy)
        self.counts["kills" if hit else "too late"] += 1
        if self.runs()[0]["id"] == latest:
            self.counts["before the run"] += 1
            self.tool(*deploy)
        run = self.runs()[0]
        if run["state"] != "finished":
            if run["state"] != "interrupted":
                raise Wrong(f"round {number}: the run is {run['state']}")
            if self.random.random() < 0.5 and self.killed("runs", "resume", "--quiet"):
                self.counts["resumptions killed"] += 1
            if self.runs()[0]["state"] != "finished":
                self.tool("runs", "resume", "--quiet")
                self.counts["resumed"] += 1
        self.judge(number, before)

    def judge(self, number, before):
        run = json.loads(self.tool("runs", "show", "--format", "json"))
        outcomes = [device["outcome"] for device in run["devices"]]
        if outcomes.count("verified") != self.options.phones:
            raise Wrong(f"round {number}: {run['totals']}")
        after = self.states()
        if len(after) != self.options.phones or after.keys() != before.keys():
            raise Wrong(f"round {number}: {len(after)} phones have a state")
        for mac, phone in after.items():
            has = {name: phone["items"].get(name) for name in self.values}
            if has != self.values:
                raise Wrong(f"round {number}: {mac} has {has}, planned is {self.values}")
            if phone["bootCount"] != before[mac] + 1:
                raise Wrong(f"round {number}: {mac} was restarted {phone['bootCount'] - before[mac]} times")
        verdict = json.loads(self.tool("verify", "--all", "--quiet", "--format", "json"))
        if verdict["totals"]["unchanged"] != self.options.phones:
            raise Wrong(f"round {number}: verify says {verdict['totals']}")
        self.tool("runs", "check", run["run"]["id"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--network", default="127.100.30")
    parser.add_argument("--port", type=int, default=20443)
    parser.add_argument("--keep", action="store_true")
    campaign = Campaign(parser.parse_args())
    try:
        campaign.start()
        number = 0
        while campaign.counts["kills"] < campaign.options.kills:
            number += 1
            campaign.round(number)
    except Wrong as error:
        print(f"wrong: {error}\nseed {campaign.options.seed}, {campaign.counts}", file=sys.stderr)
        return 1
    finally:
        campaign.finish()
    print(f"{campaign.counts['kills']} kills: every phone as planned and restarted once")
    print(", ".join(f"{count} {name}" for name, count in campaign.counts.items()) + f"; a run takes {campaign.usual:.1f} s", file=sys.stderr)
    return 0


sys.exit(main())
