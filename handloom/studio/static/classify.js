// Predictions of an image or a text: the likeliest classes, and what spoke for the first.
import { ask, button, fill, h, newest, problem, query, t, waiting } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";
import { percent } from "/static/format.js";

const MOST = 8;  // classes

/** A slider below which an answer counts as not sure. */
function threshold(onInput) {
  const value = h("output", { for: "unsure" }, "50 %");
  const range = h("input", { type: "range", min: 0, max: 99, step: 1, value: 50, id: "unsure",
    oninput: () => { value.textContent = `${range.value} %`; onInput(); } });
  const row = h("div", { class: "row unsure-row", hidden: true },
    h("label", { for: "unsure", class: "label" }, t("Not sure below")), range, value);
  return { row, share: () => Number(range.value) / 100 };
}

function bar([name, value], i) {
  return h("li", { class: i ? "" : "first" }, h("span", { class: "name" }, name),
    h("span", { class: "track", "aria-hidden": "true" },
      h("i", { style: { width: `${100 * value}%` } })),
    h("span", { class: "number" }, percent(value)));
}

function answers(record, least, isCalibrated) {
  if (record.error) return problem(new Error(record.error));
  const classes = Object.entries(record.probabilities ?? {}).sort((a, b) => b[1] - a[1]);
  const isUnsure = record.probability < least, first = record.label ?? classes[0][0];
  const verdict = isUnsure ? [t("Not sure"),
    h("small", {}, t("perhaps {label}", { label: classes[0][0] }))]
    : [first, h("small", {}, percent(record.probability))];
  return h("div", { class: "answer", "aria-live": "polite" },
    h("p", { class: isUnsure ? "verdict unsure" : "verdict" }, verdict),
    record.note ? h("p", { class: "note" }, record.note) : null,
    h("ol", { class: "bars" }, classes.slice(0, MOST).map(bar)),
    h("p", { class: "small quiet" }, [
      classes.length > MOST ? t("Further classes: {n}.", { n: classes.length - MOST }) : "",
      isCalibrated ? t("The probabilities are calibrated on data that were held out.")
        : t("The probabilities of this run are not calibrated.")].filter(Boolean).join(" ")));
}

/** Asks for a prediction. show: called with each record, or null. */
const asker = (run, notice, result, show) => (body, more = {}) => {
  show(null);
  fill(result, waiting(notice));
  const address = `/api/predict?${query({ run: run.run, explain: 1, ...more })}`;
  return newest(result, signal => ask(address, body, signal), show);
};

/** What is given on the left, the answer on the right, and what spoke for it. */
function card(run, heading, notice, awaits, { given, why }) {
  const result = h("div", { class: "result" }, h("p", { class: "awaits" }, awaits));
  const reasons = h("div", { class: "reasons" });
  let record = null;
  const unsure = threshold(() => draw());
  const draw = () => {
    unsure.row.hidden = !record || Boolean(record.error);
    fill(reasons, record ? why(record) : null);
    if (record) fill(result, answers(record, unsure.share(), "temperature" in run));
  };
  const classify = asker(run, notice, result, answer => { record = answer; draw(); });
  return h("section", { class: "card" }, h("h2", {}, heading), h("div", { class: "two" },
    h("div", { class: "giving" }, h("div", {}, given(classify)), reasons),
      h("div", {}, result, unsure.row)));
}

export function predictImage(run) {
  const takesLabels = run.verbs.predict.options.some(option => option.name === "labels");
  const labels = h("input", { type: "text", id: "labels",
    placeholder: (run.classes ?? ["shoes", "dress"]).slice(0, 6).join(", ") });
  const given = classify => {
    const place = dropPlace(t("Give an image"), file => {
      const typed = takesLabels && labels.value.trim();
      return classify(file, typed ? { labels: typed } : {});
    });
    return takesLabels ? [h("p", {}, h("label", { for: "labels" },
      t("Classes to choose from, with commas")), labels), place] : place;
  };
  const why = record => record.heated ? h("figure", { class: "why" },
    h("img", { src: record.heated,
      alt: t("Where the network looks: red spoke most for {label}", { label: record.label }) }),
    h("figcaption", {}, h("b", {}, t("Where it looks")), " ",
      t("Red spoke most for the answer (Grad-CAM)."))) : null;
  return card(run, t("What is in this image?"),
    t("Looking … (the first answer takes some seconds)"),
    t("The classes and their probabilities appear here."), { given, why });
}

export function predictText(run) {
  const text = h("textarea", { rows: 6, id: "text", "aria-label": t("Text"),
    placeholder: t("Write or paste a text") });
  const given = classify => {
    const go = button(t("Classify"), () => classify({ text: text.value }),
      { class: "main", id: "classify" });
    text.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) go.click();
    });
    return [text, h("p", { class: "acts" }, go,
      h("span", { class: "small quiet" }, "Ctrl + Enter"))];
  };
  return card(run, t("Which class is this text?"),
    t("Reading … (the first answer takes some seconds)"),
    t("The classes and their probabilities appear here."),
    { given, why: record => record.words ? marked(record.words) : null });
}

/** Words shaded by how much they speak for the answer (green) or against it (red). */
function marked(words) {
  const strongest = Math.max(...words.map(word => Math.abs(word[1])), 1e-6);
  const shaded = ([text, weight, isKnown]) => {
    const strength = Math.abs(weight) / strongest;
    if (!isKnown) return h("span", { class: "quiet", title: t("not known to the network") }, text);
    if (strength < 0.15) return text;
    const kind = `${weight > 0 ? "for" : "against"} l${Math.min(4, Math.ceil(strength * 4))}`;
    return h("mark", { class: kind,
      title: `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(2)}` }, text);
  };
  return h("figure", { class: "why" },
    h("p", { class: "marked" }, words.flatMap(word => [/^[.,;:!?)\]]/.test(word[0]) ? "" : " ",
    shaded(word)])),
    h("figcaption", {}, h("b", {}, t("What spoke for it")), " ",
      t("Green words speak for the answer, red ones against it; grey ones are unknown.")));
}
