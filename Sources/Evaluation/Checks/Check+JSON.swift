import ApusModelFiles
import ApusTokenization

extension Check {
    private static let kinds = ["contains", "contains_all", "regex", "equals", "choice"]
    private static let otherKeys = ["not", "ignore_case", "answer", "normalize"]

    /// Reads `{"contains": "…"}`, `{"contains": ["…", "…"]}`, `{"contains_all": ["…", "…"]}`, `{"regex": "…"}`,
    /// `{"equals": "…", "ignore_case": true}` or `{"choice": ["…", "…"], "answer": "…", "normalize": "bytes"}`, each of
    /// which `"not": true` turns around.
    init(_ value: JSON, key: String) throws(TaskProblem) {
        guard case .object(let object) = value else {
            throw .wrongType(key: key, expected: "an object", found: value.kind)
        }
        if let twice = object.duplicateKeys.first { throw .duplicateKey("\(key).\(twice)") }
        let own = Self.kinds.filter(object.has)
        let unknown = object.keys.filter { !Self.kinds.contains($0) && !Self.otherKeys.contains($0) }
        guard unknown.isEmpty else { throw .unknownKeys(unknown, in: key, known: Self.kinds + Self.otherKeys) }
        guard own.count == 1, let kind = own.first, let wanted = object[kind] else {
            throw .checkKinds(key: key, found: own, known: Self.kinds)
        }
        let allowed =
            switch kind {
            case "equals": [kind, "not", "ignore_case"]
            case "choice": [kind, "not", "answer", "normalize"]
            default: [kind, "not"]
            }
        let misplaced = object.keys.filter { !allowed.contains($0) }
        guard misplaced.isEmpty else { throw .unknownKeys(misplaced, in: key, known: allowed) }
        isNegated = try Self.flag(object, "not", key)
        let path = "\(key).\(kind)"
        switch kind {
        case "contains":
            if case .string = wanted {
                self.kind = .contains([try Self.text(wanted, path)])
            } else {
                self.kind = .contains(try Self.texts(wanted, path, "a string or an array of strings"))
            }
        case "contains_all": self.kind = .containsAll(try Self.texts(wanted, path, "an array of strings"))
        case "regex":
            let pattern = try Self.text(wanted, path)
            do throws(RegexError) {
                self.kind = .regex(try TokenizerRegex(pattern, dialect: .rust))
            } catch {
                throw .regex(key: path, error)
            }
        case "equals":
            guard let text = wanted.stringValue else {
                throw .wrongType(key: path, expected: "a string", found: wanted.kind)
            }
            self.kind = .equals(text, ignoresCase: try Self.flag(object, "ignore_case", key))
        default: self.kind = .choice(try Self.choice(object, wanted, key, path))
        }
    }

    private static func choice(
        _ object: JSON.Object, _ wanted: JSON, _ key: String, _ path: String
    ) throws(TaskProblem) -> Choice {
        let texts = try texts(wanted, path, "an array of strings")
        guard texts.count >= 2 else { throw .tooFewChoices(key: path) }
        guard let right = object["answer"] else { throw .missingKey("\(key).answer") }
        guard let answer = right.stringValue else {
            throw .wrongType(key: "\(key).answer", expected: "a string", found: right.kind)
        }
        guard let index = texts.firstIndex(where: { $0.utf8.elementsEqual(answer.utf8) }) else {
            throw .answerNotAmongChoices(key: "\(key).answer", answer: answer)
        }
        var normalization = Choice.Normalization.none
        if let value = object["normalize"] {
            guard let known = value.stringValue.flatMap(Choice.Normalization.init) else {
                throw .wrongType(
                    key: "\(key).normalize", expected: "\"none\" or \"bytes\"", found: value.serialized())
            }
            normalization = known
        }
        return Choice(texts, answer: index, normalization: normalization)
    }

    private static func flag(_ object: JSON.Object, _ name: String, _ key: String) throws(TaskProblem) -> Bool {
        guard let value = object[name] else { return false }
        guard let flag = value.boolValue else {
            throw .wrongType(key: "\(key).\(name)", expected: "true or false", found: value.kind)
        }
        return flag
    }

    /// A text that is there: everything contains the empty one.
    private static func text(_ value: JSON, _ key: String) throws(TaskProblem) -> String {
        guard let text = value.stringValue else { throw .wrongType(key: key, expected: "a string", found: value.kind) }
        guard !text.isEmpty else { throw .empty(key: key) }
        return text
    }

    /// Texts that are there, each once.
    private static func texts(_ value: JSON, _ key: String, _ expected: String) throws(TaskProblem) -> [String] {
        guard let list = value.arrayValue else { throw .wrongType(key: key, expected: expected, found: value.kind) }
        guard !list.isEmpty else { throw .empty(key: key) }
        var texts: [String] = []
        for (index, element) in list.enumerated() {
            let text = try text(element, "\(key)[\(index)]")
            guard !texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw .twice(key: "\(key)[\(index)]", text: text)
            }
            texts.append(text)
        }
        return texts
    }

    /// The check as a row has it.
    public var json: JSON {
        var object: JSON.Object
        switch kind {
        case .contains(let texts):
            object = ["contains": texts.count == 1 ? .string(texts[0]) : .array(texts.map { .string($0) })]
        case .containsAll(let texts): object = ["contains_all": .array(texts.map { .string($0) })]
        case .regex(let regex): object = ["regex": .string(String(decoding: regex.pattern, as: UTF8.self))]
        case .equals(let text, let ignoresCase):
            object = ["equals": .string(text)]
            if ignoresCase { object["ignore_case"] = true }
        case .choice(let choice):
            object = ["choice": .array(choice.texts.map { .string($0) })]
            if choice.texts.indices.contains(choice.answer) { object["answer"] = .string(choice.texts[choice.answer]) }
            object["normalize"] = .string(choice.normalization.rawValue)
        }
        if isNegated { object["not"] = true }
        return .object(object)
    }
}

extension CheckOutcome {
    /// The check, whether it passed, and what decided that.
    public var json: JSON {
        var object: JSON.Object = ["check": check.json, "passed": .bool(passed)]
        if isUndecided { object["undecided"] = true }
        switch check.kind {
        case .contains, .containsAll:
            object["found"] = .array(found.map { .string($0) })
            object["missing"] = .array(missing.map { .string($0) })
        case .choice(let choice):
            object["scores"] = .array(scores.map { .number($0) })
            if let chosen, choice.texts.indices.contains(chosen) { object["chosen"] = .string(choice.texts[chosen]) }
        case .regex, .equals: break
        }
        return .object(object)
    }
}
