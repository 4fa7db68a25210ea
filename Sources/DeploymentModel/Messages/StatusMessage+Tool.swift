extension StatusMessage {
    static let run: [StatusMessage] = [
        StatusMessage(
            .planNoPassword, "no administrator password",
            meaning: "The phones' administrator password is not known, so nothing can be sent.",
            remedy: "give it with --password-file or PHONEFLEET_PASSWORD, or store it with 'phonefleet config password'"
        ),
        StatusMessage(
            .planNoType, "the device has no phone type",
            meaning: "Without a type the tool knows neither port nor parameters nor whether to use TLS.",
            remedy:
                "scan the address, or set the type with 'phonefleet devices edit DEVICE --set-type'; one that the catalogue does not know is added by a file (docs/how-to/add-a-phone-type.md)"
        ),
        StatusMessage(
            .planNoAddress, "the device has no address",
            meaning: "The device is on the list but it is not known where it is.",
            remedy:
                "scan its network, set it with 'phonefleet devices edit', or leave such devices out: --where 'ip!=\"\"'"
        ),
        StatusMessage(
            .planNothingToDo, "nothing is to be set on this device",
            meaning: "Neither a setting nor a terminal number applies to the device.",
            remedy: "choose parameters with 'phonefleet config set'"),
        StatusMessage(
            .planNumberConflict, "one terminal number on two devices",
            meaning: "Two phones cannot have the same number; nothing was sent.",
            remedy: "give one of them another number with 'phonefleet devices edit'"),
        StatusMessage(
            .planInvalidValue, "the value does not fit the parameter",
            meaning: "The catalogue's rule for the parameter forbids the value; nothing was sent.",
            remedy: "see the rule with 'phonefleet types show TYPE'"),
        StatusMessage(
            .planSettingConflict, "two groups say different things of one parameter",
            meaning:
                "The device is in two groups that give the parameter different values, and nothing decides between them.",
            remedy: "set the value on the device, or unset it in one of the groups with 'phonefleet config unset'"),
        StatusMessage(
            .planNoMAC, "the device has no MAC address",
            meaning: "A phone of this type calls the tool, and its MAC address is all by which it is known then.",
            remedy:
                "let the phone call ('phonefleet serve', or a scan by contact-me), or set it with 'phonefleet devices edit'"
        ),
        StatusMessage(
            .planMarkupInValue, "the phone's software cannot take the characters < > & in a value",
            meaning:
                "Software this old reads these characters wrongly in every form in which they can be sent; nothing was sent.",
            remedy: "choose a value without them, or update the phone's software first"),
        StatusMessage(
            .planNotSupported, "this tool cannot manage the phone type yet",
            meaning: "The catalogue names a management protocol for the type that this version has no driver for.",
            remedy: "leave the device out of the selection, or update phonefleet"),
        StatusMessage(
            .planDeviceConflict, "the device is in conflict",
            meaning: "The last scan saw something at the device's address that contradicts the device list.",
            remedy: "look at it with 'phonefleet devices show ID', mend it, and scan again"),
        StatusMessage(
            .deviceLeased, "another run or command is at work on this device",
            meaning: "One phone has one session at a time, also across processes.",
            remedy: "wait for the other one; a run can be stopped with 'phonefleet runs stop RUN'"),
        StatusMessage(
            .deviceConflict, "what answers contradicts the device list",
            meaning:
                "Two phones claim one MAC address or number, another phone sits at a known address, or a phone that was authenticated no longer is.",
            remedy: "find out which is the real one; then correct the entry with 'phonefleet devices edit' or remove it"
        ),
        StatusMessage(
            .runStopped, "stopped",
            meaning: "The run was stopped by a person before all phones had their turn.",
            remedy: "go on with 'phonefleet runs resume RUN'"),
        StatusMessage(
            .runCanaryFailed, "a canary phone failed, so the others were not touched",
            meaning: "The first wave must be verified on every phone before the rest follows.",
            remedy: "mend what failed, then 'phonefleet runs retry RUN', which also takes the phones that had no turn"),
        StatusMessage(
            .runMaxFailures, "too many phones failed",
            meaning: "The limit of --max-failures was reached, so the rest was not touched.",
            remedy: "mend what failed, then 'phonefleet runs retry RUN', which also takes the phones that had no turn"),
        StatusMessage(
            .runNotFound, "there is no such run",
            meaning: "The database has no run of that name.",
            remedy: "see the runs with 'phonefleet runs list'"),
        StatusMessage(
            .runActive, "the run is at work in another process",
            meaning: "A run that is still at work cannot be taken over.",
            remedy: "wait for it, or stop it with 'phonefleet runs stop RUN'"),
        StatusMessage(
            .runNothingOpen, "the run has nothing open",
            meaning: "Every phone of the run has its final result.",
            remedy: "use 'phonefleet runs retry RUN' for the failed ones"),
        StatusMessage(
            .runSuperseded, "a later run gave this phone something newer",
            meaning: "Going on would take back what the later run gave the phone, so the phone was not touched.",
            remedy: "nothing to do; look at it with 'phonefleet runs show' of the later run, or start a new run"),
        StatusMessage(
            .internalDefect, "a defect of phonefleet",
            meaning: "Something happened that should not be possible.",
            remedy: "please report it with the command and this text"),
    ]

    static let input: [StatusMessage] = [
        StatusMessage(
            .inputRange, "not an address range",
            meaning: "A range is a CIDR block, first-last, one address or name, or @FILE.",
            remedy: "write for example 10.0.0.0/24, 10.0.0.10-10.0.0.99, 10.0.0.10-99 or @ranges.txt"),
        StatusMessage(
            .inputCSV, "the CSV file has an error",
            meaning: "The file was read as a whole and nothing of it was taken over.",
            remedy: "mend the lines named and import again"),
        StatusMessage(
            .inputDeploymentFile, "the deployment file has an error",
            meaning: "The file was read as a whole and nothing of it was taken over.",
            remedy: "mend the places named; the format is in docs/reference/deployment-file.md"),
        StatusMessage(
            .inputCatalogue, "the catalogue file has an error",
            meaning: "A file of phone types breaks the rules of the catalogue.",
            remedy: "mend the places named; the format is in docs/reference/phone-types.md"),
        StatusMessage(
            .inputCertificate, "the certificate file cannot be used",
            meaning: "The file is not what is needed here; the detail says what it is.",
            remedy: "give CA certificates as PEM or DER, without a private key"),
        StatusMessage(
            .inputSelection, "the selection cannot be understood",
            meaning: "The expression or name does not select anything that exists.",
            remedy: "write for example --where 'software<V3.0 and group=floor2', --group NAME, --type TYPE or --all"),
        StatusMessage(
            .inputValue, "not a valid value",
            meaning: "An argument has a value that cannot be used.",
            remedy: "see the command's --help"),
        StatusMessage(
            .inputNotFound, "there is no such thing",
            meaning: "The name does not belong to anything in the database.",
            remedy: "see the names with the noun's 'list' command, parameters with 'phonefleet types show TYPE'"),
        StatusMessage(
            .inputDuplicate, "it exists already",
            meaning: "Two entries cannot share this name, MAC address or number.",
            remedy: "edit the existing entry, or choose another value"),
        StatusMessage(
            .inputSecret, "the secret cannot be had",
            meaning:
                "The environment variable, file or sealed entry to which the reference points is missing or unreadable.",
            remedy: "set it again, for example with 'phonefleet config password' or 'phonefleet config set ITEM'"),
        StatusMessage(
            .inputFile, "the file cannot be read or written",
            meaning: "The operating system refused access to the file.",
            remedy: "check the path and its permissions"),
        StatusMessage(
            .inputUnconfirmed, "not confirmed",
            meaning: "The command asks before it does something that cannot be taken back, and got no 'yes'.",
            remedy: "answer 'yes', or give --yes where nobody can be asked"),
    ]

    static let store: [StatusMessage] = [
        StatusMessage(
            .storeNewerVersion, "the database was written by a newer phonefleet",
            meaning: "An older program must not touch a newer database.",
            remedy: "update phonefleet, or name another database with --database"),
        StatusMessage(
            .storeReadOnly, "the database cannot be written",
            meaning: "The file or its directory is read-only.",
            remedy: "change the permissions, or name another database with --database"),
        StatusMessage(
            .storeFull, "the disk is full",
            meaning: "The database could not grow; nothing was lost, and no phone was touched without its entry.",
            remedy: "free some space, then 'phonefleet runs resume'"),
        StatusMessage(
            .storeDamaged, "the database is damaged or no database",
            meaning: "The file does not have the structure of a phonefleet database.",
            remedy: "restore it from a backup, or name another database with --database"),
        StatusMessage(
            .storeLocked, "the database is locked by another program",
            meaning: "Another program held the database for longer than the tool waits.",
            remedy: "close the other program and try again"),
        StatusMessage(
            .storeKeyFile, "the key file of the sealed secrets cannot be used",
            meaning: "It is missing, damaged, of another database, or readable by others.",
            remedy: "restore the key file with mode 0600; without it the sealed secrets are lost and must be set again"),
        StatusMessage(
            .storePermission, "no permission for the database",
            meaning: "The operating system refused access to the file or its directory.",
            remedy: "check the owner and mode of the path, or name another database with --database"),
    ]
}
