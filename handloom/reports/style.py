"""How every page looks: one style sheet, light and dark, for a phone and for a desk."""

STYLE = """
:root { color-scheme: light dark; --bg: #fff; --fg: #1d2126; --muted: #5d6670; --line: #dfe3e8;
  --soft: #f4f6f8; --accent: #1f6fb2; --good: #1a7f45; --bad: #c2382e; --warn: #96620a;
  --s0: #1f6fb2; --s1: #d9691c; --s2: #1a7f45; --s3: #8b4fb5 }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e6e9ec; --muted: #9aa4ae;
  --line: #333a41; --soft: #1e2327; --accent: #6bb2ec; --good: #58c27f; --bad: #f08278;
  --warn: #dfae54; --s0: #6bb2ec; --s1: #f0a05a; --s2: #58c27f; --s3: #c194e6 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--fg);
  background: var(--bg); max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem;
  overflow-wrap: break-word }
header .job { color: var(--muted); margin: 0; font-size: .9rem; letter-spacing: .02em }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .1rem 0 .8rem }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .4rem; padding-top: .2rem; border-top: 1px solid
  var(--line); padding-top: 1rem }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
p { max-width: 46rem; margin: .5rem 0 } .about, .quiet { color: var(--muted) }
.lead p { font-size: 1.1rem; margin: .4rem 0 }
a { color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: .3rem .5rem; margin: 1.2rem 0 0 }
nav a { text-decoration: none; font-size: .88rem; border: 1px solid var(--line);
  border-radius: 1rem; padding: .1rem .7rem; white-space: nowrap }
.advice { background: var(--soft); border-left: .25rem solid var(--accent); border-radius: .3rem;
  padding: .7rem 1rem .8rem; margin: 1.4rem 0 0 }
.advice h2 { border: 0; margin: 0; padding: 0; font-size: 1.05rem }
.advice ol { margin: .4rem 0 0; padding-left: 1.3rem } .advice li { margin: .35rem 0 }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background:
  var(--soft); padding: .05em .3em; border-radius: .2rem } .advice code { background: var(--bg) }
pre { font: .85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background:
  var(--soft); padding: .8rem; border-radius: .3rem; white-space: pre-wrap;
  overflow-wrap: anywhere }
.wide { overflow-x: auto; max-width: 100% }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0;
  font-size: .93rem }
th, td { text-align: left; padding: .28rem .9rem .28rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top } th { color: var(--muted); font-weight: 600 }
td.number, th.number { text-align: right }
img { max-width: 100%; height: auto } .sharp img { image-rendering: pixelated }
.sheet img { border-radius: .3rem; background: #fff }
.framed img { outline: 1px solid var(--line) }
mark { border-radius: .2rem; padding: 0 .1rem; color: inherit }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: .8rem 0 }
.figures > figure { margin: 0; flex: 1 1 20rem; max-width: 30rem; min-width: 0 }
.figures figcaption { font-weight: 600; font-size: .93rem; margin-bottom: .2rem }
svg { display: block; width: 100%; height: auto; overflow: visible }
svg text { font: 12px system-ui, sans-serif; fill: var(--muted) }
.grid { stroke: var(--line) } .rule { stroke: var(--muted); stroke-dasharray: 4 4; fill: none }
.s0, .s1, .s2, .s3 { fill: none; stroke-width: 2 } .s0 { stroke: var(--s0) }
.s1 { stroke: var(--s1) } .s2 { stroke: var(--s2) } .s3 { stroke: var(--s3) }
.dot { stroke: none } .dot.s0 { fill: var(--s0) } .dot.s1 { fill: var(--s1) }
.dot.s2 { fill: var(--s2) } .dot.s3 { fill: var(--s3) } .whisker { stroke-width: 1.5; opacity: .55 }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.1rem; font-size: .85rem; color: var(--muted) }
.legend i { display: inline-block; width: 1rem; height: .2rem; margin-right: .35rem;
  vertical-align: middle }
.legend .s0 { background: var(--s0) } .legend .s1 { background: var(--s1) }
.legend .s2 { background: var(--s2) } .legend .s3 { background: var(--s3) }
.thumbs { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.2rem, 1fr));
  gap: 1rem .9rem; margin: .8rem 0 }
.thumbs figure { margin: 0; min-width: 0; font-size: .86rem; line-height: 1.35 }
.thumbs img, .pair img { width: 100%; aspect-ratio: 1; object-fit: contain; display: block;
  border-radius: .3rem; background: var(--soft) }
.pair { display: flex; gap: .2rem } .pair img { width: 50%; flex: 1 1 50%; min-width: 0 }
.twins { grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)) }
.film { grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)) } .film img {
  aspect-ratio: auto }
.file { color: var(--muted); font-size: .78rem; overflow-wrap: anywhere; display: block }
.good { color: var(--good) } .bad { color: var(--bad) }
.scale { position: relative; height: 2.6rem; margin: 1rem .3rem 1.6rem; max-width: 46rem }
.scale b, .scale i, .scale span { position: absolute }
.scale .track { left: 0; right: 0; top: 1.1rem; height: .5rem; background: var(--line);
  border-radius: .25rem }
.scale .range { top: 1.1rem; height: .5rem; background: var(--accent); opacity: .45;
  border-radius: .25rem; min-width: 2px }
.scale .value { top: .85rem; width: 1rem; height: 1rem; margin-left: -.5rem; border-radius: 50%;
  background: var(--accent); border: 2px solid var(--bg) }
.scale .tick { top: .9rem; width: 2px; height: .9rem; background: var(--fg) }
.scale span { font-size: .8rem; color: var(--muted); white-space: nowrap }
.scale .above { top: -.5rem } .scale .below { top: 1.9rem }
.share { white-space: nowrap }
.bar { position: relative; display: inline-block; width: 7rem; height: .55rem; background:
  var(--line); border-radius: .2rem; vertical-align: middle }
.bar i { position: absolute; top: 0; bottom: 0; background: var(--accent); opacity: .45;
  border-radius: .2rem; min-width: 2px }
.bar b { position: absolute; top: -.15rem; bottom: -.15rem; width: 3px; margin-left: -1px;
  background: var(--accent) }
.matrix { border-collapse: separate; border-spacing: 2px; font-size: .85rem }
.matrix th { font-weight: 400; border: 0; padding: 0 .4rem 0 0; text-align: right; color: var(--fg);
  vertical-align: middle; white-space: nowrap } .matrix thead th { vertical-align: bottom;
  text-align: left; padding: .2rem 0 .3rem } .matrix thead th span { writing-mode: vertical-rl;
  transform: rotate(180deg) }
.matrix td { border: 0; padding: 0; text-align: center; min-width: 2.1rem; height: 2rem;
  vertical-align: middle; border-radius: .2rem; background: var(--soft) }
.matrix td.right { background: color-mix(in srgb, var(--good) calc(var(--share) * 65%),
  var(--soft)) }
.matrix td.wrong { background: color-mix(in srgb, var(--bad) calc(var(--share) * 55% + 15%),
  var(--soft)) }
.matrix td a { display: block; line-height: 2rem; color: inherit; text-decoration: none }
.matrix td a:hover { outline: 2px solid var(--fg); border-radius: .2rem }
.dense { max-width: 40rem; background: var(--soft); border-radius: .3rem } .dense .right {
  fill: var(--good) } .dense .wrong { fill: var(--bad) }
.cell { display: none; scroll-margin-top: 30vh; background: var(--soft); border-radius: .3rem;
  padding: .2rem 1rem .6rem; margin: .8rem 0 } .cell:target { display: block }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; color:
  var(--muted); font-size: .9rem } footer h2 { border: 0; margin: 0; padding: 0; font-size: 1rem }
summary { cursor: pointer; color: var(--accent) }
@media (max-width: 30rem) { h1 { font-size: 1.45rem } .lead p { font-size: 1.03rem }
  .thumbs { grid-template-columns: repeat(auto-fill, minmax(7.2rem, 1fr)); gap: .8rem .6rem }
  .twins { grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)) }
  .film { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)) }
  .matrix { font-size: .74rem } .matrix td { min-width: 1.5rem; height: 1.6rem } .matrix td a {
  line-height: 1.6rem } .matrix th { max-width: 5rem; overflow: hidden; text-overflow: ellipsis }
  .bar { width: 3.6rem }
  th, td { padding-right: .6rem } }
@media print { nav { display: none } }
"""
