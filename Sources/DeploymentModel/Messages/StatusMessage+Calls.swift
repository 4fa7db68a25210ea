extension StatusMessage {
    static let calls: [StatusMessage] = [
        StatusMessage(
            .callRefused, "the call of this phone was refused",
            meaning:
                "A phone called and proved nothing, while the list knows it as one that proves who it is: it belongs into secure mode, or was authenticated before. Whoever called may be somebody else.",
            remedy:
                "find out why the phone calls on the default port; if you know that it is the phone, after a factory reset, 'phonefleet devices edit DEVICE --forget-authentication' lets it in again"
        ),
        StatusMessage(
            .callListFull, "too many phones called unasked",
            meaning:
                "The device list is so long that phones that call by themselves are added no more: somebody may be calling under ever new MAC addresses.",
            remedy: "look through 'phonefleet devices list', and add further phones by hand or from a file"),
        StatusMessage(
            .callPortTaken, "this machine cannot listen for phones that call",
            meaning:
                "Phones that are managed by WPI call this program, and the port for it cannot be had: most often 'phonefleet serve' or another run has it.",
            remedy:
                "end what listens there, or name other ports with --wpi-port and --wpi-secure-port; phones are told which to call"
        ),
        StatusMessage(
            .phoneNotAuthenticated, "nobody authenticated this phone",
            meaning:
                "The phone is managed in the default mode of the WorkPoint Interface, in which it proves nothing: whoever answers in its place gets its settings.",
            remedy: "bring the phone into secure mode where its settings are to be kept from others"),
        StatusMessage(
            .phoneUnknownItem, "this phone does not have a parameter",
            meaning:
                "The phone's model or software does not know the item. Everything else is as wanted; the item stands in the result with the phone's own word.",
            remedy: "leave the parameter out for this type, or update the phone's software"),
        StatusMessage(
            .phoneResetUnseen, "that the phone forgot everything was not seen",
            meaning:
                "The phone took the order to reset itself and started again. It had no terminal number before that could be seen to be gone, so the start is all that is proven.",
            remedy: "look at the phone, or read its settings with 'phonefleet verify'"),
        StatusMessage(
            .fileNotDeployed, "the phone did not take the file",
            meaning: "The phone was ordered to fetch a file and says that it failed, or does not have it afterwards.",
            remedy: "check that the phone reaches the file server, and that the file suits the model"),
        StatusMessage(
            .fileNotSettled, "it is not known yet whether the phone took the file",
            meaning: "The phone was ordered to fetch a file and has not said what came of it.",
            remedy:
                "resume the run later; the same software is never ordered twice within 15 minutes, whatever the phone says"
        ),
        StatusMessage(
            .callWrongTAN, "the phone does not know the end of the PIN",
            meaning:
                "The phone called on the secure port with its new certificate and did not name the last three characters of the PIN: somebody else may have opened what was sent to it. The phone does not count as secure.",
            remedy: "reset the phone to its factory settings, and start secure mode again with a new PIN"),
        StatusMessage(
            .callNotSecure, "the phone did not come into secure mode",
            meaning:
                "The phone took its certificate and did not call on the secure port with it in time. It is still served in default mode.",
            remedy:
                "see that the phone reaches the secure port, with a PIN that it was entered at the phone, and run the command again: it goes on where it ended"
        ),
        StatusMessage(
            .callServerNotBelieved, "phones in secure mode would not believe the program's certificate",
            meaning:
                "A phone in secure mode calls only a server whose certificate is valid and comes from an authority that it was given. This certificate is of another one, or not valid now, or the phone did not call where it is presented: the port of the proof (18445, --proof-port) has to be open for phones.",
            remedy:
                "keep the certificate beside the one in use (--beside), have the phones trust both by 'phonefleet secure-mode trust-server', and change over then (--switch). A phone on its way into secure mode first needs 'secure-mode start' once more"
        ),
        StatusMessage(
            .callServerChanged, "the program's certificates were changed by another command",
            meaning:
                "While phones were told whom to believe, another command put other certificates of the program in place. The phone was told nothing, and believes what it did before.",
            remedy: "give the command again"
        ),
        StatusMessage(
            .callNotKept, "not all that a phone said of itself is kept",
            meaning:
                "The phone is served. What was changed at it, its items or its files need more room than a phone can have use for, or phones that prove nothing have said so much that no more of theirs is kept: somebody may be calling to fill the disk.",
            remedy:
                "look through 'phonefleet devices list' for phones that are not yours, and take them off with 'phonefleet devices remove'; what phones in secure mode say is kept in any case"
        ),
        StatusMessage(
            .callAnotherPhone, "another phone called from this phone's address",
            meaning:
                "The address was asked to call, and what called from there has another MAC address than the phone on the device list. Nothing was sent to it.",
            remedy:
                "scan the addresses again with --contact-me, so that the device list knows the new ones; if the phone was not moved or exchanged, look whether two phones have one MAC address"
        ),
        StatusMessage(
            .callSecondPhone, "two phones call under one MAC address",
            meaning:
                "While a phone was served, another one called under the same MAC address from elsewhere, and was let go. A phone is known by its MAC address alone, so settings may reach either of the two.",
            remedy:
                "look at what is at both addresses: one of them is a copy or somebody who pretends to be the phone; take it off the network"
        ),
    ]
}
