import ApusTokenization

/// A self-contained page that shows a text with its tokens in colour; ids, bytes and offsets come on hover.
///
/// The page holds each token as one short element and its figures as three arrays, so that a hundred thousand tokens
/// make a file of a few megabytes. Tokens stand in groups of some lines, and a browser lays out and paints only those
/// groups that are near what it shows.
struct TokenPage {
    let text: TokenizedText
    let tokenizer: Tokenizer
    /// The model's name, for the heading.
    let title: String

    var html: String {
        // Of a path, the last name.
        let title = Self.escape(title.split(separator: "/").last.map(String.init) ?? title)
        var page = Self.head.replacing("TITLE", with: title)
        page += "<header><h1>\(title)</h1><dl>"
        for (name, value) in figures { page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
        page += "</dl><nav><button id=\"ids\" aria-pressed=\"false\">ids</button></nav></header>\n<main id=\"text\">"
        appendGroups(to: &page)
        page += "</main>\n<aside id=\"card\" hidden></aside>\n<script>\n"
        page += "const ids=[" + text.pieces.map { String($0.id) }.joined(separator: ",") + "],\n"
        page += "starts=[" + text.pieces.map { String($0.range.lowerBound) }.joined(separator: ",") + "],\n"
        page += "ends=[" + text.pieces.map { String($0.range.upperBound) }.joined(separator: ",") + "],\n"
        page += "pieces=" + vocabulary + ";\n" + Self.script + "</script>\n</body>\n</html>\n"
        return page
    }

    private var figures: [(String, String)] {
        let characters = String(decoding: text.bytes, as: UTF8.self).count
        let count = text.pieces.count
        let perToken = count == 0 ? "–" : Quantity.decimal(Double(text.bytes.count) / Double(count), places: 2)
        return [
            ("tokens", Quantity.grouped(count)), ("different", Quantity.grouped(Set(text.pieces.map(\.id)).count)),
            ("characters", Quantity.grouped(characters)), ("bytes", Quantity.grouped(text.bytes.count)),
            ("bytes per token", perToken),
        ]
    }

    /// The piece and the bytes of each id that occurs, as a JavaScript object.
    private var vocabulary: String {
        let ids = Set(text.pieces.map(\.id)).sorted()
        let members = ids.map { id in
            let bytes = tokenizer.piece(of: id) ?? []
            let quoted = Self.escapeScript(TokenizedText.quoted(bytes))
            return "\(id):[\"\(quoted)\",\"\(TokenizedText.hexadecimal(bytes))\"]"
        }
        return "{" + members.joined(separator: ",\n") + "}"
    }

    /// A group ends with a line once it has a screen of tokens; a line without an end is cut after many more.
    private static let groupTokens = 240
    private static let longestGroup = 3000

    private func appendGroups(to page: inout String) {
        var group = ""
        var (tokens, rows, column, first) = (0, 1, 0, 0)
        func close() {
            // Until a group is seen for the first time, the page must know about how high it will be.
            page += "<p data-first=\(first) style=\"--rows:\(rows)\">" + group + "</p>"
            first += tokens
            (group, tokens, rows, column) = ("", 0, 1, 0)
        }
        for part in text.parts {
            let endsLine = append(part, to: &group)
            if part.token != nil { tokens += 1 }
            if case .text(let text) = part.content {
                for character in text.utf8 where character & 0xC0 != 0x80 {
                    column += 1
                    if character == 0x0A || column > 94 { (rows, column) = (rows + 1, 0) }
                }
            }
            if endsLine && tokens >= Self.groupTokens || tokens >= Self.longestGroup { close() }
        }
        if !group.isEmpty { close() }
    }

    /// - Returns: whether a line ends with this part.
    private func append(_ part: TokenizedText.Part, to page: inout String) -> Bool {
        guard part.token != nil else {
            switch part.content {
            case .text(let text), .spelling(let text): page += Self.escape(text)
            case .bytes(let bytes): page += TokenizedText.hexadecimal(bytes)
            }
            return false
        }
        switch part.content {
        case .text(let text):
            // A token that ends a line shows so; the line itself breaks after it.
            let visible = Self.escape(text).replacing("\n", with: "<b>⏎</b>\n").replacing("\t", with: "<b>⇥</b>\t")
            page += "<i>" + visible + "</i>"
            return text.utf8.last == 0x0A
        case .bytes(let bytes): page += "<i class=x>" + TokenizedText.hexadecimal(bytes) + "</i>"
        case .spelling(let spelling): page += "<i class=s>" + Self.escape(spelling) + "</i>"
        }
        return false
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Browsers read a carriage return as a newline, and refuse most other control characters.
            case "\r": result += "<b>\\r</b>"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) {
                    result += "<b>\(picture)</b>"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// A text inside a JavaScript string in a page: nothing in it may end the string or the script.
    private static func escapeScript(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("<", with: "\\x3c")
    }

    private static let head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>TITLE – tokens</title>
        <style>
        :root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d1d1f; --soft: #6b6a68; --line: #e4e1da; --card: #fff;
          --c0: #cfe6ff; --c1: #d5f0cf; --c2: #fdeab8; --c3: #fbd3dc; --c4: #e2d8fb; --c5: #ffdcc2; --mark: #1d1d1f; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #161618; --ink: #ececee; --soft: #97969b; --line: #303034; --card: #232327;
            --c0: #1f4a73; --c1: #26572a; --c2: #65500f; --c3: #6d2a3d; --c4: #47377c; --c5: #6e3d19; --mark: #fff; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .3rem 2rem; align-items: center;
          padding: .8rem max(1.2rem, calc(50% - 30rem)); background: var(--paper); border-bottom: 1px solid var(--line); }
        h1 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
        dl { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0; flex: 1; }
        dl div { display: flex; flex-direction: column-reverse; }
        dt { font-size: .72rem; color: var(--soft); }
        dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
        button { font: inherit; font-size: .85rem; padding: .25rem .8rem; border-radius: 1rem; border: 1px solid var(--line);
          background: var(--card); color: inherit; cursor: pointer; }
        button[aria-pressed=true] { background: var(--ink); color: var(--paper); }
        main { max-width: 62.4rem; margin: 0 auto; padding: 1.6rem 1.2rem 8rem; white-space: pre-wrap;
          overflow-wrap: anywhere; font: 1.02rem/1.85 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
        p { margin: 0; content-visibility: auto; contain-intrinsic-size: auto calc(var(--rows) * 1.887rem); }
        i { font-style: normal; border-radius: 3px; padding: .12em 0; cursor: default; }
        i:nth-of-type(6n+1) { background: var(--c0); } i:nth-of-type(6n+2) { background: var(--c1); }
        i:nth-of-type(6n+3) { background: var(--c2); } i:nth-of-type(6n+4) { background: var(--c3); }
        i:nth-of-type(6n+5) { background: var(--c4); } i:nth-of-type(6n) { background: var(--c5); }
        i.x, i.s { display: inline-block; font-size: .78em; line-height: 1.5; padding: .25em .3em; margin: 0 1px; }
        i.s { outline: 1px dashed var(--soft); outline-offset: -1px; }
        i.same { box-shadow: inset 0 -2px var(--mark); } i.here { outline: 2px solid var(--mark); outline-offset: 0; }
        b { font-weight: normal; color: var(--soft); opacity: .75; }
        .numbers i { display: inline-block; line-height: 1.4; margin: 0 2px; padding: .06em .3em; }
        #card { position: fixed; z-index: 2; max-width: 28rem; padding: .6rem .9rem; border-radius: 8px; background: var(--card);
          border: 1px solid var(--line); box-shadow: 0 6px 24px #0003; font-size: .9rem; pointer-events: none; }
        #card strong { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
        #card code { display: block; margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
        #card span { color: var(--soft); }
        </style>
        </head>
        <body>

        """

    private static let script = """
        const main = document.getElementById("text"), card = document.getElementById("card");
        const tokensOf = group => Array.from(group.getElementsByTagName("i"));
        let byId = null, marked = [], numbers = false;
        function occurrences(id) {
          if (!byId) { byId = new Map(); for (const id of ids) byId.set(id, (byId.get(id) || 0) + 1); }
          return byId.get(id);
        }
        // Groups near the screen: only they get marks and, when asked for, ids in place of texts.
        const near = new Set(), texts = new Map();
        function dress(group) {
          if (texts.has(group) === numbers) return;
          const tokens = tokensOf(group), first = Number(group.dataset.first);
          if (numbers) {
            texts.set(group, tokens.map(node => Array.from(node.childNodes)));
            tokens.forEach((node, i) => node.replaceChildren(String(ids[first + i])));
          } else {
            tokens.forEach((node, i) => node.replaceChildren(...texts.get(group)[i]));
            texts.delete(group);
          }
        }
        const observer = new IntersectionObserver(entries => {
          for (const { target, isIntersecting } of entries) {
            if (isIntersecting) { near.add(target); dress(target); } else near.delete(target);
          }
        }, { rootMargin: "1200px" });
        for (const group of main.children) observer.observe(group);
        function clear() { for (const node of marked) node.classList.remove("same", "here"); marked = []; card.hidden = true; }
        function add(parent, name, text) { const node = document.createElement(name); node.textContent = text; parent.append(node); }
        function show(node) {
          clear();
          const group = node.closest("p"), index = Number(group.dataset.first) + tokensOf(group).indexOf(node);
          const id = ids[index], [piece, bytes] = pieces[id] || ["", ""];
          for (const group of near) {
            const first = Number(group.dataset.first);
            tokensOf(group).forEach((other, i) => { if (ids[first + i] === id) marked.push(other); });
          }
          for (const other of marked) other.classList.add("same");
          node.classList.add("here"); marked.push(node);
          card.replaceChildren();
          add(card, "strong", id); add(card, "code", piece); add(card, "code", bytes);
          const place = starts[index] === ends[index] ? "added" : "bytes " + starts[index] + "–" + ends[index];
          add(card, "span", "token " + (index + 1) + " of " + ids.length + ", " + place + ", occurs " + occurrences(id) + " ×");
          card.hidden = false;
          const box = node.getClientRects()[0] || node.getBoundingClientRect();
          const x = Math.min(box.left, innerWidth - card.offsetWidth - 12);
          const below = box.bottom + 8 + card.offsetHeight < innerHeight;
          card.style.left = Math.max(8, x) + "px";
          card.style.top = (below ? box.bottom + 8 : box.top - card.offsetHeight - 8) + "px";
        }
        main.addEventListener("pointerover", event => {
          const node = event.target.closest("i");
          if (node) show(node); else clear();
        });
        main.addEventListener("pointerleave", clear);
        addEventListener("scroll", clear, { passive: true });
        const button = document.getElementById("ids");
        button.addEventListener("click", () => {
          clear();
          numbers = !numbers;
          button.setAttribute("aria-pressed", numbers);
          main.classList.toggle("numbers", numbers);
          for (const group of near) dress(group);
        });

        """
}
