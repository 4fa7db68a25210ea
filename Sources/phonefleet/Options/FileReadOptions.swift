import ArgumentParser

/// What the commands have that read files from phones.
struct FileReadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the certificates into this directory, one PEM file a phone.", valueName: "directory"),
        completion: .directory)
    var out: String?
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
}
