import ArgumentParser

@main
struct Phonefleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "phonefleet")
}
