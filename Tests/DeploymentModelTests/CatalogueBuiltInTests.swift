import DeploymentModel
import Testing

/// The catalogue that is part of the program.
struct CatalogueBuiltInTests {
    let catalogue: Catalogue

    init() throws {
        catalogue = try Catalogue.builtIn()
    }

    @Test func `the twelve types of the original are there`() {
        #expect(
            catalogue.types.map(\.name) == [
                "optiPoint 400 standard", "optiPoint 400 standard HFA", "optiPoint 400 standard SIP",
                "optiPoint 400 economy HFA", "optiPoint 410 entry HFA", "optiPoint 410 economy HFA",
                "optiPoint 410 standard HFA", "optiPoint 410 advance HFA", "optiPoint 600 office UP0/E",
                "optiPoint 600 office HFA", "optiPoint 600 office SIP V2.3", "optiPoint 600 office SIP V2.4",
            ])
    }

    @Test func `the types together have more than 150 parameters`() {
        let items = Set(catalogue.types.flatMap { $0.parameters.map(\.item) })
        #expect(items.count >= 150)
    }
}
