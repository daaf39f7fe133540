// Two or more runs side by side: curves in one chart, metrics with their difference, options.
import { ask, empty, fill, h, runLink, t } from "/static/dom.js";
import { isShare, metricText, number, optionName, parts, title } from "/static/format.js";
import { chart, metricNames, points, splitName } from "/static/charts.js";

const MOST = 8;  // runs that the server compares
const COUNTS = /(^|_)(images|texts|samples|dim|characters|examples)$/;  // no measure of how good

export async function show(main) {
  const names = [...new Set(new URLSearchParams(location.search).getAll("run"))];
  const heading = h("div", { class: "title" }, h("h1", {}, t("Compare runs")));
  if (names.length < 2) {
    fill(main, heading, h("section", { class: "card" }, empty("chart",
      t("Nothing to compare"), h("p", {}, t("Choose two or more runs in the table.")),
      h("p", {}, h("a", { class: "button main", href: "/" }, t("All runs"))))));
    return;
  }
  const curves = await ask(`/api/curves?${new URLSearchParams(names.map(name => ["run", name]))}`);
  const runs = names.filter(name => curves[name]).map(name => ({ name, ...curves[name] }));
  const absent = names.filter(name => !curves[name]);
  const missing = absent.length ? h("p", { class: "note" }, names.length > MOST
    ? t("Only the first {n} runs are compared.", { n: MOST })
    : t("No longer there: {runs}", { runs: absent.join(", ") })) : null;
  const [shared, single] = charts(runs);
  fill(main, h("p", { class: "crumbs" }, h("a", { href: "/" }, t("Runs"))),
    heading,
    h("p", { class: "lead" },
      t("Differences are to the first run. One within the interval of either may be chance.")),
    missing,
    h("div", { class: runs.length > 3 ? "sides below" : "sides" },
      h("section", { class: "card" }, h("h2", {}, t("Metrics")), metrics(runs)),
      h("section", { class: "card" }, h("h2", {}, t("Options that differ")), options(runs))),
    h("section", { class: "card" }, h("h2", {}, t("Curves")), shared.length
      ? h("div", { class: "charts" }, shared)
        : h("p", { class: "quiet" },
          t("No metric was recorded over several epochs by several of them.")),
      single.length ? h("details", {},
        h("summary", {}, t("{n} metrics of one run alone", { n: single.length })),
        h("div", { class: "charts" }, single)) : null));
}

/** Charts of what several runs have recorded, and of what only one has. */
function charts(runs) {
  const shared = [], single = [];
  for (const [metric, splits] of metricNames(runs)) {
    const split = splits.has("valid") ? "valid" : [...splits][0], key = `${split}/${metric}`;
    const lines = runs.map(run => ({ label: parts(run.name).name,
      points: points(run.lines, key) }));
    if (lines.every(line => line.points.length < 2)) continue;  // a point alone is no curve
    const made = chart(`${title(metric)}, ${splitName(split)}`, lines,
      { isPercent: isShare(metric) });
    (lines.filter(line => line.points.length).length > 1 ? shared : single).push(made);
  }
  return [shared, single];
}

function headings(runs, first, kind) {
  return h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first), runs.map((run, i) =>
    h("th", { scope: "col", class: kind }, h("i", { class: `c${i % 8}` }),
      h("a", { href: runLink(run.name) }, parts(run.name).name)))));
}

const table = (head, rows) => h("div", { class: "wide" },
  h("table", { class: "side" }, head, h("tbody", {}, rows)));

function metrics(runs) {
  const names = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))]
    .filter(name => !/_(low|high)$/.test(name));
  const isMeasure = name => !COUNTS.test(name);
  const rows = [...names.filter(isMeasure), ...names.filter(name => !isMeasure(name))].map(name =>
    h("tr", {}, h("th", { scope: "row" }, title(name)), runs.map((run, i) =>
      h("td", { class: "number" }, cell(name, run, i && isMeasure(name) ? runs[0] : null)))));
  return rows.length ? table(headings(runs, t("metric"), "number"), rows)
    : h("p", { class: "quiet" }, t("None was evaluated yet."));
}

/** A value with its interval, and its difference to another run. */
function cell(name, run, other) {
  const value = run.metrics[name];
  if (typeof value !== "number") return "–";
  const [low, high] = ["low", "high"].map(end => run.metrics[`${name}_${end}`])
    .map((end, i) => end ?? (name === "accuracy" ? run.interval?.[i] : undefined));
  const gap = other && typeof other.metrics[name] === "number" ? value - other.metrics[name] : null;
  return [h("b", {}, metricText(name, value)),
    gap === null ? null : h("span", { class: "gap" }, difference(name, gap)),
    low !== undefined && high !== undefined ? h("span", { class: "interval" },
      `${metricText(name, low)} – ${metricText(name, high)}`) : null];
}

function difference(name, gap) {
  const text = isShare(name) ? t("{n} points", { n: (100 * Math.abs(gap)).toFixed(2) })
    : number(Math.abs(gap));
  return gap === 0 ? t("the same") : `${gap > 0 ? "+" : "−"}${text}`;
}

function options(runs) {
  const names = [...new Set(runs.flatMap(run => Object.keys(run.options)))].sort();
  const text = value => value === null || value === undefined ? "–" : value === true ? t("yes")
    : value === false ? t("no") : typeof value === "number" ? number(value) : String(value);
  const values = name => new Set(runs.map(run => text(run.options[name])));
  const differing = names.filter(name => values(name).size > 1);
  const rows = differing.map(name => h("tr", {}, h("th", { scope: "row" }, optionName(name)),
    runs.map(run => h("td", {}, text(run.options[name])))));
  return rows.length ? table(headings(runs, t("option"), ""), rows)
    : h("p", { class: "quiet" }, t("They were trained with the same options."));
}
