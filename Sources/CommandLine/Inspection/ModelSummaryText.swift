import ApusModelFiles

/// A model's summary for people.
struct ModelSummaryText {
    let summary: ModelSummary
    let sums: [(file: String, sum: String)]
    let console: Console

    func print(tensors: Bool, metadata: Bool) {
        let rows = facts
        let width = rows.map { CharacterWidth.columns($0.0) }.max() ?? 0
        for (name, value) in rows { console.print(console.style.bold(name.padded(toColumns: width)) + "  " + value) }
        console.print()
        let words = console.words
        let groups = summary.groups.map { group in
            [
                group.name, Quantity.parameters(group.elements), Quantity.bytes(group.bytes),
                group.types.map { "\($0.type) × \($0.count)" }.joined(separator: ", "),
            ]
        }
        show(
            TextTable(
                columns: [
                    .init(words.headingGroup, .left), .init(words.headingParameters, .right),
                    .init(words.headingSize, .right), .init(words.headingTypes, .left),
                ], rows: groups))
        if tensors {
            console.print()
            show(
                TextTable(
                    columns: [
                        .init(words.headingTensor, .left), .init(words.headingTypes, .left),
                        .init(words.headingShape, .left), .init(words.headingSize, .right),
                    ],
                    rows: summary.tensors.map { tensor in
                        let shape = tensor.shape.map { String($0) }.joined(separator: " × ")
                        return [tensor.name, tensor.type, shape, Quantity.bytes(tensor.bytes)]
                    }))
        }
        if metadata {
            console.print()
            for (key, value) in summary.metadata {
                console.print(console.style.bold(key) + " = " + value.serialized().fitted(toColumns: 200))
            }
        }
    }

    private var facts: [(String, String)] {
        let words = console.words
        var rows = [
            (words.model, summary.name ?? summary.path), (words.file, summary.path + " (" + summary.format + ")"),
        ]
        if summary.files.count > 1 { rows.append((words.files, "\(summary.files.count)")) }
        rows.append((words.architecture, summary.architecture))
        if let problem = summary.problem { rows.append((words.cannotRun, problem)) }
        rows.append(
            (
                words.headingParameters,
                Quantity.parameters(summary.parameters) + " (" + Quantity.grouped(summary.parameters) + ")"
            ))
        if let configuration = summary.configuration {
            rows.append((words.context, words.tokens(Quantity.grouped(configuration.context))))
            rows.append(
                (
                    words.shape,
                    words.shapeOf(configuration.layers, configuration.width, configuration.heads, configuration.kvHeads)
                ))
            rows.append((words.vocabulary, words.tokens(Quantity.grouped(configuration.vocabulary))))
        }
        rows.append((words.weights, Quantity.bytes(summary.weightBytes)))
        if let context = summary.context, let bytes = summary.cacheBytes {
            rows.append((words.cache, words.cacheFor(Quantity.bytes(bytes), Quantity.grouped(context))))
            if let small = summary.smallCacheBytes {
                rows.append((words.cache + " q8_0", words.cacheFor(Quantity.bytes(small), Quantity.grouped(context))))
            }
        }
        rows.append((words.tokenizer, summary.tokenizer ?? words.none))
        rows.append((words.template, summary.template.map { words.templateSize($0.utf8.count) } ?? words.none))
        rows.append((words.licence, summary.licence ?? words.notStated))
        for (file, sum) in sums { rows.append(("SHA-256", sum + "  " + file)) }
        return rows
    }

    private func show(_ table: TextTable) {
        for line in table.lines(style: console.style) { console.print(line) }
    }
}
