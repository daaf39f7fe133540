// Filters from the columns of an index: values to choose, ends of numbers and dates, a condition.
import { ask, fill, h, query, t } from "/static/dom.js";
import { number, title } from "/static/format.js";

const CHOOSABLE = 60;  // values of a column that are offered as a choice; above, as one types

const quoted = text => `'${String(text).replace(/'/g, "''")}'`;
const named = column => /^[a-z_]\w*$/i.test(column) ? column : `"${column.replace(/"/g, '""')}"`;

/** A person with clothes to sell takes "size" for theirs. */
const shown = column => column === "size" ? t("file size in bytes") : title(column);

/** onChange: called when another condition is wanted. */
export function filters(index, columns, onChange) {
  const fields = h("div", { class: "filters" }), made = [];
  const typed = h("input", { type: "text", id: "where",
    placeholder: "label = 'dress' and size > 10000",
    "aria-describedby": "where-help", onchange: onChange });
  const place = h("div", {}, fields, h("details", {}, h("summary", {}, t("Write a condition")),
    h("label", { for: "where", class: "unseen" }, t("Condition")), typed,
    h("p", { class: "small quiet", id: "where-help" },
      t("The columns are {columns}.", { columns: Object.keys(columns).join(", ") }))));
  ask(`/api/facets?${query({ index })}`).then(facets => {
    for (const [column, facet] of Object.entries(facets)) made.push(field(column, facet, onChange));
    fill(fields, made.map(each => each.place));
  }).catch(() => { /* an index that is too large, or gone: the condition can still be written */ });
  const condition = () => [...made.map(each => each.condition()), typed.value.trim()
    ? `(${typed.value.trim()})` : ""]
    .filter(Boolean).join(" and ");
  return { place, condition };
}

function field(column, facet, onChange) {
  if (facet.kind === "number") return between(column, facet, onChange, "number", value => value);
  if (facet.kind === "date") return between(column, facet, onChange, "date", quoted);
  return facet.values.length <= CHOOSABLE ? choice(column, facet, onChange)
    : words(column, facet, onChange);
}

const labelled = (column, ...controls) => h("div", { class: "filter" },
  h("span", { class: "small quiet" }, shown(column)), h("div", {}, controls));

function choice(column, facet, onChange) {
  const select = h("select",
    { "aria-label": shown(column), "data-column": column, onchange: onChange },
    h("option", { value: "" }, t("any")),
    facet.values.map(([value, count]) => h("option", { value }, `${value} (${number(count)})`)));
  return { place: labelled(column, select),
    condition: () => select.value ? `${named(column)} = ${quoted(select.value)}` : "" };
}

function words(column, facet, onChange) {
  const id = `values-of-${column}`;
  const input = h("input", { type: "text", list: id, "aria-label": shown(column),
    "data-column": column,
    placeholder: t("any"), onchange: onChange });
  const list = h("datalist", { id }, facet.values.map(([value]) => h("option", { value })));
  return { place: labelled(column, input, list),
    condition: () => input.value.trim() ? `${named(column)} = ${quoted(input.value.trim())}` : "" };
}

/** From one value to another; text: a value as it stands in a condition. */
function between(column, facet, onChange, type, text) {
  const end = (label, value) => h("input", { type, "aria-label": `${shown(column)}: ${label}`,
    "data-column": column, placeholder: type === "number" ? String(value) : "",
      min: type === "number" ? facet.low : null,
    step: "any", onchange: onChange });
  const low = end(t("from"), facet.low), high = end(t("to"), facet.high);
  const last = value => type === "date" ? `${value} 23:59` : value;
  return { place: labelled(column, low, h("span", { class: "quiet" }, "–"), high),
    condition: () => [
    low.value ? `${named(column)} >= ${text(low.value)}` : "",
    high.value ? `${named(column)} <= ${text(last(high.value))}`
      : ""].filter(Boolean).join(" and ") };
}
