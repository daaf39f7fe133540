// Mistakes and likely wrong labels as cards: right label, drop or keep, into mistakes.csv.
import { ask, button, commandLine, empty, fill, h, problem, query, refused, runLink, say, t }
  from "/static/dom.js";
import { begun } from "/static/begun.js";
import { number, percent } from "/static/format.js";

const PAGE = 48;  // cards at once
const DROP = "drop";
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";  // 1 pixel

export async function mistakes(run) {
  const data = await ask(`/api/mistakes?${query({ run: run.run })}`);
  if (!data.lines.length)
    return h("section", { class: "card" }, empty("check", t("There are no mistakes"),
      h("p", {}, t("Nothing was wrong in what was held out, and no label looks wrong."))));
  return data.is_editable ? cards(run, data) : table(data);
}

/** What the chips choose between: a problem that is worded anew each time has one name. */
function kindOf({ problem, split }) {
  if (!split) return "left out";
  return ["duplicate", "class written like"].find(kind => problem.startsWith(kind)) ?? problem;
}
const keyOf = line => JSON.stringify([line.file ?? "", line.content]);  // as the server knows a line
const isChanged = line => Boolean(line.correction) && line.correction !== line.label;

function cards(run, data) {
  const isText = "text" in data.lines[0];
  const places = h("div", { class: isText ? "cards texts" : "cards" }), trouble = h("div");
  const more = button(t("Show more"), async () => { shown += PAGE; draw(); });
  const rest = data.total > data.lines.length ? h("p", { class: "small quiet" },
    t("Only the first {n} of {all} are listed here; mistakes.csv has all.",
      { n: number(data.lines.length), all: number(data.total) })) : null;
  const next = nextTraining(run, data);
  let kind = "", shown = PAGE;
  const chips = problemChips(data.lines, wanted => { kind = wanted; shown = PAGE; draw(); });
  const thumbnails = loader(run, places, trouble);
  let redraws = [];

  function draw() {
    const lines = data.lines.filter(line => !kind || kindOf(line) === kind);
    const made = lines.slice(0, shown).map(line => card(run, data, line, isText, take));
    redraws = made.map(each => each.draw);
    fill(places, made.map(each => each.place));
    more.hidden = lines.length <= shown;
    next.tell();
    if (!isText) thumbnails(lines.slice(0, shown).filter(line => line.split)
      .map(line => line.file));
  }

  /** What stands in mistakes.csv now: somebody else may write into it too. */
  function take(decided) {
    const known = new Map(decided.map(each => [keyOf(each), each.correction]));
    for (const line of data.lines) line.correction = known.get(keyOf(line)) ?? "";
    for (const redraw of redraws) redraw();
    next.tell();
  }
  draw();
  return [next.place, chips, trouble, places, h("p", {}, more), rest];
}

/** One button for each kind of problem, with how many there are. */
function problemChips(lines, choose) {
  const kinds = [...new Set(lines.map(kindOf))];
  const chip = (kind, name, count) => h("button", { type: "button", "aria-pressed": String(!kind),
    onclick: event => {
      for (const each of chips.children) each.setAttribute("aria-pressed",
        String(each === event.currentTarget));
      choose(kind);
    } }, `${name} ${number(count)}`);
  const chips = h("div", { class: "chips", role: "group", "aria-label": t("Which problem") },
    chip("", t("all"), lines.length),
    kinds.map(kind => chip(kind, t(kind), lines.filter(line => kindOf(line) === kind).length)));
  return chips;
}

let saving = Promise.resolve();

/** Saves corrections in the order in which they were made, so that the last is what is kept. */
function saved(corrections) {
  const next = saving.then(() => ask("/api/mistakes", corrections));
  saving = next.catch(() => { /* whoever made it is told */ });
  return next;
}

/** Fills in the images of the cards, a page at a time. */
function loader(run, places, trouble) {
  const known = new Map();
  return async names => {
    const missing = names.filter(name => !known.has(name));
    for (let at = 0; at < missing.length || at === 0; at += PAGE) {
      const part = missing.slice(at, at + PAGE);
      try {
        const made = part.length ? await ask("/api/thumbnails", { run: run.run, names: part }) : {};
        part.forEach(name => known.set(name, made[name] ?? null));
        fill(trouble);
      } catch (error) {
        fill(trouble, problem(error));  // those that are missing are asked for with the next page
        return;
      }
      for (const image of places.querySelectorAll("img[data-file]")) {
        const address = known.get(image.dataset.file);
        if (address) { image.src = address; image.classList.remove("none"); }
        else if (known.has(image.dataset.file)) image.replaceWith(h("p", { class: "quiet gone" },
          t("This file is gone, or has changed since the training.")));
      }
    }
  };
}

/** take: called with all corrections that are saved. */
function card(run, data, line, isText, take) {
  const name = (isText ? line.text : line.file).slice(0, 80),
    decision = h("p", { class: "decision" });
  const suggestion = line.likely_label || (line.predicted !== line.label ? line.predicted : "");
  const set = async wanted => {
    const correction = { file: line.file ?? "", content: line.content, correction: wanted };
    take((await saved({ run: run.run, corrections: [correction] })).corrections);
  };
  const act = (label, wanted, title, kind) => {
    const made = button(label, () => set(line.correction === wanted ? "" : wanted),
      { class: `small ${kind}`, title });
    made.dataset.value = wanted;
    return made;
  };
  const acts = [
    suggestion ? act(suggestion, suggestion,
      t("The right label is {label}", { label: suggestion }), "right") : null,
    line.label && act(t("keep"), line.label, t("The label {label} is right", { label: line.label }), "keep"),
    act(t("drop"), DROP, t("Leave it out of the training"), "drop-it")].filter(Boolean);
  const choose = h("select", { "aria-label": t("Right label of {file}", { file: name }),
    onchange: event => set(event.target.value).catch(error => {
      say(error.message, "bad");
      draw();  // as it is saved
    }) },
    h("option", { value: "" }, t("another label …")),
    data.classes.map(label => h("option", { value: label }, label)));
  function draw() {
    const wanted = line.correction;
    decision.textContent = !wanted ? "" : wanted === DROP ? t("is dropped")
      : wanted === line.label ? t("stays {label}", { label: wanted })
        : t("becomes {label}", { label: wanted });
    article.classList.toggle("decided", Boolean(wanted));
    acts.forEach(each => each.setAttribute("aria-pressed", String(each.dataset.value === wanted)));
    choose.value = acts.some(each => each.dataset.value === wanted) ? "" : wanted;
  }
  const article = h("article", { class: "mistake", "aria-label": name },
    isText ? h("blockquote", { tabindex: "0" }, line.text)
      : h("img", { "data-file": line.file, alt: line.file, class: "none", src: NOTHING }),
    reading(line), where(line, isText), decision, h("div", { class: "acts" }, acts), choose);
  draw();
  return { place: article, draw };
}

/** The label that it has, and what the network says. */
function reading(line) {
  const share = line.confidence ? h("span", { class: "quiet" }, percent(Number(line.confidence)))
    : null;
  return h("dl", { class: "reading" },
    line.label ? [h("dt", {}, t("labelled")), h("dd", {}, h("b", {}, line.label))] : null,
    line.predicted ? [h("dt", {}, t("predicted")),
      h("dd", {}, h("b", {}, line.predicted), share)] : null);
}

function where(line, isText) {
  const place = isText ? line.split : [line.split, line.file].filter(Boolean).join(": ");
  const likely = line.likely_label ? `: ${line.likely_label}` : "";
  return h("p", { class: "small quiet where" }, `${t(line.problem)}${likely}`,
    h("span", { class: "file", title: line.file ?? "" }, place));
}

/** How many were decided, and the training that takes them. */
function nextTraining(run, data) {
  const count = h("p", { class: "lead-in", role: "status" });
  const start = button(t("Train with the corrections"), async () => {
    const made = await ask("/api/retrain", { run: run.run });
    say(t("{run} has begun", { run: made.run }));
    await begun(made.run);
    location.href = `${runLink(made.run)}#training`;
  }, { class: "main", id: "retrain" });
  function tell() {
    const decided = data.lines.filter(line => line.correction).length;
    const changed = data.lines.filter(isChanged).length;
    start.disabled = !changed;
    count.textContent = decided
      ? t("{n} of {all} decided, {changed} to be changed; saved in mistakes.csv",
        { n: decided, all: number(data.total), changed })
      : t("{all} to look at: give each its right label, keep it, or drop it.",
        { all: number(data.total) });
  }
  const command = data.command
    ? h("details", {}, h("summary", {}, t("The command of the next training")),
      commandLine(data.command))
    : h("p", { class: "note" }, refused(data.problem));
  const place = h("section", { class: "card next" },
    h("div", { class: "title" }, count, data.command ? h("span", { class: "rest" }, start)
      : null), command);
  return { place, tell };
}

function table(data) {
  const names = Object.keys(data.lines[0]);
  return h("section", { class: "card" }, h("div", { class: "wide" }, h("table", {},
    h("thead", {}, h("tr", {}, names.map(name => h("th", { scope: "col" }, name)))),
    h("tbody", {}, data.lines.slice(0, 200).map(line =>
      h("tr", {}, names.map(name => h("td", {}, line[name]))))))));
}

