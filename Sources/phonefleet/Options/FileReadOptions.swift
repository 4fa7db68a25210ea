import ArgumentParser

/// What the commands have that read files from phones.
struct FileReadOptions: ParsableArguments {
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
}
