import ApusModelFiles
import Testing

@testable import ApusTokenization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Chat templates that run wild are refused")
struct ChatTemplateHostileTests {
    private static func grow(_ start: String, _ step: String, _ count: Int = 100_000) -> String {
        "{% set ns = namespace(x=\(start)) %}{% for i in range(\(count)) %}{% set ns.x = \(step) %}{% endfor %}"
    }

    private static func nest(_ open: String, _ close: String = "", _ count: Int = 100_000) -> String {
        String(repeating: open, count: count) + String(repeating: close, count: count)
    }

    static let overLimits: [String] = [
        // Depth of the source.
        "{{ " + nest("(", ")") + " }}", "{{ " + nest("[") + " }}", "{{ " + nest("{1:") + " }}",
        "{{ " + nest("not ") + "1 }}",
        "{{ " + nest("-") + "1 }}", "{{ 1" + nest("+1") + " }}", "{{ x" + nest("|abs") + " }}",
        "{{ x" + nest(".a") + " }}",
        "{{ x" + nest("()") + " }}", "{{ x" + nest("[0]") + " }}", "{{ " + nest("1 if 0 else ") + "2 }}",
        "{{ 1" + nest(" and 1") + " }}", nest("{% if 1 %}", "{% endif %}", 40_000),
        nest("{% for a in [1] %}", "{% endfor %}", 25), nest("x", "", 2_000_000),
        // Time.
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(150) }}",
        "{% for a in range(1000000) %}{% endfor %}", "{{ range(10 ** 12) }}", "{{ 9 ** 9 ** 9 }}",
        grow("'a' * 4000000", "ns.x.replace('b', 'c')"), grow("('é' * 1000000)", "ns.x.upper().lower()"),
        grow("range(100000)|list", "ns.x|sort"), grow("(1,)", "(ns.x, ns.x)", 50) + "{{ {ns.x: 1} }}",
        grow("[1]", "[ns.x, ns.x]", 50) + "{{ ns.x }}", grow("[1]", "[ns.x, ns.x]", 50) + "{{ ns.x|tojson }}",
        // Memory.
        grow("'ab'", "ns.x + ns.x"), grow("'ab'", "ns.x ~ ns.x"), grow("[1]", "ns.x + ns.x"), "{{ 'a' * 10 ** 9 }}",
        "{{ [0] * 10 ** 9 }}", "{{ ''.center(10 ** 10) }}", "{{ '%999999999d' % 1 }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ [1]|tojson(indent=10 ** 9) }}", "{{ ('a' * 8000000)|list|length }}", "{{ [1]|batch(10 ** 9, 0)|list }}",
        "{{ [1]|slice(10 ** 9, 0)|list }}", "{% for i in range(100000) %}{{ 'a' * 10000 }}{% endfor %}",
        "{% set q %}{% for i in range(100000) %}{{ 'a' * 10000 }}{% endfor %}{% endset %}", "{{ ('<' * 8000000)|e }}",
        // Depth of calls and values.
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
        "{% block a %}{{ self.a() }}{% endblock %}", grow("[1]", "[ns.x]"), grow("[1]", "ns.x|map('abs')"),
        grow("0", "cycler(ns.x)"), grow("0", "joiner(ns.x)"), grow("[1]", "[ns.x.copy]"),
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
        "{% set ns = namespace(x=0) %}{% macro f(p) %}{% macro g() %}{{ p }}{% endmacro %}{% set ns.x = g %}{% endmacro %}"
            + "{% for i in range(100000) %}{{ f(ns.x) }}{% endfor %}",
    ]

    @Test("A limit is named", arguments: overLimits.indices)
    func limits(index: Int) {
        do throws(ChatTemplateError) {
            let text = try ChatTemplate(Self.overLimits[index], name: "t").render([:])
            Issue.record("\(Self.overLimits[index].prefix(80)) rendered \(text.prefix(80))")
        } catch {
            guard case .limit = error else {
                Issue.record("\(Self.overLimits[index].prefix(80)): \(error)")
                return
            }
        }
    }

    @Test("Long chains of objects are released without deep recursion")
    func chains() throws {
        let source =
            "{% set ns = namespace(x=0) %}{% for i in range(20000) %}{% set n2 = namespace(x=ns.x) %}"
            + "{% set ns.x = n2 %}{% endfor %}{% set ns.x = ns %}ok"
        #expect(try ChatTemplate(source, name: "t").render([:]) == "ok")
    }

    @Test("The deepest templates that are allowed fit a stack of 512 KiB")
    func smallStack() throws {
        let sources = [
            "{{ " + Self.nest("(", "1" + ")", 0) + Self.nest("(", "", 95) + "1" + Self.nest(")", "", 95) + " }}",
            "{{ 1" + Self.nest("+1", "", 195) + " }}", Self.nest("{% if 1 %}", "{% endif %}", 99),
            "{% macro f(n) %}" + Self.nest("{% if 1 %}", "", 60) + "{% if n %}{{ f(n - 1) }}{% endif %}"
                + Self.nest("{% endif %}", "", 60) + "{% endmacro %}{{ f(190) }}",
            Self.grow("[1]", "[ns.x]", 190) + "{{ ns.x }}{{ ns.x|tojson }}{{ ns.x == ns.x }}{{ [ns.x, ns.x]|sort }}",
            Self.grow("[1]", "ns.x|map('abs')", 95) + "{{ ns.x|list }}",
        ]
        for source in sources {
            let box = Box(source)
            try box.runOnSmallStack()
            #expect(box.result == "done", "\(source.prefix(60))")
        }
    }

    /// Renders on a thread with a small stack. Unchecked: the caller waits for the thread's end.
    private final class Box: @unchecked Sendable {
        let source: String
        var result = "not run"

        init(_ source: String) { self.source = source }

        func run() {
            do throws(ChatTemplateError) {
                _ = try ChatTemplate(source, name: "deep").render([:])
                result = "done"
            } catch {
                result = "\(error)"
            }
        }

        func runOnSmallStack() throws {
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            defer { pthread_attr_destroy(&attributes) }
            pthread_attr_setstacksize(&attributes, 512 << 10)
            #if canImport(Darwin)
                var thread: pthread_t?
            #else
                var thread = pthread_t()
            #endif
            let pointer = Unmanaged.passUnretained(self).toOpaque()
            let status = pthread_create(&thread, &attributes, boxMain, pointer)
            try #require(status == 0)
            #if canImport(Darwin)
                pthread_join(try #require(thread), nil)
            #else
                pthread_join(thread, nil)
            #endif
        }
    }

    fileprivate static func run(_ pointer: UnsafeMutableRawPointer) {
        Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue().run()
    }
}

#if canImport(Darwin)
    private func boxMain(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        ChatTemplateHostileTests.run(pointer)
        return nil
    }
#else
    private func boxMain(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { ChatTemplateHostileTests.run(pointer) }
        return nil
    }
#endif
