// A training from a form that is made from the job's options.
import { ask, button, commandLine, fill, h, number, parameter, runLink, say, t, waiting } from "/static/dom.js";

export async function show(main) {
  const { jobs, places, root } = await ask("/api/jobs");
  const state = { job: jobs.find(job => job.job === parameter("job")) ?? jobs[0], options: {} };
  const data = h("input", { type: "text", id: "data", list: "places", autocomplete: "off", placeholder: "photos", oninput: () => typed() });
  const list = h("datalist", { id: "places" }), fields = h("div", { class: "fields" }), line = h("div"), check = h("div", { class: "check", "aria-live": "polite" });
  const choose = h("div", { class: "jobs", role: "radiogroup", "aria-label": t("Job") }, jobs.map(job => h("label", { class: "job" },
    h("input", { type: "radio", name: "job", value: job.job, checked: job === state.job, onchange: () => { state.job = job; state.options = {}; draw(); } }),
    h("b", {}, job.job), h("span", { class: "small quiet" }, t(job.summary)))));

  function draw() {
    fill(list, [...state.job.sets, ...places].map(name => h("option", { value: name })));
    const first = state.job.fields.filter(field => field.is_first), rest = state.job.fields.filter(field => !field.is_first);
    fill(fields, first.map(input), h("details", {}, h("summary", {}, t("{n} further options", { n: rest.length })), h("div", { class: "fields" }, rest.map(input))));
    typed();
  }
  function input(field) {
    const id = `option-${field.name}`, help = `${id}-help`, by = { id, "aria-describedby": help };
    const set = value => { if (value === "" || value === null) delete state.options[field.name]; else state.options[field.name] = value; typed(); };
    const open = field.is_open ? t("chosen for you") : "";
    let control;
    if (field.kind === "switch") control = h("select", { ...by, onchange: event => set(event.target.value === "" ? null : event.target.value === "true") },
      h("option", { value: "" }, open || t(field.default ? "yes" : "no")), h("option", { value: "true" }, t("yes")), h("option", { value: "false" }, t("no")));
    else if (field.kind === "choice") control = h("select", { ...by, onchange: event => set(event.target.value) },
      h("option", { value: "" }, open || String(field.default)), field.choices.map(choice => h("option", { value: choice }, choice)));
    else control = h("input", { ...by, type: field.kind === "text" ? "text" : "number", step: field.kind === "whole" ? 1 : "any", min: field.low, max: field.high,
      placeholder: open || String(field.default), oninput: event => set(field.kind === "text" ? event.target.value.trim() : event.target.value === "" ? null : Number(event.target.value)) });
    return h("div", { class: "field" }, h("label", { for: id }, field.flag.replace(/-/g, " ")), control, h("p", { class: "small quiet", id: help }, field.help));
  }
  const wanted = () => ({ job: state.job.job, data: data.value, options: state.options });
  let timer = null;
  function typed() {
    clearTimeout(timer);
    if (!data.value.trim()) { fill(line, h("p", { class: "quiet" }, t("Name the data to see the command line."))); return; }
    timer = setTimeout(async () => {
      try { const made = await ask("/api/command", wanted()); fill(line, commandLine(made.command)); start.disabled = false; }
      catch (error) { fill(line, h("p", { class: "problem", role: "alert" }, error.message)); start.disabled = true; }
    }, 250);
  }
  const start = button(t("Start the training"), async () => {
    const made = await ask("/api/train", wanted());
    say(t("{run} has begun", { run: made.run }));
    await followed(made.run);
  }, { class: "main", id: "start" });
  async function followed(run) {
    fill(check, waiting(t("Reading the data …")));
    for (let i = 0; i < 600; i++) {
      await new Promise(resolve => setTimeout(resolve, 500));
      const log = await ask(`/api/log?${new URLSearchParams({ run })}`);
      if (log.status !== null && log.status !== 0) { fill(check, h("p", { class: "problem", role: "alert" }, t("It ended:")), h("pre", {}, log.text)); return; }
      try { await ask(`/api/run?${new URLSearchParams({ run })}`); location.href = `${runLink(run)}#training`; return; } catch { /* not yet */ }
    }
  }
  const look = button(t("Check the data"), async () => {
    fill(check, waiting(t("Reading the data …")));
    try { fill(check, contents(await ask("/api/show", wanted()))); } catch (error) { fill(check, h("p", { class: "problem", role: "alert" }, error.message)); }
  }, { id: "check" });
  fill(main, h("h1", {}, t("Train")), h("section", { class: "card" }, h("h2", {}, t("What should it learn?")), choose),
    h("section", { class: "card" }, h("h2", {}, t("From which data?")), h("label", { for: "data" }, t("A folder or file below {root}, or a built-in set", { root })), data, list, h("p", {}, look), check),
    h("section", { class: "card" }, h("h2", {}, t("How?")), fields), h("section", { class: "card" }, h("h2", {}, t("The command")), line, h("p", {}, start)));
  draw();
}

function contents(record) {
  const splits = Object.entries(record.splits ?? {});
  const classes = record.classes ?? [];
  return [h("p", {}, h("b", {}, record.name), ": ", splits.map(([name, split]) => `${number(split.images)} ${name}`).join(", ")),
    (record.notes ?? []).map(note => h("p", { class: "note" }, note)),
    classes.length ? h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("class")), splits.map(([name]) => h("th", { scope: "col", class: "number" }, name)))),
      h("tbody", {}, classes.slice(0, 40).map(name => h("tr", {}, h("th", { scope: "row" }, name), splits.map(([, split]) => h("td", { class: "number" }, number(split.classes?.[name] ?? 0)))))))) : null,
    record.broken_total ? h("p", { class: "bad" }, t("{n} broken files", { n: record.broken_total }), ": ", record.broken.map(entry => `${entry.path} (${entry.reason})`).join("; ")) : h("p", { class: "good" }, t("No file is broken.")),
    record.duplicates_total ? h("p", { class: "note" }, t("{n} groups of near-duplicates", { n: record.duplicates_total })) : null];
}
