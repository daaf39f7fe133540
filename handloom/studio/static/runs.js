// The table of all runs: fills by itself, sorts, filters, and chooses what is compared.
import { ask, button, empty, fill, forget, h, newest, problem, query, refused, released, runLink,
  say, t, waiting } from "/static/dom.js";
import { begun } from "/static/begun.js";
import { ago, clock, duration, minus, moment, number, parts, span, title } from "/static/format.js";
import { runCharts } from "/static/charts.js";

const EVERY = 2000, SHOWN = 200;  // ms; rows
const COLUMNS = [
  { name: "run", value: row => row.run },
  { name: "job", value: row => row.job },
  { name: "data", value: row => row.data },
  { name: "result", value: row => row.metric?.value ?? null, isNumber: true, isDown: true },
  { name: "epochs", value: row => row.epochs, isNumber: true, isDown: true },
  { name: "time", value: row => row.minutes, isNumber: true, isDown: true },
  { name: "begun", value: row => row.created, isNumber: true, isDown: true },
  { name: "status", value: row => row.status },
];
const rethrow = error => { throw error; };  // to whoever looked
const RESUMABLE = new Set(["stopped", "killed", "trained"]);
const state = {
  rows: new Map(), version: 0, by: "begun", isDown: true, words: [], chosen: new Set(), most: SHOWN,
};

export async function show(main) {
  const body = h("tbody"), live = h("div", { id: "live" });
  const count = h("span", { class: "quiet", id: "count", role: "status" });
  const chosen = h("div", { id: "chosen", class: "chosen", hidden: true });
  const trouble = h("div");
  const heads = COLUMNS.map(head);
  const sorts = sortChoice();
  const more = button(t("Show more"), () => { state.most += 500; draw(); }, { hidden: true });
  const table = h("section", { class: "card runs-card", "aria-label": t("All runs") },
    h("div", { class: "wide" }, h("table", { class: "runs" },
      h("caption", { class: "unseen" }, t("All runs")),
      h("thead", {}, h("tr", {}, h("td", {}), heads, h("td", {}))), body)), more);
  const nothing = h("section", { class: "card" }, empty("chart", t("No runs here yet"),
    h("p", {}, t("Train a network, and it appears here by itself; so do trainings of a terminal.")),
    h("p", {}, h("a", { class: "button main", href: "/train" }, t("Train a network")))));
  const tools = h("div", { class: "rest", hidden: true }, filter(), sorts,
    h("a", { class: "button main", href: "/train" }, t("Train a network")));
  fill(main, h("div", { class: "title" }, h("h1", {}, t("Runs")), count, tools),
    trouble, live, waiting(), chosen);

  function head(column) {
    const sort = h("button", { type: "button", class: "sort", onclick: () => {
      const isSame = state.by === column.name;
      order(column, isSame ? !state.isDown : Boolean(column.isDown));
    } }, t(column.name));
    return h("th", { scope: "col", class: column.isNumber ? "number" : "" }, sort);
  }

  function order(column, isDown) {
    state.by = column.name;
    state.isDown = isDown;
    draw();
  }

  /** For a narrow page, whose table has no heads. */
  function sortChoice() {
    const label = column => t("by {column}", { column: t(column.name) });
    return h("select", { class: "sorts", "aria-label": t("Order"), onchange: event => {
      const column = COLUMNS.find(each => each.name === event.target.value);
      order(column, Boolean(column.isDown));
    } }, COLUMNS.map(column => h("option", { value: column.name }, label(column))));
  }

  function filter() {
    return h("input", { type: "search", id: "filter", placeholder: t("Filter runs"),
      "aria-label": t("Filter runs"), oninput: event => {
        state.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        draw();
      } });
  }

  function draw() {
    const rows = wanted(), all = state.rows.size;
    heads.forEach((each, i) => each.setAttribute("aria-sort", COLUMNS[i].name !== state.by ? "none"
      : state.isDown ? "descending" : "ascending"));
    sorts.value = state.by;
    main.querySelector(".waiting")?.replaceWith(table, nothing);
    table.hidden = !all;
    nothing.hidden = Boolean(all);
    tools.hidden = !all;
    more.hidden = rows.length <= state.most;
    count.textContent = rows.length === all ? t("{n} in all", { n: number(all) })
      : t("{n} of {all}", { n: number(rows.length), all: number(all) });
    fill(body, rows.slice(0, state.most).map(line), rows.length ? null : h("tr", {},
      h("td", { colspan: COLUMNS.length + 2, class: "quiet" }, t("No run has all these words."))));
    drawChosen();
  }

  function drawChosen() {
    const names = [...state.chosen], count = names.length;
    chosen.hidden = !count;
    const address = `/compare?${new URLSearchParams(names.map(run => ["run", run]))}`;
    fill(chosen, h("span", {}, count > 1 ? t("{n} chosen", { n: count })
      : t("One chosen: choose another to compare")),
      count > 1 ? h("a", { class: "button main small", id: "compare", href: address },
        t("Compare {n} runs", { n: count })) : null,
      button(t("Clear"), async () => { state.chosen.clear(); draw(); }, { class: "small" }));
  }

  function line(row) {
    const box = h("input", { type: "checkbox", checked: state.chosen.has(row.run),
      "aria-label": t("Choose {run}", { run: row.run }), onchange: event => {
        if (event.target.checked) state.chosen.add(row.run);
        else state.chosen.delete(row.run);
        drawChosen();
      } });
    const { folder, name } = parts(row.run);
    return h("tr", { "data-run": row.run },
      h("td", { class: "box" }, box),
      h("th", { scope: "row" },
        h("a", { class: "run", href: runLink(row.run) }, h("span", { class: "quiet" }, folder),
          name),
        row.reason ? h("div", { class: "small bad" }, refused(row.reason)) : null,
        row.differs.length ? h("div", { class: "tags" },
          row.differs.map(each => h("span", {}, each)))
          : null),
      h("td", { class: "job" }, row.job), h("td", { class: "data" }, row.data),
      h("td", { class: "number result" }, result(row)),
      h("td", { class: "number epochs" }, row.planned ? `${row.epochs} / ${row.planned}`
        : row.epochs || "–"),
      h("td", { class: "number time" }, duration(row.minutes)),
      h("td", { class: "number begun", title: moment(row.created),
        "data-time": row.created }, ago(row.created)),
      h("td", { class: "state" }, h("span", { class: `status ${row.status}` }, t(row.status)),
        left(row)),
      h("td", { class: "actions" }, action(row)));
  }

  const settling = () => new Promise(resolve => setTimeout(resolve, 400));
  function action(row) {
    const act = (label, path, sentence, settled) => button(t(label), async () => {
      await ask(path, { run: row.run });
      say(t(sentence, { run: row.run }));
      await settled(row.run);
      await refresh();
    }, { class: "small", "aria-label": `${t(label)}: ${row.run}` });
    if (row.status === "running")
      return act("Stop", "/api/stop", "{run} stops after this step", settling);
    return RESUMABLE.has(row.status) ? act("Resume", "/api/resume", "{run} goes on", begun) : null;
  }

  async function drawLive() {
    const running = [...state.rows.values()].filter(row => row.status === "running").slice(0, 4);
    if (!running.length) { forget(live); fill(live); return; }
    const names = new URLSearchParams(running.map(row => ["run", row.run]));
    await newest(live, signal => calmly(`/api/curves?${names}`, signal), curves =>
      fill(live, running.filter(row => curves[row.run])
        .map(row => liveCard(row, curves[row.run]))), rethrow);
  }

  const calmly = async (address, signal) => {
    const answer = await ask(address, undefined, signal);
    await released(main);
    return answer;
  };

  /** Takes what has changed, and draws it; a look that is under way makes room. */
  const refresh = () => newest(body,
    signal => calmly(`/api/runs?${query({ since: state.version })}`, signal), take, rethrow);

  async function take(news) {
    const isFirst = !state.version, isOther = news.rows.length || news.removed.length;
    if (news.whole) state.rows.clear();
    for (const row of news.rows) state.rows.set(row.run, row);
    for (const name of news.removed) { state.rows.delete(name); state.chosen.delete(name); }
    state.version = news.version;
    if (news.whole || isFirst || isOther) redraw();
    if (isFirst || isOther || live.childElementCount) await drawLive();
  }

  /** Where the keyboard was, it is again. */
  function redraw() {
    const at = document.activeElement, row = at?.closest?.("tr[data-run]");
    const names = row ? [row.dataset.run,
      [...row.querySelectorAll("input, a, button")].indexOf(at)] : null;
    draw();
    if (!names) return;
    const same = [...body.rows].find(each => each.dataset.run === names[0]);
    same?.querySelectorAll("input, a, button")[names[1]]?.focus();
  }

  await refresh();
  const again = async () => {
    if (!main.contains(live)) return;
    if (!document.hidden)
      try {
        await refresh();
        fill(trouble);
      } catch (error) {  // it stays while it is so
        if (trouble.textContent !== error.message) fill(trouble, problem(error));
      }
    for (const each of body.querySelectorAll("td.begun"))
      each.textContent = ago(Number(each.dataset.time));
    setTimeout(again, EVERY);
  };
  setTimeout(again, EVERY);
}

/** Rows that have all words, in the order that was chosen; what has no value comes last. */
function wanted() {
  const { value } = COLUMNS.find(column => column.name === state.by);
  const text = row =>
    `${row.run} ${row.job} ${row.data} ${t(row.status)} ${row.differs.join(" ")}`.toLowerCase();
  const isWanted = row => state.words.every(word => text(row).includes(word));
  const rows = [...state.rows.values()].filter(isWanted);
  return rows.sort((a, b) => {
    const x = value(a), y = value(b);
    if (x === y) return b.created - a.created;
    if (x === null || y === null) return x === null ? 1 : -1;
    const sign = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
    return state.isDown ? -sign : sign;
  });
}

function result(row) {
  if (!row.metric) return h("span", { class: "quiet" }, "–");
  const { name, text, interval } = row.metric;
  return [h("b", {}, minus(text)), h("span", { class: "interval" }, title(name), " ",
    interval ? h("span", { class: "ends" }, span(interval)) : null)];
}

function left(row) {
  if (row.status !== "running" || row.left === undefined) return null;
  return h("span", { class: "interval" }, t("{time} left", { time: clock(row.left) }));
}

function liveCard(row, curves) {
  const facts = [t("epoch {done} of {planned}", { done: row.epochs, planned: row.planned ?? "?" }),
    row.rate ? t("{n} a second", { n: number(Math.round(row.rate)) }) : null,
    row.left !== undefined ? t("{time} left", { time: clock(row.left) }) : null];
  return h("section", { class: "card live", "aria-label": row.run },
    h("div", { class: "title" }, h("h2", {}, h("a", { href: runLink(row.run) }, row.run)),
      h("span", { class: "status running" }, t("running")),
      h("span", { class: "rest quiet" }, facts.filter(Boolean).join(" · "))),
    h("progress", { value: row.epochs, max: row.planned || 1,
      "aria-label": t("progress of {run}", { run: row.run }) }),
    h("div", { class: "charts" }, runCharts(curves, 2)));
}

