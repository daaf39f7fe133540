// What a look at data has seen: splits, classes, and what is wrong with them.
import { captions, duplicates } from "/static/captions.js";
import { h, noted, t } from "/static/dom.js";
import { number } from "/static/format.js";

const MOST = 40;  // classes

/** record: what `handloom show` says of images, of labelled texts, of running text or of
 * images with captions. */
export function contents(record) {
  if (record.kind === "corpus") return corpus(record);
  if (record.kind === "captions") return captions(record);
  const splits = Object.entries(record.splits ?? {}), classes = record.classes ?? [];
  const sizes = splits.map(([name, split]) =>
    `${number(split.images ?? split.texts)} ${t(name)}`).join(" · ");
  return h("div", { class: "seen" },
    h("p", {}, h("b", {}, record.name), sizes ? ` · ${sizes}` : ""),
    h("ul", {}, record.kind === "texts" ? lengths(record) : damage(record), notes(record)),
    classes.length ? table(splits, classes) : null,
    classes.length > MOST ? h("p", { class: "small quiet" },
      t("Further classes: {n}.", { n: classes.length - MOST })) : null);
}

const notes = record => (record.notes ?? []).map(note =>
  h("li", { class: "quiet" }, noted(note)));

const lengths = ({ words }) => h("li", {}, t("{min} to {max} words in a text, {median} in the median",
  { min: number(words.min), max: number(words.max), median: number(words.median) }));

function corpus(record) {
  const different = [...record.alphabet].length;
  return h("div", { class: "seen" },
    h("p", {}, h("b", {}, record.name), " · ", t("{n} characters in {lines} lines",
      { n: number(record.characters), lines: number(record.lines) })),
    h("ul", {}, h("li", {}, t("{n} different characters, {rare} of them less than 5 times",
      { n: number(different), rare: number(record.rare) })), notes(record)),
    h("pre", { tabindex: "0", "aria-label": t("How it begins") }, record.beginning));
}

/** Broken files, and images that are there twice. */
function damage(record) {
  const broken = record.broken_total
    ? h("li", { class: "bad" }, record.broken_total === 1
      ? t("1 broken file") : t("{n} broken files", { n: number(record.broken_total) }), ": ",
      record.broken.map(entry => `${entry.path} (${noted(entry.reason)})`).join("; "))
    : h("li", { class: "good" }, t("No file is broken."));
  const doubled = record.duplicates_total
    ? h("li", { class: "note" }, duplicates(record.duplicates_total))
    : h("li", { class: "good" }, t("No image is there twice."));
  return [broken, doubled];
}

function table(splits, classes) {
  const most = Math.max(1, ...splits.map(([, split]) => Math.max(0,
    ...Object.values(split.classes ?? {}))));
  const cell = (split, name) => {
    const count = split.classes?.[name] ?? 0;
    return h("td", { class: "number" },
      h("span", { class: "meter", style: { width: `${60 * count / most}%` } }), number(count));
  };
  return h("div", { class: "wide" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("class")),
      splits.map(([name]) => h("th", { scope: "col", class: "number" }, t(name))))),
    h("tbody", {}, classes.slice(0, MOST).map(name => h("tr", {}, h("th", { scope: "row" }, name),
      splits.map(([, split]) => cell(split, name)))))));
}
