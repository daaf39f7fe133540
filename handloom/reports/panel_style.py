"""How a page of panels looks: two columns on a desk, one on a phone, light and dark."""

PANEL_STYLE = """
:root { color-scheme: light dark; --bg: #f6f3ed; --card: #fff; --fg: #22262b; --muted: #6a7178;
  --line: #e4dfd5; --soft: #f4f1ea; --accent: #245f8f; --thread: #c8553d; --good: #2f8559;
  --bad: #c8452f }
@media (prefers-color-scheme: dark) { :root { --bg: #15181b; --card: #1d2125; --fg: #e8eaec;
  --muted: #98a1aa; --line: #30363c; --soft: #262b30; --accent: #7db9e6; --thread: #ee8d74;
  --good: #62c592; --bad: #f08a76 } }
* { box-sizing: border-box }
html { background: repeating-linear-gradient(90deg, var(--accent) 0 .6rem, var(--thread) .6rem
  1.2rem, var(--line) 1.2rem 1.8rem) top / 100% .5rem no-repeat, var(--bg) }
body { margin: 0 auto; max-width: 76rem; padding: .5rem 1.5rem 2rem;
  color: var(--fg); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
header { padding: 1.5rem 0 1.1rem }
.mark { margin: 0; color: var(--thread); font-weight: 700; letter-spacing: .12em;
  text-transform: uppercase; font-size: .8rem }
h1 { font-size: 2.1rem; line-height: 1.15; margin: .15rem 0 .3rem; letter-spacing: -.015em }
.lead { margin: 0; color: var(--muted); font-size: 1.08rem; max-width: 52rem }
main { display: grid; grid-template-columns: repeat(12, 1fr); gap: 1rem }
.panel { grid-column: span 6; background: var(--card); border: 1px solid var(--line);
  border-radius: .7rem; padding: 1.1rem 1.2rem .7rem; display: flex; flex-direction: column;
  min-width: 0 }
.panel:last-child:nth-child(odd) { grid-column: 1 / -1 }
.panel:last-child:nth-child(odd) .body { flex-direction: row; justify-content: space-between;
  gap: 2rem }
.group { display: flex; flex-direction: column; gap: .55rem; flex: 1 1 0; min-width: 0 }
.head { display: flex; gap: 1rem; justify-content: space-between }
.words { min-width: 0 } h2 { margin: 0; font-size: 1.15rem; letter-spacing: -.01em }
.text { margin: .15rem 0 0; color: var(--muted); font-size: .92rem; max-width: 34rem }
.key { text-align: right; flex: none } .key p { margin: 0 }
.figure { font-size: 1.75rem; line-height: 1.1; font-weight: 700; color: var(--accent);
  font-variant-numeric: tabular-nums; letter-spacing: -.02em }
.note { color: var(--muted); font-size: .78rem; max-width: 10rem; margin-left: auto !important;
  line-height: 1.3 }
.body { flex: 1; display: flex; flex-direction: column; justify-content: center; gap: .55rem;
  padding: .9rem 0 .7rem; min-width: 0 }
.command { display: flex; justify-content: space-between; gap: 1rem; margin: 0; padding: .5rem 0 0;
  border-top: 1px solid var(--line); color: var(--muted); font-size: .8rem }
.command code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color:
  var(--fg); overflow-wrap: anywhere } .command code::before { content: "$ "; color: var(--muted) }
.command span { white-space: nowrap }
figure { margin: 0 } img { display: block; width: 100%; height: auto }
.row { display: flex; align-items: center; gap: .8rem }
.name { flex: none; width: 4.6rem; margin: 0; color: var(--muted); font-size: .82rem;
  text-align: right; line-height: 1.25 }
.tiles { display: flex; gap: .5rem; flex: 1; min-width: 0 }
.tile { flex: 1 1 0; min-width: 0; max-width: 6.2rem; text-align: center; font-size: .82rem }
.tile img { aspect-ratio: 1; image-rendering: pixelated; border-radius: .3rem; border: 2px solid
  var(--line) } .tile figcaption { line-height: 1.25; padding-top: .2rem }
.tile.good img { border-color: var(--good) } .tile.bad img { border-color: var(--bad) }
.tile.good figcaption { color: var(--good) } .tile.bad figcaption { color: var(--bad);
  font-weight: 600 }
.tile.query img { border-color: var(--fg) } .tile.query { margin-right: .5rem }
.share { display: block; height: .28rem; margin-top: .3rem; background: var(--line);
  border-radius: .14rem; overflow: hidden } .share i { display: block; height: 100%; background:
  var(--accent) }
.large figcaption { color: var(--muted); font-size: .82rem; padding-top: .35rem;
  text-align: center } .large img { border-radius: .4rem }
.large.map img { max-width: 22rem; margin: 0 auto }
.sum { display: grid; grid-template-columns: 1fr auto 2.2fr; gap: .2rem 1rem; align-items: center }
.sum .largest { grid-column: 3; grid-row: 1 / 4 } .sum b { font-size: 1.5rem; font-weight: 400;
  color: var(--muted); text-align: center; line-height: 1 }
.sum b.equals { grid-column: 2; grid-row: 1 / 4 }
blockquote { margin: 0; font: 1.02rem/1.6 Georgia, "Noto Serif", "DejaVu Serif", serif;
  white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); border-radius: .4rem;
  padding: .8rem 1rem; border-left: .2rem solid var(--thread) } blockquote b { color:
  var(--thread) }
footer { color: var(--muted); font-size: .8rem; padding: 1rem 0 0 }
@media (max-width: 52rem) { .panel { grid-column: 1 / -1 } h1 { font-size: 1.6rem }
  .name { width: 3.4rem } body { padding: .5rem 1rem 2rem }
  .panel:last-child:nth-child(odd) .body { flex-direction: column; gap: 1.2rem } }
@media (max-width: 34rem) { .head { flex-direction: column; gap: .5rem }
  .key { display: flex; align-items: baseline; gap: .6rem; text-align: left }
  .note { margin-left: 0 !important; max-width: none } .tiles { gap: .3rem }
  .figure { white-space: nowrap } .tile { font-size: .62rem } .tile.query { margin-right: .2rem } }
"""
