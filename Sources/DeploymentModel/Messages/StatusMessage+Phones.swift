extension StatusMessage {
    static let network: [StatusMessage] = [
        StatusMessage(
            .netRefused, "connection refused",
            meaning: "The address answers, but nothing listens at the management port.",
            remedy: "check the port of the phone type, and whether the phone is still starting"),
        StatusMessage(
            .netSilent, "no answer",
            meaning:
                "Nothing came back in the time allowed: no phone at the address, a firewall in between, or a phone that hangs.",
            remedy: "check that the phone has power and network, then try again or raise --timeout"),
        StatusMessage(
            .netReset, "connection reset",
            meaning: "The peer, or a firewall in between, broke the connection off.",
            remedy: "try again; if it stays, look for a firewall or restart the phone"),
        StatusMessage(
            .netClosed, "connection closed early",
            meaning: "The peer closed the connection in the middle of an exchange.",
            remedy: "try again; the tool looks at the phone first and repeats nothing that was done"),
        StatusMessage(
            .netUnreachable, "network unreachable",
            meaning: "There is no route to the address.",
            remedy: "check the address and this machine's routes"),
        StatusMessage(
            .netNameNotFound, "name not found",
            meaning: "The host name has no address.",
            remedy: "check the name, or give the IP address"),
        StatusMessage(
            .netLocal, "this machine could not open a connection",
            meaning: "The operating system refused a socket: out of files, out of ports, or forbidden.",
            remedy: "check that the port is free and above 1023, or lower --concurrency, or raise 'ulimit -n'"),
    ]

    static let handshake: [StatusMessage] = [
        StatusMessage(
            .tlsPlainHTTP, "the peer speaks plain HTTP where TLS is expected",
            meaning: "The phone type uses TLS, but something answers in plain. Nothing but the handshake was sent.",
            remedy: "check the port and the device type; the tool never falls back to plain for such a phone"),
        StatusMessage(
            .tlsNotTLS, "the peer does not speak TLS",
            meaning: "The first bytes of the answer belong to another protocol.",
            remedy: "check the address and the port; another service may sit there"),
        StatusMessage(
            .tlsSilent, "the peer accepts the connection but is silent in the handshake",
            meaning: "The connection was made, but no handshake came back in time.",
            remedy: "restart the phone if it hangs; behind a proxy, check what it forwards"),
        StatusMessage(
            .tlsProtocolVersion, "no common TLS version",
            meaning: "The peer offers only TLS versions older than the trust profile allows.",
            remedy: "update the phone's software, or allow old versions with 'phonefleet trust learn ADDRESS --legacy'"),
        StatusMessage(
            .tlsNoCommonCipher, "no common cipher",
            meaning: "Phone and tool share no cipher suite.",
            remedy: "update the phone's software, or allow old ciphers with 'phonefleet trust learn ADDRESS --legacy'"),
        StatusMessage(
            .tlsAlert, "the peer broke the handshake off with an alert",
            meaning: "The peer said by a TLS alert why it does not go on.",
            remedy:
                "read the alert's name in the message; for a certificate alert, the phone's key material is the cause"),
        StatusMessage(
            .tlsNoProfile, "no trust profile for this phone",
            meaning: "The phone type uses TLS, but no trust profile (subject DN and trusted CA) applies to the phone.",
            remedy:
                "run 'phonefleet trust learn ADDRESS' and compare the fingerprint, or leave such phones out: --where 'status!=not-trusted'"
        ),
        StatusMessage(
            .tlsFailed, "the handshake failed",
            meaning: "The TLS library gave a reason that fits none of the named causes.",
            remedy: "run 'phonefleet diagnose ADDRESS' to see what was exchanged"),
        StatusMessage(
            .tlsPlainRefused, "refused to go on without TLS",
            meaning:
                "The phone type uses TLS, or the phone was once authenticated over TLS, and now only a plain connection is to be had. An attacker could have brought this about.",
            remedy:
                "find out why the phone no longer offers TLS; edit the device's type only if its software was really replaced"
        ),
        StatusMessage(
            .tlsClientCertificate, "the peer demands a certificate of the tool",
            meaning:
                "The peer's own certificate came, then it asked for one of the tool and broke off. Phones demand none: the tool proves itself by the administrator password.",
            remedy: "check the address and the port; if it is a phone, switch its client authentication off"),
        StatusMessage(
            .tlsWrongType, "the phone has key material that is not for its type",
            meaning:
                "No trust profile that applies to the phone accepts it, but one of other phones does. The phone has another type's key material, or stands on the list as what it is not.",
            remedy:
                "correct the phone's type or group on the list, or give the phone key material that its own profile accepts"
        ),
    ]

    static let wire: [StatusMessage] = [
        StatusMessage(
            .httpMalformed, "the answer is no HTTP",
            meaning: "The peer's answer breaks the rules of HTTP/1.1.",
            remedy: "check the address and port; another device may sit there"),
        StatusMessage(
            .httpTooLarge, "the answer is too large",
            meaning: "The peer sent more than any phone has to say, so it was cut off.",
            remedy: "check the address; if it is a phone, restart it"),
        StatusMessage(
            .httpStatus, "unexpected HTTP status",
            meaning: "The peer answered with a status that the management interface does not use.",
            remedy: "check that the address belongs to a phone and that its software has the management interface"),
        StatusMessage(
            .xmlMalformed, "the answer is no well-formed XML",
            meaning: "The message breaks the rules of XML; the detail names line and reason.",
            remedy: "try again; if it stays, update or restart the phone"),
        StatusMessage(
            .xmlTooLarge, "the message is over a limit",
            meaning: "Size, depth or number of elements is beyond what a phone has to say.",
            remedy: "check the address; if it is a phone, restart it"),
        StatusMessage(
            .xmlUnexpected, "the message has something that does not belong there",
            meaning: "Well-formed XML, but an element, attribute or value that the interface does not know.",
            remedy: "check the phone's software version against the documented interface"),
        StatusMessage(
            .xmlNewerVersion, "the phone speaks a newer version of the interface",
            meaning: "The message's namespace names a later version than this tool knows.",
            remedy: "update phonefleet"),
    ]

    static let phone: [StatusMessage] = [
        StatusMessage(
            .phoneBusy, "the phone is in a call",
            meaning: "A phone in a call changes nothing; the transfer was not made.",
            remedy: "try again later, or let the run wait with --wait-for-absent 10m"),
        StatusMessage(
            .phoneAbsent, "the phone did not come back in the time that the run waits",
            meaning: "The phone was absent or busy until the end of the waiting time.",
            remedy: "run 'phonefleet runs retry RUN' when the phone is back"),
        StatusMessage(
            .phoneWrongPassword, "the phone refused the administrator password",
            meaning: "The password that the tool has is not the phone's.",
            remedy: "give the right one with --password-file or store it with 'phonefleet config password'"),
        StatusMessage(
            .phoneBackOff, "the phone takes no password for a while",
            meaning: "After wrong passwords a phone refuses further ones for some seconds.",
            remedy: "wait, then try again with the right password"),
        StatusMessage(
            .phoneWrongType, "another phone type answers at this address",
            meaning: "The device list says one type, the phone says another. Nothing was written.",
            remedy: "scan again, or correct the type with 'phonefleet devices edit'"),
        StatusMessage(
            .phoneWrongMAC, "another phone answers at this address",
            meaning:
                "The MAC address is not the one on the device list, or it changed within a conversation. Nothing more was sent.",
            remedy:
                "scan again, so that the device list knows the new addresses; if no phone was moved or exchanged, look who answers at this address"
        ),
        StatusMessage(
            .phoneUnknownType, "the catalogue does not know this phone type",
            meaning: "The phone names a device type for which there is no entry in the catalogue.",
            remedy:
                "add the type by a catalogue file (docs/how-to/add-a-phone-type.md); a phone that calls takes it when it calls next, or set it with 'phonefleet devices edit DEVICE --set-type'"
        ),
        StatusMessage(
            .phoneNotAPhone, "what answers is no phone",
            meaning: "The address answers, but not with the management interface of a phone.",
            remedy: "leave the address out of the range, or check the port"),
        StatusMessage(
            .phoneItemRejected, "the phone did not take an item",
            meaning:
                "The phone answered the transfer but refused at least one item; the detail names it with the phone's status.",
            remedy: "check the value against 'phonefleet types show TYPE' and the phone's software version"),
        StatusMessage(
            .phoneActionFailed, "the phone could not do what was asked",
            meaning: "The phone answered the action with 'failed'.",
            remedy: "read the phone's reason in the message, then try again"),
        StatusMessage(
            .phoneDidNotReturn, "the phone did not come back after its restart",
            meaning: "The phone was restarted and did not answer again in the time that its type usually takes.",
            remedy: "look at the phone; when it is back, run 'phonefleet runs retry RUN'"),
        StatusMessage(
            .phoneDidNotCall, "the phone took the request to call, but did not call",
            meaning:
                "The phone answered the request to call and did not call in time. It does not when it called less than its contact gap ago (300 seconds from the factory), when it does not reach this machine, or when another program takes its calls.",
            remedy:
                "wait until the gap is over and try again; see that the phone reaches this machine at --wpi-port, and name the right address with --wpi-address"
        ),
        StatusMessage(
            .phoneAskedRecently, "the phone was asked to call a moment ago, and is not asked again yet",
            meaning:
                "Old phones fail when they are asked more often than once a minute, and every phone passes requests over that come within its contact gap (300 seconds from the factory): so none is asked before it may react, by whichever command it was asked last.",
            remedy: "wait until then and try again, or give a run --wait-for-absent 10m"),
        StatusMessage(
            .phoneNotAsked, "the phone cannot be asked to call, and did not call by itself",
            meaning:
                "Of this phone no more is known than its MAC address, so it was only waited for: phones call by themselves when they start, when something is changed at them, and when they poll.",
            remedy:
                "set its address with 'phonefleet devices edit DEVICE --address', or restart the phone while a run waits (--wait-for-absent 10m)"
        ),
        StatusMessage(
            .phoneRestartPending, "a value takes effect only after a restart",
            meaning:
                "The phone keeps the new value, but works with the old one until it is restarted; the run was told not to restart it.",
            remedy: "restart the phone when it suits, or deploy without --no-restart"),
        StatusMessage(
            .phonePasswordUncertain, "it is not known which administrator password the phone has",
            meaning:
                "The connection broke while the password was being changed, and neither the old nor the new one could be proven since.",
            remedy: "run 'phonefleet runs resume RUN' when the phone answers; it tries both"),
        StatusMessage(
            .phoneFactoryPassword, "the phone still has its factory password",
            meaning: "Anybody who reads the manual can configure this phone.",
            remedy: "set a new one: 'phonefleet config set --site admin-pwd', then deploy"),
        StatusMessage(
            .verifyMismatch, "the phone does not have what it should have",
            meaning:
                "Reading back gave another value than the one wanted: the phone did not keep it, or somebody changed it.",
            remedy: "look at the items named, deploy again, and if it stays, update the phone's software"),
    ]
}
