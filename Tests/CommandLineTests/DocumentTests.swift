import Foundation
import Testing

/// The documents that are made from the program, and the JSON documents that it promises.
@Suite("The documents say what the program does", .serialized)
struct DocumentTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("the command line reference is what the program says of itself")
    func commandLineReferenceIsCurrent() async throws {
        let outcome = try await ScriptRunner.run(
            "scripts/write-command-reference.py --check \"$(command -v phonefleet)\"", in: Self.repository)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
    }

    @Test("the page of status messages is what 'phonefleet help codes' prints")
    func statusMessagesAreCurrent() async throws {
        let outcome = try await ScriptRunner.run("phonefleet help codes", in: Self.repository)
        let page = Self.repository.appending(path: "docs/reference/status-messages.md")
        #expect(try String(contentsOf: page, encoding: .utf8) == outcome.output)
    }

    @Test("every argument of every command is explained")
    func argumentsAreExplained() async throws {
        let outcome = try await ScriptRunner.run(
            #"""
            phonefleet --experimental-dump-help | python3 -c '
            import json, sys
            def walk(command, path):
                for argument in command.get("arguments", []):
                    if argument["shouldDisplay"] and not argument.get("abstract"): print(path, argument["valueName"])
                for sub in command.get("subcommands", []):
                    if sub["commandName"] != "help": walk(sub, path + " " + sub["commandName"])
            walk(json.load(sys.stdin)["command"], "phonefleet")'
            """#, in: Self.repository)
        #expect(outcome.output == "")
        #expect(outcome.exitCode == 0)
    }

    @Test("every JSON document keeps to its schema")
    func documentsKeepToTheirSchemas() async throws {
        let runner = try ScriptRunner()
        defer { runner.finish() }
        for step in Self.rollOut {
            if let problem = try await runner.run(step) {
                Issue.record("\(problem)")
                return
            }
        }
        for (schema, command) in Self.documents {
            let outcome = try await ScriptRunner.run(Self.check(command, against: schema), in: runner.directory)
            #expect(outcome.exitCode == 0, "\(command): \(outcome.error)")
        }
    }

    @Test("every schema is tried on a real document")
    func schemasAreTried() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.repository.appending(path: "schema/output").path())
        #expect(Set(names) == Set(Self.documents.map { "\($0.schema).schema.json" }))
    }

    /// A network beside those of the scripts.
    private static let network = "\(Script.network)250"

    /// One phone is heard to start, and taken off the list again.
    private static let served: String = {
        let message =
            "<WorkpointMessage><Message nonce=\"0F1E2D3C4B5A69788796A5B4C3D2E1F0\"><ReasonForContact>start-up</ReasonForContact>"
            + "<ItemList><Item name=\"mac-addr\">00:1A:E8:00:00:78</Item><Item name=\"device-type\">OpenStage 60</Item>"
            + "</ItemList></Message></WorkpointMessage>"
        return """
            phonefleet serve --wpi-listen \(network).78 --wpi-port 20443 --wpi-secure-port 20444 --format json >calls.json & pid=$!
            until grep -q listening calls.json; do sleep 0.1; done
            curl -sk --max-time 60 --data-binary '\(message)' https://\(network).78:20443/DeploymentService/LoginService
            kill $pid; wait $pid; phonefleet devices remove --device 00:1A:E8:00:00:78; grep -q '"event":"ended"' calls.json
            """
    }()

    /// Eight phones with faults, and a roll-out on them, which ends with 1 because of the faults.
    private static let rollOut: [Script.Step] = {
        let phones =
            "phonefleet virtual-phones run --count 8 --listen \(network).0/28 --types "
            + "optipoint-410-standard-hfa*3,optipoint-600-office-hfa --fault certificate:foreign@#2 "
            + "--fault keeps-nothing:sntp-addr@#4 --fault rejects:sntp-addr@#6 --format json"
        // The phones take the shell's place, so that ending the step ends them and not only a shell.
        var steps = [Script.Step(line: 0, command: "bash -c 'exec \(phones) > >(tee phones.json)'", runsBeside: true)]
        let commands: [(String, Int32)] = [
            ("phonefleet scan \(network).0/28", 0),
            ("phonefleet trust learn \(network).1 --yes", 0),
            ("phonefleet devices number --all --start 200", 0),
            ("phonefleet groups save floor2 --type optipoint-600-office-hfa", 0),
            ("phonefleet config set --site sntp-addr=192.0.2.10", 0),
            ("phonefleet config set --group floor2 sntp-addr=192.0.2.20", 0),
            ("echo 123456 | phonefleet config password", 0),
            ("phonefleet deploy --all --yes", 1),
            (
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem "
                    + "-subj '/O=Example/CN=Example CA' 2>error", 0
            ),
            (
                "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout phone.key -out phone.csr "
                    + "-subj '/O=Example/CN=phone' 2>error", 0
            ),
            ("openssl x509 -req -in phone.csr -CA ca.pem -CAkey ca.key -out phone.pem 2>error", 0),
            ("cat phone.key phone.pem >short.pem; cat short.pem ca.pem >phone.all", 0),
            ("phonefleet ca init site", 0), ("phonefleet ca issue --device d1", 0),
            ("phonefleet ca csr --device d2 --out requests", 0),
            ("phonefleet config server-certificate --renew --key p256 --yes", 0), (served, 0),
            ("printf 'mac,number\\n00:01:E3:10:00:01,301\\n00:01:E3:12:34:56,302\\n' >devices.csv", 0),
        ]
        for (number, (command, exitCode)) in commands.enumerated() {
            var step = Script.Step(line: number + 1, command: command, runsBeside: false)
            step.exitCode = exitCode
            steps.append(step)
        }
        return steps
    }()

    private static let documents: [(schema: String, command: String)] = [
        ("phones", "cat phones.json"),
        ("devices", "phonefleet devices list"), ("devices", "phonefleet devices show d1"),
        ("devices", "phonefleet groups show floor2"), ("groups", "phonefleet groups list"),
        ("settings", "phonefleet config show"), ("effective", "phonefleet config show --all --explain"),
        ("types", "phonefleet types list"), ("parameters", "phonefleet types show optipoint-400-standard-sip"),
        ("trust", "phonefleet trust list"), ("trust", "phonefleet trust show optipoint-410-standard-hfa"),
        ("key-material", "phonefleet key-material check phone.all"),
        ("key-material", "phonefleet key-material check short.pem --all"),
        ("trusted-certificates", "phonefleet trusted-certificates check ca.pem"),
        ("authorities", "phonefleet ca list"), ("certificates", "phonefleet ca list --issued"),
        ("server-certificates", "phonefleet config server-certificate --renew --key p256 --yes"),
        (
            "secure-mode",
            "(phonefleet devices add --address 192.0.2.77 --set-type openstage-60 --mac 00:1A:E8:00:00:77 >/dev/null; "
                + "phonefleet secure-mode start --device 192.0.2.77 --yes --timeout 100ms --wpi-listen \(network).77 "
                + "--wpi-port 20443 --wpi-secure-port 20444 "
                + "--format json 2>/dev/null; phonefleet devices remove --device 192.0.2.77 >/dev/null)"
        ),
        ("requests", "phonefleet ca list --requests"), ("holdings", "phonefleet ca list --held"),
        ("scan", "phonefleet scan --show"), ("scan", "phonefleet scan \(network).0/28 --silent --dry-run"),
        ("numbers", "phonefleet devices number --all --start 300 --dry-run"),
        ("rows", "phonefleet devices import devices.csv --dry-run"),
        ("plan", "phonefleet deploy --all --dry-run"),
        ("result", "phonefleet runs show r1"), ("result", "phonefleet plan --all"),
        ("result", "phonefleet verify --all"), ("result", "phonefleet runs retry r1"),
        ("runs", "phonefleet runs list"),
        ("diagnoses", "phonefleet diagnose --all"), ("diagnoses", "phonefleet diagnose \(network).2 \(network).15"),
        ("run-log", "phonefleet runs log r1"), ("calls", "cat calls.json"),
    ]

    /// A command whose output is checked; its own exit code is that of the phones and does not count.
    private static func check(_ command: String, against schema: String) -> String {
        let root = repository.path()
        let format = command.hasPrefix("phonefleet") ? " --format json" : ""
        let lines = ["run-log", "calls"].contains(schema) ? " --lines" : ""
        return "\(command)\(format) | \(root)scripts/check-json \(root)schema/output/\(schema).schema.json\(lines)"
    }
}
