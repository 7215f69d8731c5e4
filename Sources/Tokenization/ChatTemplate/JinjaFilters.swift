typealias JinjaFilterFunction = @Sendable (JinjaRenderer, JinjaValue, JinjaArguments) throws(JinjaFault) -> JinjaValue

/// The filters by name: jinja2's own, with transformers' `tojson`.
enum JinjaFilters {
    static func find(_ name: String) -> JinjaFilterFunction? { all[name] }

    static let all: [String: JinjaFilterFunction] = [
        "abs": number { r, value throws(JinjaFault) in try r.absolute(value) },
        "attr": { r, value, arguments throws(JinjaFault) in
            let name = try r.requiredText(try arguments.bind("attr", ["name"], required: 1)[0] ?? .none, "attr").string
            return try r.pythonAttribute(value, JinjaAttributeName(name))
                ?? .undefined(JinjaUndefined(.attribute(of: value.typeName, name: name)))
        },
        "batch": { r, value, arguments throws(JinjaFault) in try r.batch(value, arguments) },
        "capitalize": changingCase("capitalize"),
        "center": { r, value, arguments throws(JinjaFault) in
            let width = try arguments.bind("center", ["width"], required: 0)[0]
            let text = try r.stringValue(value)
            let bytes = try r.padded(text, "center", try width.map(r.requiredInt) ?? 80, [UInt8(ascii: " ")])
            return .string(try r.text(bytes, isMarkup: text.isMarkup))
        },
        "count": number { r, value throws(JinjaFault) in try r.filterLength(value) },
        "d": byDefault,
        "default": byDefault,
        "dictsort": { r, value, arguments throws(JinjaFault) in try r.dictSort(value, arguments) },
        "e": escape,
        "escape": escape,
        "filesizeformat": { r, value, arguments throws(JinjaFault) in try r.fileSize(value, arguments) },
        "first": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("first", [], required: 0)
            return try r.requiredIterator(value).next(r)
                ?? .undefined(JinjaUndefined(.hint("No first item, sequence was empty.")))
        },
        "float": { r, value, arguments throws(JinjaFault) in try r.floatFilter(value, arguments) },
        "forceescape": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("forceescape", [], required: 0)
            var bytes: [UInt8] = []
            try r.appendString(of: value, to: &bytes)
            return .string(try r.text(JinjaHTML.escape(bytes), isMarkup: true))
        },
        "format": { r, value, arguments throws(JinjaFault) in try r.formatFilter(value, arguments) },
        "groupby": { r, value, arguments throws(JinjaFault) in try r.groupBy(value, arguments) },
        "indent": { r, value, arguments throws(JinjaFault) in try r.indent(value, arguments) },
        "int": { r, value, arguments throws(JinjaFault) in try r.intFilter(value, arguments) },
        "items": { r, value, arguments throws(JinjaFault) in try r.itemsFilter(value, arguments) },
        "join": { r, value, arguments throws(JinjaFault) in try r.join(value, arguments) },
        "last": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("last", [], required: 0)
            guard let items = try r.reversible(value) else {
                throw JinjaFault(.type, "'\(value.typeName)' object is not reversible")
            }
            return items.last ?? .undefined(JinjaUndefined(.hint("No last item, sequence was empty.")))
        },
        "length": number { r, value throws(JinjaFault) in try r.filterLength(value) },
        "list": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("list", [], required: 0)
            return try r.list(try r.items(value))
        },
        "lower": changingCase("lower"),
        "map": { r, value, arguments throws(JinjaFault) in try r.map(value, arguments) },
        "max": { r, value, arguments throws(JinjaFault) in try r.extreme(value, arguments, isMaximum: true) },
        "min": { r, value, arguments throws(JinjaFault) in try r.extreme(value, arguments, isMaximum: false) },
        "pprint": { r, value, arguments throws(JinjaFault) in try r.prettyPrint(value, arguments) },
        "random": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("random", [], required: 0)
            guard let count = r.length(value) else {
                throw JinjaFault(.type, "object of type '\(value.typeName)' has no len()")
            }
            if count == 0 { return .undefined(JinjaUndefined(.hint("No random item, sequence was empty."))) }
            return try r.item(of: value, .int(Int.random(in: 0..<count)))
        },
        "reject": { r, value, arguments throws(JinjaFault) in
            try r.select(value, arguments, "do_reject", keep: false, byAttribute: false)
        },
        "rejectattr": { r, value, arguments throws(JinjaFault) in
            try r.select(value, arguments, "do_rejectattr", keep: false, byAttribute: true)
        },
        "replace": { r, value, arguments throws(JinjaFault) in try r.replaceFilter(value, arguments) },
        "reverse": { r, value, arguments throws(JinjaFault) in try r.reverse(value, arguments) },
        "round": { r, value, arguments throws(JinjaFault) in try r.round(value, arguments) },
        "safe": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("safe", [], required: 0)
            return .string(try r.text(try r.stringValue(value).bytes, isMarkup: true))
        },
        "select": { r, value, arguments throws(JinjaFault) in
            try r.select(value, arguments, "do_select", keep: true, byAttribute: false)
        },
        "selectattr": { r, value, arguments throws(JinjaFault) in
            try r.select(value, arguments, "do_selectattr", keep: true, byAttribute: true)
        },
        "slice": { r, value, arguments throws(JinjaFault) in try r.sliceFilter(value, arguments) },
        "sort": { r, value, arguments throws(JinjaFault) in try r.sort(value, arguments) },
        "string": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("string", [], required: 0)
            return .string(try r.stringValue(value))
        },
        "striptags": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("striptags", [], required: 0)
            return .string(try r.text(JinjaHTML.stripTags(try r.stringValue(value).bytes)))
        },
        "sum": { r, value, arguments throws(JinjaFault) in try r.sum(value, arguments) },
        "title": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("title", [], required: 0)
            return .string(try r.text(r.titled(try r.stringValue(value))))
        },
        "tojson": { r, value, arguments throws(JinjaFault) in try r.toJSON(value, arguments) },
        "trim": { r, value, arguments throws(JinjaFault) in
            let characters = try arguments.bind("trim", ["chars"], required: 0)[0] ?? .none
            let text = try r.stringValue(value)
            try r.step(text.bytes.count >> 8)
            return .string(
                try r.text(try r.stripped(text, characters, left: true, right: true), isMarkup: text.isMarkup))
        },
        "truncate": { r, value, arguments throws(JinjaFault) in try r.truncate(value, arguments) },
        "unique": { r, value, arguments throws(JinjaFault) in try r.unique(value, arguments) },
        "upper": changingCase("upper"),
        "urlencode": { r, value, arguments throws(JinjaFault) in try r.urlEncode(value, arguments) },
        "urlize": { _, _, _ throws(JinjaFault) in throw JinjaFault(.unsupported, "the filter urlize") },
        "wordcount": { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("wordcount", [], required: 0)
            var (count, inWord) = (0, false)
            for c in try r.stringValue(value).codePoints {
                let isWord = PythonUnicode.isWord(c)
                if isWord, !inWord { count += 1 }
                inWord = isWord
            }
            return .int(count)
        },
        "wordwrap": { r, value, arguments throws(JinjaFault) in try r.wordWrap(value, arguments) },
        "xmlattr": { r, value, arguments throws(JinjaFault) in try r.xmlAttributes(value, arguments) },
    ]

    private static func number(
        _ function: @escaping @Sendable (JinjaRenderer, JinjaValue) throws(JinjaFault) -> JinjaValue
    ) -> JinjaFilterFunction {
        { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bindPositional("the filter", 0...0)
            return try function(r, value)
        }
    }

    private static func changingCase(_ name: String) -> JinjaFilterFunction {
        { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind(name, [], required: 0)
            let text = try r.stringValue(value)
            try r.step(text.isASCII ? text.bytes.count >> 5 : text.bytes.count >> 1)
            return .string(try r.text(r.changedCase(text, name), isMarkup: text.isMarkup))
        }
    }

    private static let escape: JinjaFilterFunction = { r, value, arguments throws(JinjaFault) in
        _ = try arguments.bindPositional("escape", 0...0)
        return .string(try r.text(try r.escaped(value), isMarkup: true))
    }

    private static let byDefault: JinjaFilterFunction = { r, value, arguments throws(JinjaFault) in
        let values = try arguments.bind("default", ["default_value", "boolean"], required: 0)
        if !value.isUndefined {
            guard try r.flag(values[1]) else { return value }
            if try r.truth(value) { return value }
        }
        if let fallback = values[0] { return fallback }
        return try r.string("")
    }
}
