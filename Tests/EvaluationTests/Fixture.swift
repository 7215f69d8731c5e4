import ApusModelFiles
import ApusTokenization
import Glibc
import Testing

@testable import ApusEvaluation

enum Fixture {
    static let folder = "\(#filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined())/Fixtures"

    /// The model that comes with Apus.
    static func model() throws -> String {
        let resources = "\(folder)/../../../Sources/Apus/Resources"
        let names = try #require(
            opendir(resources).map { directory in
                defer { closedir(directory) }
                return sequence(first: readdir(directory)) { _ in readdir(directory) }.prefix { $0 != nil }.compactMap {
                    entry in
                    entry.map { entry in
                        withUnsafeBytes(of: entry.pointee.d_name) {
                            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                        }
                    }
                }
            })
        return resources + "/" + (try #require(names.first { $0.hasSuffix(".gguf") }))
    }

    static func json(_ name: String) throws -> JSON {
        let path = "\(folder)/\(name)"
        return try FileMapping(path: path).withBytes { try JSON(parsing: $0, source: path) }
    }

    /// Tasks from rows in place.
    static func tasks(_ rows: String, file: String = "tasks.jsonl") throws -> [EvaluationTask] {
        var reader = TaskFile()
        try Array(rows.utf8).withUnsafeBytes { try reader.read($0, file: file) }
        return try reader.finish()
    }

    /// A check from JSON in place.
    static func check(_ json: String) throws -> Check { try Check(JSON(parsing: json), key: "checks[0]") }
}

/// Says what is written for it, and likes texts the better the shorter they are.
struct ScriptedModel: LikelihoodModel {
    let name = "scripted"
    var answers: [String: String] = [:]

    func answer(_ question: Question) async throws -> Answer {
        let text =
            switch question.prompt {
            case .text(let text): text
            case .conversation(let messages):
                messages.map { "\($0.role): \($0.content.stringValue ?? "")" }.joined(separator: "\n")
            }
        return Answer(
            text: answers[text] ?? text, promptTokens: 3, completionTokens: question.maxTokens,
            finishReason: answers[text] == nil ? .length : .stop)
    }

    func logLikelihoods(of continuations: [String], after question: Question) async throws -> [Double] {
        continuations.map { -Double($0.utf8.count) }
    }
}
