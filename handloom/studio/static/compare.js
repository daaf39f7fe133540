// Two or more runs side by side: curves in one chart, metrics with their difference, options.
import { ask, fill, h, number, runLink, t } from "/static/dom.js";
import { chart, isShare, metricNames, points, title } from "/static/charts.js";

export async function show(main) {
  const names = new URLSearchParams(location.search).getAll("run");
  const curves = await ask(`/api/curves?${new URLSearchParams(names.map(name => ["run", name]))}`);
  const runs = names.filter(name => curves[name]).map(name => ({ name, ...curves[name] }));
  const charts = [];
  for (const [metric, splits] of metricNames(runs)) {
    const split = splits.has("valid") ? "valid" : [...splits][0];
    const lines = runs.map(run => ({ label: run.name, points: points(run.lines, `${split}/${metric}`) }));
    charts.push(chart(`${title(metric)}, ${split === "valid" ? t("validation") : split === "train" ? t("training") : split}`, lines, { isShare: isShare(metric) }));
  }
  fill(main, h("h1", {}, t("Compare")),
    h("p", { class: "quiet" }, t("Differences are to the first run. A difference within the interval of either may be chance.")),
    h("h2", {}, t("Metrics")), metrics(runs), h("h2", {}, t("Curves")),
    charts.length ? h("div", { class: "charts" }, charts) : h("p", { class: "quiet" }, t("Nothing was recorded yet.")),
    h("h2", {}, t("Options that differ")), options(runs));
}

const headings = (runs, first) => h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first),
  runs.map((run, i) => h("th", { scope: "col" }, h("i", { class: `swatch c${i % 8}` }), h("a", { href: runLink(run.name) }, run.name)))));

function metrics(runs) {
  const names = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))].filter(name => !/_(low|high)$/.test(name));
  const shown = (name, value) => value === undefined ? "–" : isShare(name) ? `${(100 * value).toFixed(2)} %` : number(value);
  const rows = names.map(name => {
    const first = runs[0].metrics[name];
    return h("tr", {}, h("th", { scope: "row" }, title(name)), runs.map((run, i) => {
      const value = run.metrics[name], low = run.metrics[`${name}_low`], high = run.metrics[`${name}_high`];
      const gap = i && typeof value === "number" && typeof first === "number" ? value - first : null;
      return h("td", { class: "number" }, shown(name, value),
        low !== undefined && high !== undefined ? h("span", { class: "interval" }, `${shown(name, low)} – ${shown(name, high)}`) : null,
        gap === null ? null : h("span", { class: "gap" }, `${gap >= 0 ? "+" : "−"}${isShare(name) ? `${(100 * Math.abs(gap)).toFixed(2)}` : number(Math.abs(gap))}`));
    }));
  });
  return rows.length ? h("div", { class: "wide" }, h("table", {}, headings(runs, t("metric")), h("tbody", {}, rows))) : h("p", { class: "quiet" }, t("None was evaluated yet."));
}

function options(runs) {
  const names = [...new Set(runs.flatMap(run => Object.keys(run.options)))].sort();
  const text = value => value === null || value === undefined ? "–" : String(value);
  const differing = names.filter(name => new Set(runs.map(run => text(run.options[name]))).size > 1);
  const rows = differing.map(name => h("tr", {}, h("th", { scope: "row" }, name.replace(/_/g, " ")), runs.map(run => h("td", {}, text(run.options[name])))));
  return rows.length ? h("div", { class: "wide" }, h("table", {}, headings(runs, t("option")), h("tbody", {}, rows))) : h("p", { class: "quiet" }, t("They were trained with the same options."));
}
