/// How a report looks: one style sheet, light and dark as the reader's system asks, for wide windows, phones and paper.
enum ReportStyle {
    static let sheet = """
        :root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d1d1f; --soft: #66655f; --line: #e4e1da; --card: #fff;
          --training: #2f6fd6; --held: #d4571c; --rate: #6b6a68; --good: #2f7d3b; --warn: #8a5a00; --wash: #f3f0e9; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #161618; --ink: #ececee; --soft: #a09fa6; --line: #323237; --card: #1f1f23;
            --training: #76a8ff; --held: #ff9257; --rate: #a09fa6; --good: #7ecb8b; --warn: #e3b341; --wash: #28282d; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 66rem; padding: 2.2rem 1.4rem 4rem; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
        h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
        h2 { margin: 2.8rem 0 .9rem; font-size: 1.15rem; }
        h2 small { font-weight: normal; font-size: .85rem; color: var(--soft); margin-inline-start: .5rem; }
        h3 { margin: 1.4rem 0 .5rem; font-size: .95rem; }
        header p { margin: .3rem 0 0; color: var(--soft); }
        .note { margin: 1rem 0 0; padding: .6rem .9rem; border-inline-start: 3px solid var(--warn); background: var(--wash);
          border-radius: 0 6px 6px 0; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.2rem, 1fr)); gap: .7rem; margin: 1.6rem 0 0;
          padding: 0; }
        .tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem .6rem;
          display: flex; flex-direction: column; }
        .tiles dt { font-size: .78rem; color: var(--soft); }
        .tiles dd { margin: 0; font-size: 1.45rem; line-height: 1.35; font-weight: 600; }
        .tiles dd.more { font-size: .78rem; font-weight: normal; color: var(--soft); }
        .chart { margin: 1.2rem 0 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          padding: .8rem 1.1rem .5rem .6rem; min-width: 0; }
        .chart figcaption { padding-inline-start: .5rem; display: flex; flex-wrap: wrap; gap: .1rem .6rem;
          align-items: baseline; }
        .chart figcaption span { font-size: .82rem; color: var(--soft); }
        .chart .legend { margin-inline-start: auto; white-space: nowrap; }
        .legend i { display: inline-block; width: 1.1rem; height: 0; border-top: 3px solid; border-radius: 2px;
          margin: 0 .35rem .22rem .8rem; }
        .legend i.training { color: var(--training); } .legend i.held { color: var(--held); }
        .plot { position: relative; height: 8.5rem; margin: .9rem 0 1.8rem 3.4rem; }
        .tall .plot { height: 19rem; }
        .plot svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: hidden; display: block; }
        .plot svg path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-width: 2; }
        .plot svg path.grid { stroke: var(--line); stroke-width: 1; }
        .plot svg path.training { stroke: var(--training); }
        .plot svg path.held { stroke: var(--held); }
        .plot svg path.rate { stroke: var(--rate); }
        .plot svg path.faint { stroke-width: 1; opacity: .3; }
        .plot svg path.dot { stroke-width: 7; stroke-linecap: round; }
        .plot span { position: absolute; font-size: .75rem; line-height: 1; color: var(--soft); white-space: nowrap;
          font-variant-numeric: tabular-nums; }
        .plot .y { right: calc(100% + .5rem); transform: translateY(-50%); }
        .plot .x { top: calc(100% + .5rem); transform: translateX(-50%); }
        .plot .x.end { transform: translateX(-100%); } .plot .x.start { transform: none; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem;
          margin: 0 0 .8rem; min-width: 0; }
        .text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; margin: 0; }
        .prompt { font-weight: 600; margin-bottom: .7rem; }
        .answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .7rem 1.4rem; }
        .answers > div { min-width: 0; border-inline-start: 3px solid var(--line); padding-inline-start: .8rem; }
        .answers > div.new { border-color: var(--training); }
        .label { display: block; font-size: .75rem; color: var(--soft); margin-bottom: .15rem; }
        .empty { color: var(--soft); font-style: italic; }
        .sample { display: grid; grid-template-columns: 7.5rem 1fr; gap: .2rem 1rem; padding: .7rem 0;
          border-top: 1px solid var(--line); }
        .sample:first-of-type { border-top: 0; }
        .sample .when { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
        .sample .given { color: var(--soft); }
        .sample .text { max-height: 18rem; overflow: auto; }
        details { margin: .4rem 0 .8rem; } summary { cursor: pointer; color: var(--soft); padding: .3rem 0; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: start; vertical-align: top; padding: .32rem .8rem .32rem 0; border-top: 1px solid var(--line);
          overflow-wrap: anywhere; }
        tr:first-child > th, tr:first-child > td { border-top: 0; }
        th { font-weight: normal; color: var(--soft); width: 11rem; }
        thead th { width: auto; border-bottom: 1px solid var(--line); }
        td small { color: var(--soft); display: block; }
        code { font: .88em/1.5 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere; }
        .hash { color: var(--soft); font-size: .8em; }
        .bars { display: grid; grid-template-columns: auto 1fr auto; gap: .18rem .7rem; align-items: center;
          font-size: .82rem; font-variant-numeric: tabular-nums; margin: .3rem 0 0; }
        .bars span { color: var(--soft); text-align: end; white-space: nowrap; }
        .bars i { display: block; height: .72rem; background: var(--training); border-radius: 2px; opacity: .75; }
        .warnings { margin: .9rem 0 0; padding: 0; list-style: none; }
        .warnings li { padding: .3rem 0; border-top: 1px solid var(--line); }
        .warnings b { color: var(--warn); font-variant-numeric: tabular-nums; }
        .warnings code { display: block; color: var(--soft); }
        .calm { color: var(--good); margin: .9rem 0 0; }
        footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
        @media (max-width: 44rem) {
          body { padding: 1.3rem .9rem 3rem; }
          h1 { font-size: 1.35rem; }
          .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; }
          .tiles dd { font-size: 1.2rem; }
          .pair { grid-template-columns: 1fr; }
          .chart .legend { margin-inline-start: 0; }
          .legend i:first-child { margin-inline-start: 0; }
          .tall .plot { height: 14rem; }
          .plot .spare { display: none; }
          .answers, .sample { grid-template-columns: 1fr; }
          th { width: 8rem; }
        }
        @media print { body { max-width: none; padding: 0; } .card, .chart, .tiles div { break-inside: avoid; } }

        """
}
