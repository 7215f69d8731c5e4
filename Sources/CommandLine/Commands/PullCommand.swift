import ApusModelFiles
import ApusModelStore
import ArgumentParser

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model from a hub into the store.",
        discussion: """
            MODEL is hf:ORG/REPO for a repository with safetensors or a single GGUF file, hf:ORG/REPO:FILE for one GGUF \
            file, by its name or by its quantisation such as Q4_K_M; @REVISION may follow REPO. A pull that broke off \
            goes on where it stopped. HF_TOKEN, HF_ENDPOINT and the variables of proxies are honoured.

            EXAMPLES:
              apus pull hf:TinyLlama/TinyLlama-1.1B-Chat-v1.0
              apus pull hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0
            """)

    @Argument(help: "hf:ORG/REPO[@REVISION][:FILE]")
    var model: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = Console.current
        let reference = try HubReference(model)
        let client = HubClient(
            configuration: try HubConfiguration(environment: console.environment),
            store: ModelStore(environment: console.environment))
        let view = PullView(console: console)
        let pulled: PulledModel
        do {
            pulled = try await Interrupt.during { try await client.pull(reference: reference) { view.show($0) } }
            view.finish()
        } catch {
            view.finish()
            if error is CancellationError { console.note(console.words.pullStopped) }
            throw error
        }
        if output.format == .json {
            console.print(json: [
                "name": .string(pulled.name), "kind": .string(pulled.kind.rawValue), "path": .string(pulled.path),
                "commit": .string(pulled.commit), "bytes": .integer(pulled.bytes), "files": .integer(pulled.fileCount),
                "bytes_received": .integer(pulled.bytesReceived), "was_here": .bool(pulled.wasHere),
            ])
        } else {
            console.note(
                pulled.wasHere
                    ? console.words.alreadyHere(pulled.name)
                    : console.words.pulled(pulled.name, Quantity.bytes(pulled.bytes)))
            console.print(pulled.path)
        }
    }
}
