import ArgumentParser
import DeploymentStore
import VirtualPhone
import DeploymentEngine
@main struct Main: AsyncParsableCommand { }
