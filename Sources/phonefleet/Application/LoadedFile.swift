struct LoadedFile {
    var path: String; func apply(to workspace: Workspace, replacing: Bool, dryRun: Bool) async throws {}
}
