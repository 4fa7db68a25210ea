import ArgumentParser

/// What every command has that changes files on phones, or gives them orders.
struct FileRunOptions: ParsableArguments {
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
    @Flag(help: "Show the plan and contact no phone.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
}
