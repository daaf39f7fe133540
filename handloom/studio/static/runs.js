// The table of all runs: fills by itself, sorts, filters, and chooses what is compared.
import { ask, button, clock, fill, h, number, query, runLink, say, t, waiting } from "/static/dom.js";
import { runCharts } from "/static/charts.js";

const EVERY = 2000, SHOWN = 200;
const COLUMNS = [
  ["run", "run", row => row.run], ["job", "job", row => row.job], ["data", "data", row => row.data],
  ["metric", "metric", row => row.metric?.value ?? null], ["epochs", "epochs", row => row.epochs],
  ["minutes", "minutes", row => row.minutes], ["status", "status", row => row.status],
];
const OPEN = new Set(["running"]), RESUMABLE = new Set(["stopped", "killed", "trained"]);
const state = { rows: new Map(), version: 0, by: "created", down: true, words: "", chosen: new Set(), open: new Set(), most: SHOWN };

export async function show(main) {
  const body = h("tbody"), count = h("p", { class: "quiet", id: "count" }), live = h("div", { id: "live" });
  const compare = h("a", { class: "button main", id: "compare", hidden: true }, t("Compare"));
  const filter = h("input", { type: "search", id: "filter", placeholder: t("Filter by words"), "aria-label": t("Filter by words"),
    oninput: event => { state.words = event.target.value.toLowerCase(); draw(); } });
  const heads = COLUMNS.map(([name, label]) => h("th", { scope: "col", class: ["metric", "epochs", "minutes"].includes(name) ? "number" : "" },
    h("button", { type: "button", class: "sort", onclick: () => {
      [state.by, state.down] = state.by === name ? [name, !state.down] : [name, name === "metric"];
      draw();
    } }, t(label))));
  const more = button(t("Show more"), () => { state.most += 500; draw(); }, { hidden: true });
  const table = h("div", { class: "wide" }, h("table", { class: "runs" }, h("caption", { class: "unseen" }, t("All runs")),
    h("thead", {}, h("tr", {}, h("th", {}, h("span", { class: "unseen" }, t("Choose"))), heads, h("th", {}, h("span", { class: "unseen" }, t("Actions"))))), body));
  const empty = h("div", { class: "empty" }, h("h2", {}, t("No runs here yet")), h("p", {}, t("Train a network, and it appears here by itself.")),
    h("p", {}, h("a", { class: "button main", href: "/train" }, t("Train"))));
  fill(main, h("div", { class: "title" }, h("h1", {}, t("Runs")), filter, compare), live, count, waiting());

  function draw() {
    const rows = sorted();
    heads.forEach((head, i) => head.setAttribute("aria-sort", COLUMNS[i][0] !== state.by ? "none" : state.down ? "descending" : "ascending"));
    if (!table.isConnected) main.querySelector(".waiting")?.replaceWith(table, more);
    if (!state.rows.size) { if (!empty.isConnected) main.append(empty); table.hidden = true; }
    else { empty.remove(); table.hidden = false; }
    more.hidden = rows.length <= state.most;
    count.textContent = rows.length === state.rows.size ? t("{n} runs", { n: number(rows.length) })
      : t("{n} of {all} runs", { n: number(rows.length), all: number(state.rows.size) });
    fill(body, rows.slice(0, state.most).map(line));
    chosen();
  }

  function chosen() {
    compare.hidden = state.chosen.size < 2;
    compare.textContent = t("Compare {n} runs", { n: state.chosen.size });
    compare.href = `/compare?${new URLSearchParams([...state.chosen].map(run => ["run", run]))}`;
  }

  function line(row) {
    const box = h("input", { type: "checkbox", checked: state.chosen.has(row.run), "aria-label": t("Choose {run}", { run: row.run }),
      onchange: event => { event.target.checked ? state.chosen.add(row.run) : state.chosen.delete(row.run); chosen(); } });
    const doing = OPEN.has(row.status) && row.left !== undefined
      ? h("span", { class: "quiet" }, ` ${row.rate ? `${number(Math.round(row.rate))}/s, ` : ""}${t("{time} left", { time: clock(row.left) })}`) : null;
    const metric = row.metric === null || row.metric === undefined ? "" : [h("b", {}, row.metric.text),
      row.metric.interval ? h("span", { class: "interval" }, row.metric.interval) : null, h("span", { class: "small quiet" }, row.metric.name.replace(/_/g, " "))];
    return h("tr", { "data-run": row.run },
      h("td", {}, box),
      h("th", { scope: "row" }, h("a", { href: runLink(row.run) }, row.run), row.reason ? h("div", { class: "small bad" }, row.reason) : null,
        row.differs.length ? h("div", { class: "differs" }, row.differs.map(part => h("span", {}, part))) : null),
      h("td", {}, row.job), h("td", {}, row.data),
      h("td", { class: "number metric" }, metric),
      h("td", { class: "number" }, row.planned ? `${row.epochs}/${row.planned}` : String(row.epochs)),
      h("td", { class: "number" }, row.minutes.toFixed(row.minutes < 10 ? 2 : 0)),
      h("td", {}, h("span", { class: `status ${row.status}` }, t(row.status)), doing),
      h("td", { class: "actions" }, actions(row)));
  }

  const settled = () => new Promise(resolve => setTimeout(resolve, 400)).then(refresh);
  function actions(row) {
    if (OPEN.has(row.status)) return button(t("Stop"), async () => {
      await ask("/api/stop", { run: row.run }); say(t("{run} stops after this step", { run: row.run })); await settled();
    }, { class: "small" });
    if (RESUMABLE.has(row.status)) return button(t("Resume"), async () => {
      await ask("/api/resume", { run: row.run }); say(t("{run} goes on", { run: row.run })); await settled();
    }, { class: "small" });
    return null;
  }

  function sorted() {
    const value = COLUMNS.find(([name]) => name === state.by)?.[2] ?? (row => row.created);
    const rows = [...state.rows.values()].filter(row => !state.words ||
      state.words.split(/\s+/).every(word => `${row.run} ${row.job} ${row.data} ${row.status} ${row.differs.join(" ")}`.toLowerCase().includes(word)));
    const order = (a, b) => {
      const x = value(a), y = value(b);
      if (x === y) return b.created - a.created;
      if (x === null || y === null) return x === null ? 1 : -1;
      return (typeof x === "string" ? x.localeCompare(y, undefined, { numeric: true }) : x - y) * (state.down ? -1 : 1);
    };
    return rows.sort(order);
  }

  async function drawLive() {
    const running = [...state.rows.values()].filter(row => OPEN.has(row.status)).slice(0, 2);
    if (!running.length) { fill(live); return; }
    const curves = await ask(`/api/curves?${new URLSearchParams(running.map(row => ["run", row.run]))}`);
    fill(live, running.map(row => h("section", { class: "card live", "aria-label": row.run },
      h("h2", {}, h("a", { href: runLink(row.run) }, row.run)),
      h("progress", { value: row.epochs, max: row.planned || 1, "aria-label": t("progress of {run}", { run: row.run }) }),
      h("p", { class: "quiet" }, t("epoch {done} of {planned}", { done: row.epochs, planned: row.planned ?? "?" }),
        row.rate ? `, ${number(Math.round(row.rate))}/s` : "", row.left !== undefined ? `, ${t("{time} left", { time: clock(row.left) })}` : ""),
      h("div", { class: "charts" }, runCharts(curves[row.run], 2)))));
  }

  async function refresh() {
    const news = await ask(`/api/runs?${query({ since: state.version })}`);
    const isNew = news.whole || news.rows.length || news.removed.length || !state.version;
    if (news.whole) state.rows.clear();
    for (const row of news.rows) state.rows.set(row.run, row);
    for (const name of news.removed) { state.rows.delete(name); state.chosen.delete(name); }
    state.version = news.version;
    if (isNew && !(document.activeElement?.closest?.("tbody") && !news.rows.length)) draw();
    if (isNew || live.childElementCount) await drawLive();
  }

  await refresh();
  const again = async () => {
    if (!main.contains(live)) return;
    if (!document.hidden) try { await refresh(); } catch (error) { say(error.message, "bad"); }
    setTimeout(again, EVERY);
  };
  setTimeout(again, EVERY);
}
