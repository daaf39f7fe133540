// One run: what it can do, its report, its training, its mistakes, its options.
import { ask, button, commandLine, empty, fill, h, newest, parameter, problem, query, released, say,
  t, waiting } from "/static/dom.js";
import { begun, ending, logOf } from "/static/begun.js";
import { ago, clock, duration, metricText, minus, moment, number, optionName, parts, span, title }
  from "/static/format.js";
import { runCharts } from "/static/charts.js";
import { predictImage, predictText } from "/static/classify.js";
import { frame } from "/static/frame.js";
import { generate } from "/static/generate.js";
import { mistakes } from "/static/mistakes.js";
import { reconstruct } from "/static/reconstruct.js";
import { strip } from "/static/strip.js";
import { walk } from "/static/walk.js";
import { write } from "/static/write.js";

const EVERY = 2000;  // ms
const RESUMABLE = ["stopped", "killed", "trained"];

export async function show(main) {
  const name = parameter("run");
  let run = await ask(`/api/run?${query({ run: name })}`);
  const status = h("span"), acts = h("span", { class: "acts rest" }),
    known = h("dl", { class: "facts" }), trouble = h("div"), failure = h("div");
  const { folder, name: last } = parts(name);
  document.title = `${last} – Handloom`;
  fill(main, h("p", { class: "crumbs" }, h("a", { href: "/" }, t("Runs")),
    ["", "runs/"].includes(folder) ? "" : ` / ${folder.slice(0, -1)}`),
    h("div", { class: "title" }, h("h1", {}, last), status, acts), trouble, failure, known);
  const shown = tabs(available(run));
  main.append(shown.list, shown.panel);
  head();
  await Promise.all([shown.open(shown.first, run), tellFailure()]);

  function head() {
    status.className = `status ${run.status}`;
    status.textContent = t(run.status);
    fill(known, facts(run));
    if (acts.dataset.status === run.status) return;  // what has the keyboard keeps it
    acts.dataset.status = run.status;
    fill(acts, control());
  }

  /** Why a training that was started here has ended, where it is neither running nor finished. */
  async function tellFailure() {
    const isOver = !["running", "finished"].includes(run.status);
    const sentence = isOver ? ending(await logOf(name)) : null;
    fill(failure, sentence ? problem(new Error(sentence)) : null);
  }

  function control() {
    const act = (label, path, sentence, settled) => button(t(label), async () => {
      await ask(path, { run: name });
      say(t(sentence, { run: name }));
      await settled(name);
      await refresh();
    });
    const settling = () => new Promise(resolve => setTimeout(resolve, 600));
    if (run.status === "running")
      return act("Stop", "/api/stop", "{run} stops after this step", settling);
    return RESUMABLE.includes(run.status) ? act("Resume", "/api/resume", "{run} goes on", begun) : null;
  }

  const refresh = () => newest(known, signal => ask(`/api/run?${query({ run: name })}`, undefined,
    signal), take, error => { throw error; });

  async function take(about) {
    const before = run;
    run = about;
    head();
    if (run.status !== before.status) await tellFailure();
    if (run.status !== before.status && run.status === "finished") location.reload();
    else if (run.epochs !== before.epochs || run.status !== before.status) await shown.again(run);
  }

  const again = async () => {
    if (!shown.panel.isConnected) return;
    if (!document.hidden && run.status !== "finished")
      try {
        await refresh();
        fill(trouble);
      } catch (error) {
        if (trouble.textContent !== error.message) fill(trouble, problem(error));
      }
    setTimeout(again, EVERY);
  };
  setTimeout(again, EVERY);
}

/** A list of tabs and their panel; the address keeps which one is open. */
function tabs(all) {
  const panel = h("div", { id: "panel", role: "tabpanel", tabindex: "0" });
  const list = h("div", { role: "tablist", class: "tabs", "aria-label": t("Parts of the run") });
  let current = all.find(tab => tab.id === location.hash.slice(1)) ?? all[0], run = null;

  const buttons = all.map((tab, place) => h("button", { type: "button", role: "tab",
    id: `tab-${tab.id}`, "aria-controls": "panel", onclick: () => open(tab, run),
    onkeydown: event => {
      const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0,
        End: all.length - 1 }[event.key];
      if (goal === undefined) return;
      event.preventDefault();
      const next = (goal + all.length) % all.length;
      open(all[next], run);
      buttons[next].focus();
    } }, t(tab.title)));
  fill(list, buttons);

  async function open(tab, about) {
    [current, run] = [tab, about];
    history.replaceState(null, "", `#${tab.id}`);
    buttons.forEach((each, i) => {
      each.setAttribute("aria-selected", String(all[i] === tab));
      each.tabIndex = all[i] === tab ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${tab.id}`);
    fill(panel, waiting());
    await make(tab);
  }

  const make = tab => newest(panel, async signal => {
    const content = await tab.make(run, signal);
    await released(panel);
    return content;
  }, content => {
    const folded = () => [...panel.querySelectorAll("details")], before = folded();
    fill(panel, content);
    folded().forEach((each, i) => { each.open ||= before[i]?.open ?? false; });
  });

  async function again(about) {
    run = about;
    if (current.isLive) await make(current);
  }
  addEventListener("hashchange", () => {
    const wanted = all.find(tab => tab.id === location.hash.slice(1));
    if (wanted && wanted !== current) open(wanted, run);
  });
  return { list, panel, open, again, first: current };
}

function available(run) {
  const { verbs } = run, made = [];
  const isAble = verbs.predict?.takes || verbs.sample || verbs.reconstruct?.takes
    || verbs.interpolate?.takes;
  if (isAble && run.has_weights) made.push({ id: "try", title: "Try it", make: attempt });
  if (run.images.length) made.push({ id: "images", title: "Images", make: strip });
  const watched = { id: "training", title: "Training", make: training, isLive: true };
  if (!run.has_weights) made.unshift(watched);
  made.push({ id: "report", title: "Report", make: report });
  if (run.has_weights) made.push(watched);
  if (run.has_mistakes) made.push({ id: "mistakes", title: "Mistakes", make: mistakes });
  made.push({ id: "details", title: "Details", make: details });
  return made;
}

function facts(run) {
  const metric = run.metric;
  const rows = [
    metric ? [title(metric.name), minus(metric.text), metric.interval ? t("95 % interval {ends}", {
      ends: span(metric.interval) }) : null] : null,
    [t("job"), run.job],
    [t("data"), run.data],
    [t("trained for"), duration(run.minutes), run.planned ? t("epoch {done} of {planned}", {
      done: run.epochs, planned: run.planned }) : null],
    [t("begun"), ago(run.begun), moment(run.begun)],
  ];
  return rows.filter(Boolean).map(([name, value, more]) => h("div", {}, h("dt", {}, name),
    h("dd", {}, h("b", {}, value), more ? h("small", {}, more) : null)));
}

function attempt(run) {
  const { verbs } = run, cards = [];
  const names = (verbs.sample?.options ?? []).map(option => option.name);
  if (verbs.predict?.takes === "image") cards.push(predictImage(run));
  if (verbs.predict?.takes === "text") cards.push(predictText(run));
  if (names.includes("prefix")) cards.push(write(run));
  else if (verbs.sample) cards.push(generate(run));
  if (verbs.reconstruct?.takes === "image") cards.push(reconstruct(run));
  if (verbs.interpolate?.takes) cards.push(walk(run, verbs.interpolate.takes));
  const terminal = h("section", { class: "card" }, h("h2", {}, t("The same in a terminal")),
    commandLine(run.next));
  return [cards, terminal];
}

function report(run) {
  if (run.has_report) {
    const address = `/report?${query({ run: run.run })}`;
    return [frame(address, t("Report of {run}", { run: run.run })),
      h("p", { class: "small" }, h("a", { href: address, target: "_blank", rel: "noopener" },
        t("Open the report alone")))];
  }
  const make = button(t("Make the report"), async () => {
    say(t("The report is being made …"));
    await ask("/api/report", { run: run.run });
    location.reload();
  }, { class: "main" });
  const advice = run.has_weights && run.status !== "running"
    ? [h("p", {}, t("It shows how good the network is, where it errs, and what to do next.")), make]
    : h("p", {}, t("It is made when the training is over."));
  return h("section", { class: "card" }, empty("page", t("There is no report yet"), advice));
}

async function training(run, signal) {
  const address = query({ run: run.run });
  const [curves, log] = await Promise.all([
    ask(`/api/curves?${address}`, undefined, signal), logOf(run.run, signal)]);
  const { lines } = curves[run.run], last = lines.at(-1), isRunning = run.status === "running";
  const rest = last && run.planned && isRunning
    ? last.seconds / Math.max(last.epoch, 1) * (run.planned - last.epoch) : null;
  const known = [
    run.epochs || run.planned
      ? t("epoch {done} of {planned}", { done: run.epochs, planned: run.planned ?? "?" }) : null,
    last?.samples_per_second ? t("{n} a second",
      { n: number(Math.round(last.samples_per_second)) }) : null,
    rest !== null ? t("{time} left", { time: clock(rest) }) : null,
    run.best ? t("the best is epoch {best}, by {monitor}",
      { best: run.best, monitor: named(run.monitor) }) : null];
  const progress = isRunning ? h("progress", { value: run.epochs, max: run.planned || 1,
    "aria-label": t("progress of {run}", { run: run.run }) }) : null;
  const isCurve = isRunning || lines.length > 1;  // one epoch alone is a point: Details has it
  const charts = isCurve ? runCharts(curves[run.run], 12) : [];
  const words = run.epochs || isRunning ? known.filter(Boolean).join(" · ") : null;
  const nothing = isRunning ? waiting(lines.length ? t("Evaluating …")
    : t("Reading the data, and choosing what suits them …"))
    : empty("chart", t("No curves"),
      h("p", {}, lines.length ? t("One epoch is a point, not a curve.") : t(
        "This network was solved in one step, not trained in epochs, or nothing was recorded.")));
  return [words ? h("p", { class: "quiet" }, words) : null, progress,
    charts.length ? h("div", { class: "charts" },
      charts.map(each => h("div", { class: "card" }, each)))
      : h("section", { class: "card" }, nothing),
    log.text ? h("details", { open: Boolean(log.status) }, h("summary", {}, t("What it printed")),
      h("pre", { tabindex: "0" }, log.text)) : null];
}

/** valid/loss as "validation loss". */
const named = monitor => !monitor ? "?" : monitor.startsWith("valid/")
  ? `${t("validation")} ${title(monitor.slice(6))}` : title(monitor);

function details(run) {
  const metrics = Object.entries(run.metrics).filter(([name]) => !/_(low|high)$/.test(name));
  const shown = value => value === true ? t("yes") : value === false ? t("no")
    : typeof value === "number" ? number(value) : String(value);
  const table = rows => h("table", { class: "pairs" }, h("tbody", {}, rows.map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "number" }, value)))));
  const options = Object.entries(run.options).map(([name, value]) =>
    [optionName(name), shown(value), run.changed.includes(name)]);
  const [changed, usual] = [options.filter(row => row[2]), options.filter(row => !row[2])];
  return h("div", { class: "two" },
    h("section", { class: "card" }, h("h2", {}, t("Metrics")), metrics.length
      ? table(metrics.map(([name, value]) => [title(name), metricText(name, value)]))
      : h("p", { class: "quiet" }, t("None was evaluated yet."))),
    h("section", { class: "card" }, h("h2", {}, t("Options")),
      changed.length ? table(changed)
        : h("p", { class: "quiet" }, t("All options are as they are by default.")),
      usual.length ? h("details", {},
        h("summary", {}, t("{n} options as they are by default", { n: usual.length })),
        table(usual)) : null,
      h("h3", { class: "gap-above" }, t("Data")), h("p", { class: "quiet" }, run.place)));
}

