// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "phonefleet",
    products: [.executable(name: "phonefleet", targets: ["phonefleet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "DeploymentModel",
            dependencies: [
                .product(name: "Yams", package: "Yams")
            ],
            swiftSettings: settings),
        .target(
            name: "TLSMaterial",
            dependencies: [
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(name: "ManagementXML", dependencies: ["DeploymentModel"], swiftSettings: settings),
        .target(
            name: "PhoneTransport",
            dependencies: [
                "DeploymentModel", "ManagementXML", "TLSMaterial",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            swiftSettings: settings),
        .target(
            name: "DeploymentEngine",
            dependencies: ["DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial"],
            swiftSettings: settings),
        .target(
            name: "DeploymentStore",
            dependencies: [
                "DeploymentModel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "VirtualPhone",
            dependencies: [
                "DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial",
                .product(name: "Crypto", package: "swift-crypto"),
            ] + nio,
            swiftSettings: settings),
        .executableTarget(
            name: "phonefleet",
            dependencies: [
                "DeploymentModel", "TLSMaterial", "ManagementXML", "PhoneTransport", "DeploymentEngine",
                "DeploymentStore", "VirtualPhone",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "BareClient", dependencies: nio, path: "Benchmarks/BareClient", swiftSettings: settings),
        .executableTarget(
            name: "CallTaker", dependencies: ["DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial"],
            path: "Benchmarks/CallTaker", swiftSettings: settings),
        .target(name: "ProcessTesting", path: "Tests/ProcessTesting", swiftSettings: settings),
        .target(
            name: "DeploymentTesting",
            dependencies: [
                "DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial", "VirtualPhone", "ProcessTesting",
            ],
            path: "Tests/DeploymentTesting",
            swiftSettings: settings),
        .testTarget(
            name: "DeploymentModelTests", dependencies: ["DeploymentModel", "ProcessTesting"], swiftSettings: settings),
        .testTarget(
            name: "TLSMaterialTests", dependencies: ["TLSMaterial", "ProcessTesting"], swiftSettings: settings),
        .testTarget(
            name: "ManagementXMLTests", dependencies: ["ManagementXML", "DeploymentModel", "ProcessTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "PhoneTransportTests",
            dependencies: [
                "PhoneTransport", "DeploymentModel", "ManagementXML", "TLSMaterial", "VirtualPhone",
                "DeploymentTesting", "ProcessTesting",
            ] + nio, swiftSettings: settings),
        .testTarget(
            name: "DeploymentStoreTests",
            dependencies: [
                "DeploymentStore", "DeploymentModel", "DeploymentStoreCrashProbe", "ProcessTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "DeploymentStoreCrashProbe",
            dependencies: ["DeploymentStore", "DeploymentModel"],
            path: "Tests/DeploymentStoreCrashProbe",
            swiftSettings: settings),
        .testTarget(
            name: "VirtualPhoneTests",
            dependencies: [
                "VirtualPhone", "DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial",
                "DeploymentTesting", "ProcessTesting",
            ], swiftSettings: settings),
        .testTarget(
            name: "DeploymentEngineTests",
            dependencies: [
                "DeploymentEngine", "DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial", "VirtualPhone",
                "DeploymentStore", "DeploymentTesting",
            ], swiftSettings: settings),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
        .testTarget(
            name: "CommandLineTests", dependencies: ["DeploymentModel", "ProcessTesting", "TLSMaterial", "phonefleet"],
            exclude: ["Scripts"],
            swiftSettings: settings),
    ]
)
