// Predictions of an image or a text: the likeliest classes, and what spoke for the first.
import { ask, button, fill, h, percent, query, t, waiting } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";

const MOST = 8;

function unsure() {
  const value = h("output", {}, "50 %");
  const range = h("input", { type: "range", min: 0, max: 99, step: 1, value: 50, id: "unsure", oninput: () => { value.textContent = `${range.value} %`; } });
  return { range, row: h("div", { class: "row" }, h("label", { for: "unsure" }, t("Not sure below")), range, value) };
}

function answers(record, threshold, calibrated) {
  const classes = Object.entries(record.probabilities ?? {}).sort((a, b) => b[1] - a[1]);
  const isUnsure = record.probability < threshold;
  return h("div", { class: "answer", "aria-live": "polite" },
    h("p", { class: isUnsure ? "verdict unsure" : "verdict" }, isUnsure ? [t("Not sure"), h("span", { class: "quiet" }, ` – ${t("perhaps {label}", { label: classes[0][0] })}`)] : record.label ?? classes[0][0]),
    record.note ? h("p", { class: "note" }, record.note) : null,
    h("ol", { class: "bars" }, classes.slice(0, MOST).map(([name, value]) => h("li", {}, h("span", { class: "name" }, name),
      h("span", { class: "bar", "aria-hidden": "true" }, h("i", { style: { width: `${100 * value}%` } })), h("span", { class: "number" }, percent(value))))),
    classes.length > MOST ? h("p", { class: "small quiet" }, t("and {n} further classes", { n: classes.length - MOST })) : null,
    calibrated ? null : h("p", { class: "small quiet" }, t("The probabilities of this run are not calibrated.")));
}

export function predictImage(run) {
  const result = h("div", { class: "result" }), sure = unsure();
  const labels = run.verbs.predict.options.some(option => option.name === "labels")
    ? h("input", { type: "text", id: "labels", placeholder: (run.classes ?? ["shoes", "dress"]).slice(0, 6).join(", ") }) : null;
  let last = null, stop = new AbortController();
  const show = () => {
    if (!last) return;
    fill(result, answers(last, Number(sure.range.value) / 100, "temperature" in run), last.heated ? h("figure", { class: "why" },
      h("img", { src: last.heated, alt: t("Where it looks: red is what spoke most for {label}", { label: last.label }) }),
      h("figcaption", {}, t("Where it looks (Grad-CAM): red is what spoke most for the answer."))) : null);
  };
  const place = dropPlace(t("Give an image"), async file => {
    stop.abort();
    stop = new AbortController();
    last = null;
    fill(result, waiting(t("Looking … (the first answer takes some seconds)")));
    try { last = await ask(`/api/predict?${query({ run: run.run, explain: 1, ...(labels?.value.trim() ? { labels: labels.value.trim() } : {}) })}`, file, stop.signal); }
    catch (error) { if (error.name !== "AbortError") fill(result, h("p", { class: "problem", role: "alert" }, error.message)); return; }
    show();
  });
  sure.range.addEventListener("input", show);
  return h("section", { class: "card" }, h("h2", {}, t("What is in this image?")), labels ? h("p", {}, h("label", { for: "labels" }, t("Classes to choose from, with commas")), labels) : null, h("div", { class: "two" }, place, h("div", {}, result, sure.row)));
}

export function predictText(run) {
  const result = h("div", { class: "result" }), sure = unsure();
  const text = h("textarea", { rows: 5, id: "text", placeholder: t("Write or paste a text") });
  let last = null;
  const show = () => last && fill(result, answers(last, Number(sure.range.value) / 100, "temperature" in run), last.words ? marked(last.words) : null);
  const go = button(t("Classify"), async () => {
    fill(result, waiting(t("Reading … (the first answer takes some seconds)")));
    try { last = await ask(`/api/predict?${query({ run: run.run, explain: 1 })}`, { text: text.value }); show(); }
    catch (error) { last = null; fill(result, h("p", { class: "problem", role: "alert" }, error.message)); }
  }, { class: "main", id: "classify" });
  text.addEventListener("keydown", event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) go.click(); });
  sure.range.addEventListener("input", show);
  return h("section", { class: "card" }, h("h2", {}, t("Which class is this text?")), h("div", { class: "two" },
    h("div", {}, h("label", { for: "text", class: "unseen" }, t("Text")), text, h("p", {}, go, h("span", { class: "small quiet" }, " Ctrl+Enter"))), h("div", {}, result, sure.row)));
}

/** Words shaded by how much they speak for the answer (green) or against it (red). */
function marked(words) {
  const strongest = Math.max(...words.map(word => Math.abs(word[1])), 1e-6);
  return h("figure", { class: "why" }, h("p", { class: "marked" }, words.flatMap(([text, weight, known]) => {
    const strength = Math.abs(weight) / strongest;
    if (strength < 0.15) return [known ? text : h("span", { class: "quiet", title: t("not known to the network") }, text), " "];
    const level = Math.min(4, Math.ceil(strength * 4));
    return [h("mark", { class: `${weight > 0 ? "for" : "against"} l${level}`, title: `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(2)}` }, text), " "];
  })), h("figcaption", {}, t("Green words speak for the answer, red ones against it; grey ones are not known to the network.")));
}
