// One run: what it can do, its report, its training, its mistakes, its options.
import { ask, button, clock, commandLine, fill, h, number, parameter, query, runLink, say, t, waiting } from "/static/dom.js";
import { runCharts, isShare, title } from "/static/charts.js";
import { predictImage, predictText } from "/static/classify.js";
import { generate, reconstruct, walk, write } from "/static/generate.js";
import { mistakes } from "/static/mistakes.js";

export async function show(main) {
  const name = parameter("run");
  let run = await ask(`/api/run?${query({ run: name })}`);
  const status = h("span", { class: `status ${run.status}` }, t(run.status));
  const doing = h("span", { class: "quiet" });
  const act = h("span", { class: "acts" });
  const panel = h("div", { id: "panel", role: "tabpanel", tabindex: "0" });
  const tabs = available(run);
  const list = h("div", { role: "tablist", class: "tabs", "aria-label": t("Parts of the run") });
  const wanted = location.hash.slice(1);
  let current = tabs.find(tab => tab.id === wanted) ?? tabs[0];

  const buttons = tabs.map(tab => h("button", { type: "button", role: "tab", id: `tab-${tab.id}`, "aria-controls": "panel",
    onclick: () => open(tab), onkeydown: event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
      open(next);
      document.getElementById(`tab-${next.id}`).focus();
    } }, t(tab.title)));

  async function open(tab) {
    current = tab;
    history.replaceState(null, "", `#${tab.id}`);
    buttons.forEach((each, i) => {
      each.setAttribute("aria-selected", String(tabs[i] === tab));
      each.tabIndex = tabs[i] === tab ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${tab.id}`);
    fill(panel, waiting());
    try { const content = await tab.make(run); if (current === tab) fill(panel, content); }
    catch (error) { if (current === tab) fill(panel, h("p", { class: "problem", role: "alert" }, error.message)); }
  }

  const metric = run.metric;
  fill(main,
    h("p", { class: "crumbs" }, h("a", { href: "/" }, t("Runs")), " / ", run.job),
    h("div", { class: "title" }, h("h1", {}, name), status, doing, act),
    h("p", { class: "lead" }, metric ? [h("b", {}, metric.text), ` ${title(metric.name)}`, metric.interval ? h("span", { class: "quiet" }, ` (${metric.interval})`) : null, " · "] : null,
      t("trained on {data}", { data: run.data }), run.minutes ? ` · ${t("{minutes} minutes", { minutes: run.minutes.toFixed(run.minutes < 10 ? 2 : 0) })}` : ""),
    list, panel);
  fill(list, buttons);
  controls();
  await open(current);

  function controls() {
    status.className = `status ${run.status}`;
    status.textContent = t(run.status);
    const settle = async () => { await new Promise(resolve => setTimeout(resolve, 600)); await refresh(); };
    if (run.status === "running") fill(act, button(t("Stop"), async () => { await ask("/api/stop", { run: name }); say(t("{run} stops after this step", { run: name })); await settle(); }));
    else if (["stopped", "killed", "trained"].includes(run.status)) fill(act, button(t("Resume"), async () => { await ask("/api/resume", { run: name }); say(t("{run} goes on", { run: name })); await settle(); }));
    else fill(act);
  }

  async function refresh() {
    const before = run.status, epochs = run.epochs;
    run = await ask(`/api/run?${query({ run: name })}`);
    controls();
    if (run.status !== before && run.status === "finished") location.reload();
    else if (current.id === "training" && (run.epochs !== epochs || run.status !== before)) fill(panel, await current.make(run));
  }
  const again = async () => {
    if (!panel.isConnected) return;
    if (!document.hidden && run.status !== "finished") try { await refresh(); } catch { /* the next one tells */ }
    setTimeout(again, 2000);
  };
  setTimeout(again, 2000);
}

function available(run) {
  const tabs = [];
  const verbs = run.verbs;
  const can = verbs.predict?.takes || verbs.sample || verbs.reconstruct?.takes || verbs.interpolate?.takes;
  if (can && run.has_weights) tabs.push({ id: "try", title: "Try it", make: attempt });
  if (run.images.length) tabs.push({ id: "images", title: "Images", make: strip });
  tabs.push({ id: "report", title: "Report", make: report });
  tabs.push({ id: "training", title: "Training", make: training });
  if (run.has_mistakes) tabs.push({ id: "mistakes", title: "Mistakes", make: mistakes });
  tabs.push({ id: "details", title: "Details", make: details });
  return run.has_weights ? tabs : [tabs.find(tab => tab.id === "training"), ...tabs.filter(tab => tab.id !== "training")];
}

function attempt(run) {
  const verbs = run.verbs, parts = [];
  const names = (verbs.sample?.options ?? []).map(option => option.name);
  if (verbs.predict?.takes === "image") parts.push(predictImage(run));
  if (verbs.predict?.takes === "text") parts.push(predictText(run));
  if (names.includes("prefix")) parts.push(write(run));
  else if (verbs.sample) parts.push(generate(run));
  if (verbs.reconstruct?.takes === "image") parts.push(reconstruct(run));
  if (verbs.interpolate?.takes) parts.push(walk(run, verbs.interpolate.takes));
  parts.push(h("section", { class: "card" }, h("h2", {}, t("In a terminal")), commandLine(run.next)));
  return h("div", { class: "parts" }, parts);
}

function strip(run) {
  const address = name => `/image?${query({ run: run.run, name })}`;
  const large = h("img", { class: "large", src: address(run.images.at(-1)), alt: run.images.at(-1) });
  const range = h("input", { type: "range", min: 0, max: run.images.length - 1, value: run.images.length - 1, "aria-label": t("Which image"),
    oninput: event => choose(Number(event.target.value)) });
  const label = h("p", { class: "quiet" }, run.images.at(-1));
  const all = run.images.map((name, i) => h("button", { type: "button", class: "frame", "aria-label": name, onclick: () => choose(i) },
    h("img", { src: address(name), alt: "", loading: "lazy" })));
  function choose(i) {
    large.src = address(run.images[i]); large.alt = run.images[i];
    label.textContent = run.images[i]; range.value = i;
    all.forEach((each, j) => each.setAttribute("aria-pressed", String(i === j)));
  }
  choose(run.images.length - 1);
  return [h("div", { class: "viewer" }, large, run.images.length > 1 ? range : null, label), run.images.length > 1 ? h("div", { class: "frames" }, all) : null];
}

function report(run) {
  if (!run.has_report) return h("div", { class: "empty" }, h("p", {}, t("There is no report yet.")),
    run.has_weights ? button(t("Make the report"), async () => { await ask("/api/report", { run: run.run }); location.reload(); }, { class: "main" }) : null);
  const address = `/report?${query({ run: run.run })}`;
  return [h("iframe", { class: "report", src: address, title: t("Report of {run}", { run: run.run }), sandbox: "allow-scripts allow-popups" }),
    h("p", {}, h("a", { href: address, target: "_blank", rel: "noopener" }, t("Open it alone")))];
}

async function training(run) {
  const [curves, log] = await Promise.all([ask(`/api/curves?${query({ run: run.run })}`), ask(`/api/log?${query({ run: run.run })}`)]);
  const lines = curves[run.run].lines, last = lines.at(-1);
  const left = last && run.planned && run.status === "running" ? last.seconds / Math.max(last.epoch, 1) * (run.planned - last.epoch) : null;
  return [
    run.status === "running" ? h("progress", { value: run.epochs, max: run.planned || 1, "aria-label": t("progress of {run}", { run: run.run }) }) : null,
    h("p", { class: "quiet" }, t("epoch {done} of {planned}", { done: run.epochs, planned: run.planned ?? "?" }),
      last?.samples_per_second ? `, ${number(Math.round(last.samples_per_second))}/s` : "", left !== null ? `, ${t("{time} left", { time: clock(left) })}` : "",
      run.best ? `, ${t("the best is epoch {best} by {monitor}", { best: run.best, monitor: run.monitor })}` : ""),
    lines.length ? h("div", { class: "charts" }, runCharts(curves[run.run], 12)) : h("p", { class: "quiet" }, t("Nothing was recorded yet.")),
    log.text ? h("details", { open: log.status !== null && log.status !== 0 }, h("summary", {}, t("What it printed")), h("pre", {}, log.text)) : null,
  ];
}

function details(run) {
  const cells = Object.entries(run.metrics).filter(([name]) => !/_(low|high)$/.test(name))
    .map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, title(name)), h("td", { class: "number" }, isShare(name) ? `${(100 * value).toFixed(2)} %` : number(value))));
  const options = Object.entries(run.options).map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name.replace(/_/g, " ")), h("td", {}, String(value))));
  return h("div", { class: "halves" },
    h("section", {}, h("h2", {}, t("Metrics")), cells.length ? h("table", {}, h("tbody", {}, cells)) : h("p", { class: "quiet" }, t("None was evaluated yet."))),
    h("section", {}, h("h2", {}, t("Options")), h("table", {}, h("tbody", {}, options)), h("p", { class: "quiet" }, `${t("Data")}: ${run.place}`), h("p", { class: "quiet" }, run.created)));
}

export { runLink };
