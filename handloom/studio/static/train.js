// A training from a form that is made from the job's options.
import { ask, button, commandLine, fill, forget, h, newest, parameter, problem, runLink, say, showIn,
  t } from "/static/dom.js";
import { begun } from "/static/begun.js";
import { contents } from "/static/contents.js";
import { field } from "/static/fields.js";

const PATIENCE = 250;  // ms after the last key

export async function show(main) {
  const { jobs, places, root } = await ask("/api/jobs");
  const state = { job: jobs.find(job => job.job === parameter("job")) ?? jobs[0], options: {} };
  const fields = h("div", { class: "fields" }), names = h("div");
  const line = h("div", { "aria-live": "polite" }), began = h("div"),
    seen = h("div", { "aria-live": "polite" });
  const data = h("textarea", { id: "data", rows: 1, autocomplete: "off", spellcheck: false,
    placeholder: t("a folder, a file, or the name of a built-in set"), oninput: () => other() });
  const wanted = () => ({ job: state.job.job, data: data.value, options: state.options });

  function draw() {
    const chips = (label, all) => !all.length ? null : h("div", { class: "named" },
      h("span", { class: "small quiet" }, label),
        h("div", { class: "chips" }, all.map(name => h("button",
        { type: "button", "data-value": name, onclick: () => { data.value = name; other(); } },
        name === "." ? t("the whole folder") : name))));
    fill(names, chips(t("In this folder"), places), chips(t("Built in"), state.job.sets));
    look.hidden = !state.job.shows;
    const set = (name, value) => {
      if (value === "" || value === null) delete state.options[name];
      else state.options[name] = value;
      typed();
    };
    const made = isFirst => state.job.fields.filter(each => each.is_first === isFirst)
      .map(each => field(each, set));
    const rest = made(false);
    fill(fields, made(true), h("details", {},
      h("summary", {}, t("{n} further options", { n: rest.length })),
      h("div", { class: "fields" }, rest)));
    other();
  }

  /** Other data, or another job: what was seen before is not of them. */
  function other() {
    forget(seen);
    fill(seen);
    typed();
  }

  const isUnnamed = () => !data.value.trim();
  function typed() {
    forget(line);
    for (const each of names.querySelectorAll("button"))
      each.setAttribute("aria-pressed", String(each.dataset.value === data.value.trim()));
    start.disabled = look.disabled = isUnnamed();
    if (start.disabled) {
      fill(line, h("p", { class: "quiet" }, t("Name the data, and the command appears here.")));
      return;
    }
    newest(line, async signal => {
      await new Promise(resolve => setTimeout(resolve, PATIENCE));
      return ask("/api/command", wanted(), signal);
    }, made => fill(line, commandLine(made.command)), error => {
      start.disabled = true;
      fill(line, problem(error));
    });
  }
  const start = button(t("Start the training"), async () => {
    const made = await ask("/api/train", wanted());
    say(t("{run} has begun", { run: made.run }));
    await showIn(began, t("Reading the data …"), () => begun(made.run), () => {
      location.href = `${runLink(made.run)}#training`;
      return null;
    });
  }, { class: "main", id: "start" }, isUnnamed);
  const look = button(t("Check the data"), () => showIn(seen, t("Reading the data …"),
    signal => ask("/api/show", wanted(), signal), contents), { id: "check" }, isUnnamed);

  const card = (heading, ...content) => h("section", { class: "card" }, h("h2", {}, heading),
    content);
  fill(main, h("div", { class: "title" }, h("h1", {}, t("Train a network"))),
    h("div", { class: "training" },
    h("div", {},
      card(t("What should it learn?"), jobChoice(jobs, state, draw)),
      card(t("From which data?"),
        h("label", { for: "data" },
        t("A folder or file below {root}, or a built-in set", { root })),
        data, names, h("div", { class: "row" }, look), seen),
      card(t("How?"), fields)),
    h("aside", {}, h("section", { class: "card" }, h("h2", {}, t("The command")), line,
      h("p", { class: "small quiet" },
        t("The training is this command; it goes on when the studio is closed.")),
      start, began))));
  draw();
}

function jobChoice(jobs, state, draw) {
  return h("div", { class: "jobs", role: "radiogroup", "aria-label": t("Job") }, jobs.map(job =>
    h("label", { class: "job" },
      h("input", { type: "radio", name: "job", value: job.job, checked: job === state.job,
        onchange: () => {
        state.job = job;
        state.options = {};
        draw();
      } }),
      h("span", {}, h("b", {}, job.job), h("small", { class: "quiet" }, t(job.summary))))));
}
