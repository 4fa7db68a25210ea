import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import Testing

@testable import TLSMaterial
@testable import VirtualPhone

/// What a phone makes of server key material and client trusted certificates, without sockets.
@Suite struct PhoneFileTests {
    /// A phone that is asked one thing after the other.
    struct Desk {
        var phone: PhoneBehaviour
        private var conversation = PhoneConversation()

        init(_ faults: [PhoneFault] = [], type: PhoneType = .make(parameters: Parameter.assortment + Self.info)) {
            phone = PhoneBehaviour(
                model: PhoneModel(type: type), mac: MACAddress(value: 0x0001_E310_0001), faults: faults)
        }

        private static let info: [Parameter] = [
            .make(item: "server-key-material-info", isReadOnly: true),
            .make(item: "client-trusted-certificates-info", isReadOnly: true),
            .make(item: "sip-tls-authentication-policy", kind: .choice, choices: ["0", "1", "2"], isReadOnly: true),
        ]

        mutating func ask(_ action: ManagementAction) -> PhoneOutcome {
            phone.handle(
                ManagementRequest(id: "a1", action: action), isAuthenticated: true, in: &conversation, at: 0)
        }

        mutating func transfer(_ content: [UInt8], _ kind: FileKind = .serverKeyMaterial) -> PhoneOutcome {
            ask(.transferFile(kind, content: content))
        }

        mutating func read(_ name: String) -> String? {
            ask(.readItems([ItemKey(name)])).response.reply.items.first?.value
        }
    }

    private let authority: ThrowawayCA
    private let first: [UInt8]
    private let second: [UInt8]

    init() throws {
        authority = try ThrowawayCA()
        first = try authority.keyMaterialFile("CN=phone 1,O=Example")
        second = try authority.keyMaterialFile("CN=phone 2,O=Example")
    }

    private func leaf(_ phone: PhoneBehaviour) throws -> String? {
        try phone.presentedChain()?.first.map { try ParsedCertificate(der: $0).subject.description }
    }

    @Test func aFile_isKept_identified_readBack_replacedAndDeleted() {
        var desk = Desk()
        #expect(desk.transfer(first).effects == .save)
        #expect(desk.transfer(second).effects == .save)
        let held = desk.ask(.identify).response.reply.files
        #expect(held.map(\.size) == [second.count])
        #expect(held.map(\.content) == [nil])
        let read = desk.ask(.readFile(.serverKeyMaterial)).response.reply.files
        #expect(read.map(\.content) == [second])
        #expect(read.map(\.fingerprint) == held.map(\.fingerprint))
        #expect(desk.ask(.deleteFile(.serverKeyMaterial)).response.reply.status == .accepted)
        #expect(desk.ask(.readFile(.serverKeyMaterial)).response.reply.status == .failed)
        #expect(desk.ask(.deleteFile(.serverKeyMaterial)).response.reply.status == .failed)
    }

    @Test func ownKeyMaterial_takesPrecedenceAtOnce_outlivesARestart_andADeletionReturnsToTheBuiltIn() throws {
        var desk = Desk()
        let builtIn = try leaf(desk.phone)
        #expect(builtIn == BuiltInMaterial.subject(of: .testTLS))
        _ = desk.transfer(first)
        #expect(try leaf(desk.phone) == "CN=phone 1,O=Example")
        _ = desk.ask(.restart)
        #expect(try leaf(desk.phone) == "CN=phone 1,O=Example")
        _ = desk.ask(.deleteFile(.serverKeyMaterial))
        #expect(try leaf(desk.phone) == builtIn)
    }

    @Test func trustedCertificates_areTheTelephonyClientsBusiness() throws {
        var desk = Desk()
        #expect(desk.read("sip-tls-authentication-policy") == "0")
        #expect(
            desk.transfer(try authority.trustedFile(), .clientTrustedCertificates).effects == [
                .save, .telephonyChanged,
            ])
        #expect(desk.read("sip-tls-authentication-policy") == "1")
        #expect(try leaf(desk.phone) == BuiltInMaterial.subject(of: .testTLS))
        #expect(desk.ask(.deleteFile(.clientTrustedCertificates)).effects == [.save, .telephonyChanged])
        #expect(desk.read("sip-tls-authentication-policy") == "0")
    }

    @Test func aFactoryReset_clearsBothFiles() throws {
        var desk = Desk()
        _ = desk.transfer(first)
        _ = desk.transfer(try authority.trustedFile(), .clientTrustedCertificates)
        #expect(desk.phone.state.files.count == 2)
        _ = desk.ask(.factoryReset)
        #expect(desk.phone.state.files.isEmpty)
        #expect(try leaf(desk.phone) == BuiltInMaterial.subject(of: .testTLS))
    }

    @Test func theInfoItemsAndThePage_sayWhatIsHeld() throws {
        var desk = Desk()
        #expect(desk.read("server-key-material-info") == "built-in")
        #expect(desk.read("client-trusted-certificates-info") == "none")
        _ = desk.transfer(first)
        _ = desk.transfer(try authority.trustedFile(), .clientTrustedCertificates)
        let certificate = try ParsedCertificate(der: try #require(desk.phone.presentedChain()?.first))
        let day = certificate.notAfter.formatted(.iso8601.year().month().day())
        let text = "CN=phone 1,O=Example, SHA-256 \(certificate.fingerprint), until \(day)"
        #expect(desk.read("server-key-material-info") == text)
        let trusted = desk.read("client-trusted-certificates-info") ?? ""
        #expect(trusted.hasPrefix("CN=Throw-away CA, SHA-256 \(authority.issuer.certificate.fingerprint), until "))
        let page = String(
            decoding: StatusPage.status(of: desk.phone, isTLS: true, date: "", at: 0), as: UTF8.self)
        #expect(page.contains(text))
        #expect(page.contains(trusted))
        let settings = String(decoding: StatusPage.settings(of: desk.phone), as: UTF8.self)
        #expect(settings.contains(text))
        #expect(
            desk.ask(.writeItems([Item(ItemKey("server-key-material-info"), value: "x")])).response.reply.items.first?
                .status == .readOnly)
    }

    // MARK: What is refused

    private func key(_ material: KeyMaterial) -> [UInt8] {
        PKCS12Writer.keyBag(material.privateKey, attributes: [])
    }

    private func certificate(_ material: KeyMaterial) -> [UInt8] {
        PKCS12Writer.certificateBag(material.chain[0], attributes: [])
    }

    private func unsuitable() throws -> [(name: String, kind: FileKind, content: [UInt8])] {
        let one = try authority.issue("CN=one")
        let two = try authority.issue("CN=two")
        let stranger = try ThrowawayCA(subject: "CN=Stranger").issuer.material
        let key: FileKind = .serverKeyMaterial
        let trust: FileKind = .clientTrustedCertificates
        return [
            ("nothing", key, []), ("a word", key, Array("PK12 file".utf8)), ("PEM", key, Array(one.pemText.utf8)),
            ("an empty sequence", key, [0x30, 0]), ("half a file", key, Array(first.prefix(first.count / 2))),
            ("a certificate", key, one.chain[0]), ("a key", key, one.privateKey),
            ("no key", key, try authority.trustedFile()),
            ("no certificate", key, PKCS12Writer.file([[self.key(one)]])),
            ("two keys", key, PKCS12Writer.file([[certificate(one), self.key(one), self.key(two)]])),
            ("the same key twice", key, PKCS12Writer.file([[certificate(one), self.key(one), self.key(one)]])),
            ("another's key", key, PKCS12Writer.file([[certificate(one), self.key(two)]])),
            ("a stranger", key, PKCS12Writer.file([[certificate(one), self.key(one), certificate(stranger)]])),
            ("a key in the set", trust, first), ("an empty set", trust, PKCS12Writer.file([[]])),
            ("one twice", trust, PKCS12Writer.file([[certificate(one), certificate(one)]])),
            ("a bare certificate", trust, authority.issuer.certificate.der), ("garbage", trust, [0x30, 3, 2, 1, 3]),
            ("a kind that is fetched", .application, first), ("an unknown kind", FileKind("nonsense"), first),
        ]
    }

    @Test func anUnsuitableFile_isRefusedWithAReason_andTheOldOneStays() throws {
        for (name, kind, content) in try unsuitable() {
            var desk = Desk()
            _ = desk.transfer(first)
            _ = desk.transfer(try authority.trustedFile(), .clientTrustedCertificates)
            let before = desk.phone
            let outcome = desk.transfer(content, kind)
            #expect(outcome.response.reply.status == .failed, "\(name)")
            #expect(outcome.effects.isEmpty, "\(name)")
            #expect(desk.phone.state == before.state && desk.phone.served == before.served, "\(name)")
            let read = try DirectXML.decodeResponse(DirectXML.encode(outcome.response)).reply.reason
            #expect((1...200).contains(read?.count ?? 0), "\(name): \(read ?? "")")
        }
    }

    @Test func aFileThatIsTooLarge_isRefused() {
        var desk = Desk(type: .make(limits: .init(items: 9, fileBytes: first.count - 1)))
        #expect(desk.transfer(first).response.reply.reason == "file of more than \(first.count - 1) bytes")
    }

    @Test func aTypeThatTakesNoSuchFile_saysSo() throws {
        let type = try #require(try Catalogue.builtIn()[PhoneTypeID("optipoint-600-office-hfa")])
        var desk = Desk(type: type)
        #expect(desk.transfer(first).response.reply.reason == "file kind not supported")
    }

    @Test func whatThePhonesOfTheTimeCouldTake_isTaken() throws {
        let old = CertificateIssuer.Template(
            subject: try DistinguishedName(rfc4514: "CN=expired"), notBefore: Date(timeIntervalSince1970: 0),
            notAfter: Date(timeIntervalSince1970: 86400), keyType: .rsa2048)
        var desk = Desk()
        let file = try PKCS12.encode(try authority.issuer.issue(old))
        #expect(desk.transfer(file).response.reply.status == .accepted, "a phone has no clock to rely on")
        let alone = try authority.issue("CN=alone")
        let leafOnly = try PKCS12.encode(KeyMaterial(privateKey: alone.privateKey, chain: [alone.chain[0]]))
        #expect(desk.transfer(leafOnly).response.reply.status == .accepted)
    }

    @Test func garbage_neverStopsThePhone() throws {
        var generator = SeededGenerator(seed: 7)
        var desk = Desk()
        let trusted = try authority.trustedFile()
        for round in 0..<1500 {
            let isKey = round.isMultiple(of: 2)
            var content = isKey ? first : trusted
            switch round % 5 {
            case 0:
                content = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
            case 1: content.removeLast(Int.random(in: 0..<content.count, using: &generator))
            case 2: content += content.prefix(Int.random(in: 1...9, using: &generator))
            default:
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    content[Int.random(in: 0..<content.count, using: &generator)] =
                        UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            let reply = desk.transfer(content, isKey ? .serverKeyMaterial : .clientTrustedCertificates).response.reply
            #expect(reply.status != .failed || reply.reason?.isEmpty == false)
        }
        // Whatever was taken can be served.
        let cache = ContextCache()
        for file in desk.phone.state.files where file.kind == .serverKeyMaterial {
            _ = try cache.context(of: file, isOnlyTLS1_0: false)
        }
    }

    // MARK: Faults

    @Test func refusesFile_refusesTheKindThatIsNamed_orBoth() throws {
        var named = Desk([.refusesFile(.serverKeyMaterial)])
        #expect(named.transfer(first).response.reply.status == .failed)
        let trusted = try authority.trustedFile()
        #expect(named.transfer(trusted, .clientTrustedCertificates).response.reply.status == .accepted)
        var both = Desk([.refusesFile(nil)])
        #expect(both.transfer(first).response.reply.status == .failed)
        #expect(both.transfer(trusted, .clientTrustedCertificates).response.reply.status == .failed)
    }

    @Test func keepsNoFile_saysAccepted_andKeepsTheOldFile() throws {
        var desk = Desk([.keepsNoFile(nil)])
        let outcome = desk.transfer(first)
        #expect(outcome.response.reply.status == .accepted)
        #expect(outcome.response.reply.files.map(\.size) == [first.count])
        #expect(outcome.effects.isEmpty)
        #expect(desk.phone.state.files.isEmpty)
        #expect(try leaf(desk.phone) == BuiltInMaterial.subject(of: .testTLS))
    }

    @Test func servesOldChain_keepsTheFile_andServesItAfterARestartOnly() throws {
        var desk = Desk([.servesOldChain])
        _ = desk.transfer(first)
        #expect(desk.ask(.readFile(.serverKeyMaterial)).response.reply.files.first?.content == first)
        #expect(try leaf(desk.phone) == BuiltInMaterial.subject(of: .testTLS))
        _ = desk.ask(.restart)
        #expect(try leaf(desk.phone) == "CN=phone 1,O=Example")
        _ = desk.ask(.deleteFile(.serverKeyMaterial))
        #expect(try leaf(desk.phone) == "CN=phone 1,O=Example")
    }

    @Test func breaksTLS_servesNothing_untilTheFileIsDeletedOrThePhoneRestarts() throws {
        var desk = Desk([.breaksTLS])
        _ = desk.transfer(first)
        #expect(desk.phone.presentedChain() == nil)
        _ = desk.ask(.deleteFile(.serverKeyMaterial))
        #expect(try leaf(desk.phone) == BuiltInMaterial.subject(of: .testTLS))
        _ = desk.transfer(first)
        #expect(desk.phone.presentedChain() == nil)
        _ = desk.ask(.restart)
        #expect(try leaf(desk.phone) == "CN=phone 1,O=Example")
    }

    @Test(arguments: [false, true])
    func losesPower_leavesTheOldFileOrTheNew_once(keepsNew: Bool) throws {
        var desk = Desk([.losesPower(keepsNew: keepsNew)])
        #expect(desk.transfer(first).effects == [.save, .restart, .loseAnswer])
        #expect(desk.phone.state.bootCount == 2)
        #expect(desk.phone.state.files.map(\.content) == (keepsNew ? [first] : []))
        #expect(try leaf(desk.phone) == (keepsNew ? "CN=phone 1,O=Example" : BuiltInMaterial.subject(of: .testTLS)))
        #expect(desk.transfer(second).effects == .save)
        #expect(desk.phone.state.files.map(\.content) == [second])
    }

    @Test func losesFileAnswer_doesWhatItIsAsked_andSaysNothing_once() {
        var desk = Desk([.losesFileAnswer])
        #expect(desk.transfer(first).effects == [.save, .loseAnswer])
        #expect(desk.phone.state.files.map(\.content) == [first])
        #expect(desk.ask(.deleteFile(.serverKeyMaterial)).effects == .save)
    }

    @Test func reencodesFiles_givesTheSameMaterialInOtherBytes() throws {
        var desk = Desk([.reencodesFiles])
        _ = desk.transfer(first)
        let given = desk.ask(.readFile(.serverKeyMaterial)).response.reply.files.first
        let content = try #require(given?.content)
        #expect(content != first)
        #expect(given?.fingerprint == Fingerprint(of: content).text)
        let back = try KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(content))
        #expect(try back.isSame(as: KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(first))))
    }
}
