// What a look at images with captions has seen: pairs, and what is not a pair.
import { h, noted, query, t } from "/static/dom.js";
import { number } from "/static/format.js";

/** record: what `handloom show --kind captions` says. */
export function captions(record) {
  const { words } = record, splits = Object.entries(record.splits);
  const sizes = splits.map(([name, split]) => `${number(split.pairs)} ${t(name)}`).join(" · ");
  return h("div", { class: "seen" },
    h("p", {}, h("b", {}, record.name), " · ", t("images with a caption: {sizes}", { sizes })),
    h("ul", {},
      h("li", {}, t("{n} captions, {different} different", { n: number(record.captions),
        different: number(record.different) })),
      h("li", {}, t("{min} to {max} words in a caption, {median} in the median",
        { min: number(words.min), max: number(words.max), median: number(words.median) })),
      parted(record), record.notes.map(note =>
        h("li", { class: "quiet" }, noted(note)))),
    h("div", { class: "pairs-seen" }, record.pairs.map(pair)), shared(record.shared));
}

/** Images without a caption, captions without an image, and rows and files that are broken. */
function parted(record) {
  const list = (kind, heading, entries, total, whole) => !total
    ? whole ? h("li", { class: "good" }, whole) : null
    : h("li", { class: kind }, heading, ": ", entries.join("; "),
      total > entries.length ? ` … ${t("and {n} more", { n: number(total - entries.length) })}`
        : null);
  return [
    list("note", t("{n} images without a caption", { n: number(record.without_caption_total) }),
      record.without_caption, record.without_caption_total, t("Every image has a caption.")),
    list("bad", t("{n} names with a caption, but without an image that can be read",
      { n: number(record.without_image_total) }),
    record.without_image.map(each => `${each.name} (${noted(each.reason)})`),
    record.without_image_total,
    t("Every caption has an image.")),
    list("bad", t("{n} broken files or rows", { n: number(record.broken_total) }),
      record.broken.map(each => `${each.path} (${noted(each.reason)})`), record.broken_total),
    record.duplicates_total ? h("li", { class: "note" },
      duplicates(record.duplicates_total)) : null];
}

/** How many groups of near-duplicates there are. */
export const duplicates = count => count === 1 ? t("1 group of near-duplicates")
  : t("{n} groups of near-duplicates", { n: number(count) });

function pair({ name, file, captions: texts }) {
  const image = file ? h("img", { src: `/api/data-image?${query({ path: file })}`, alt: name,
    loading: "lazy", onerror: event => event.target.replaceWith(name) }) : null;
  return h("figure", {}, image ?? h("span", { class: "small quiet file" }, name),
    h("figcaption", {}, texts.map(text => h("p", { class: "name" }, text))));
}

const shared = entries => !entries.length ? null : h("div", { class: "wide" }, h("table", {},
  h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("a caption of several images")),
    h("th", { scope: "col", class: "number" }, t("images")))),
  h("tbody", {}, entries.map(each => h("tr", {}, h("th", { scope: "row" }, each.caption),
    h("td", { class: "number" }, number(each.images)))))));
