// A field of a form for one option of a training.
import { h, t } from "/static/dom.js";
import { optionName } from "/static/format.js";

/** about: name, flag, kind, range and default of an option. set: called with name and value. */
export function field(about, set) {
  const id = `option-${about.name}`, help = `${id}-help`;
  const by = { id, "aria-describedby": help };
  return h("div", { class: "field" }, h("label", { for: id }, optionName(about.flag)),
    control(about, by, value => set(about.name, value)),
    h("p", { class: "small quiet", id: help }, t(about.help)));
}

function control(about, by, set) {
  const usual = about.is_open ? t("chosen for you") : usualText(about.default);
  if (about.kind === "switch") {
    const texts = { "": usual, true: t("yes"), false: t("no") };
    return select(by, texts, value => set(value === "" ? null : value === "true"));
  }
  if (about.kind === "choice")
    return select(by, { "": usual,
      ...Object.fromEntries(about.choices.map(each => [each, each])) }, set);
  const isText = about.kind === "text";
  return h("input", { ...by, type: isText ? "text" : "number", step: about.kind === "whole" ? 1
    : "any",
    min: about.low, max: about.high, placeholder: usual,
    oninput: event => set(isText ? event.target.value.trim()
      : event.target.value === "" ? null : Number(event.target.value)) });
}

const usualText = value => value === true ? t("yes") : value === false ? t("no")
  : value === "" ? t("none") : String(value);

function select(by, texts, set) {
  return h("select", { ...by, onchange: event => set(event.target.value) },
    Object.entries(texts).map(([value, text]) => h("option", { value }, text)));
}
