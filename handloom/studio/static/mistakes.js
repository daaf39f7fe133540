// Mistakes and likely wrong labels as cards: right label, drop or keep, into mistakes.csv.
import { ask, button, commandLine, fill, h, number, percent, query, runLink, say, t } from "/static/dom.js";

const PAGE = 48;

export async function mistakes(run) {
  const data = await ask(`/api/mistakes?${query({ run: run.run })}`);
  if (!data.is_editable) return table(data);
  const isText = "text" in data.lines[0], nameOf = line => isText ? line.text : line.file;
  const places = h("div", { class: isText ? "cards texts" : "cards" }), count = h("p", { class: "quiet", role: "status" });
  const problems = [...new Set(data.lines.map(line => line.problem.startsWith("duplicate") ? "duplicate" : line.problem))];
  const kind = h("select", { "aria-label": t("Which problem"), onchange: () => { shown = PAGE; draw(); } }, h("option", { value: "" }, t("all")), problems.map(name => h("option", { value: name }, t(name))));
  const more = button(t("Show more"), async () => { shown += PAGE; draw(); });
  const corrected = () => data.lines.filter(line => line.correction).length;
  let shown = PAGE;

  function draw() {
    const lines = data.lines.filter(line => line.problem.startsWith(kind.value));
    fill(places, lines.slice(0, shown).map(card));
    more.hidden = lines.length <= shown;
    tell();
    if (!isText) images(lines.slice(0, shown).map(line => line.file));
  }
  function tell() { count.textContent = t("{n} of {all} corrected; saved in mistakes.csv", { n: corrected(), all: number(data.total) }); start.disabled = !corrected(); }

  const loaded = new Map();
  async function images(names) {
    const missing = names.filter(name => !loaded.has(name));
    for (let at = 0; at < missing.length; at += PAGE) {
      const part = missing.slice(at, at + PAGE);
      try {
        const made = await ask("/api/thumbnails", { run: run.run, names: part });
        part.forEach(name => loaded.set(name, made[name] ?? null));
      } catch (error) { part.forEach(name => loaded.set(name, null)); fill(trouble, h("p", { class: "note" }, error.message)); }
      for (const image of places.querySelectorAll("img[data-file]")) {
        const address = loaded.get(image.dataset.file);
        if (address) { image.src = address; image.classList.remove("none"); }
      }
    }
  }
  const trouble = h("div");

  function card(line) {
    const state = h("p", { class: "decision" });
    const set = async wanted => {
      await ask("/api/mistakes", { run: run.run, corrections: [{ file: line.file ?? "", content: line.content, correction: wanted }] });
      line.correction = wanted;
      line.isKept = wanted === "";
      show(); tell();
    };
    const suggestion = line.likely_label || (line.predicted !== line.label ? line.predicted : "");
    const choose = h("select", { "aria-label": t("Right label of {file}", { file: nameOf(line).slice(0, 80) }), onchange: event => set(event.target.value).catch(error => say(error.message, "bad")) },
      h("option", { value: "" }, t("another label …")), data.classes.map(name => h("option", { value: name }, name)));
    const act = (label, wanted, title) => { const made = button(label, () => set(wanted), { class: "small", title }); made.dataset.value = wanted; return made; };
    const acts = [suggestion ? act(suggestion, suggestion, t("The right label is {label}", { label: suggestion })) : null, act(t("drop"), "drop", t("Leave it out")), act(t("keep"), "", t("The label is right"))];
    function show() {
      fill(state, line.correction ? [line.correction === "drop" ? t("is dropped") : `→ ${line.correction}`] : "");
      article.classList.toggle("decided", Boolean(line.correction));
      acts.forEach(each => each?.setAttribute("aria-pressed", String(each.dataset.value === line.correction && (line.correction !== "" || line.isKept))));
      choose.value = "";
    }
    const article = h("article", { class: "mistake", "aria-label": nameOf(line).slice(0, 80) },
      isText ? h("blockquote", { tabindex: "0" }, line.text) : h("img", { "data-file": line.file, alt: line.file, class: "none" }),
      h("p", {}, h("b", {}, line.label), line.predicted ? h("span", { class: "bad" }, ` ${t("predicted {label}", { label: line.predicted })}${line.confidence ? ` ${percent(Number(line.confidence))}` : ""}`) : null),
      h("p", { class: "small quiet" }, t(line.problem), line.likely_label ? `: ${line.likely_label}` : "", h("span", { class: "file", title: line.file }, isText ? line.split : `${line.split}: ${line.file}`)),
      state, h("div", { class: "acts" }, acts), choose);
    show();
    return article;
  }

  const start = button(t("Train with the corrections"), async () => {
    const made = await ask("/api/retrain", { run: run.run });
    say(t("{run} has begun", { run: made.run }));
    setTimeout(() => { location.href = "/"; }, 1500);
  }, { class: "main", id: "retrain" });
  const next = data.command ? [commandLine(data.command), h("p", {}, start)] : h("p", { class: "note" }, data.problem);
  draw();
  return [h("div", { class: "title" }, kind, count), trouble, places, more, h("section", { class: "card" }, h("h2", {}, t("The next training")), next)];
}

function table(data) {
  if (!data.lines.length) return h("p", { class: "quiet" }, t("There are no mistakes."));
  const names = Object.keys(data.lines[0]);
  return h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, names.map(name => h("th", { scope: "col" }, name)))),
    h("tbody", {}, data.lines.slice(0, 200).map(line => h("tr", {}, names.map(name => h("td", {}, line[name])))))));
}

export { runLink };
