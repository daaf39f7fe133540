// What generators are asked with: a slider, the choice of a class, and the pace of a drag.
import { h, t } from "/static/dom.js";
import { number } from "/static/format.js";

export function slider(label, properties, onInput) {
  const value = h("output", {}, number(properties.value));
  const range = h("input", { type: "range", "aria-label": label, ...properties, oninput: () => {
    value.textContent = number(Number(range.value));
    onInput?.();
  } });
  const set = to => {
    range.value = to;
    value.textContent = number(Number(range.value));
  };
  const row = h("div", { class: "row" }, h("span", { class: "label" }, label), range, value);
  return { row, set, value: () => Number(range.value) };
}

/** Of a conditional run; first: what stands for all classes, where that can be. */
export function classChoice(run, first = null) {
  if (!run.conditional || !run.classes?.length) return null;
  const select = h("select", { "aria-label": t("Class") }, first
    ? h("option", { value: "" }, first) : null,
    run.classes.map(name => h("option", { value: name }, name)));
  const row = h("div", { class: "row" }, h("span", { class: "label" }, t("Class")), select);
  return { select, row, value: () => select.value || null };
}

export function whole(label, value, properties = {}) {
  return h("input", { type: "number", min: 0, max: 4294967295, value, class: "short",
    "aria-label": label, ...properties });
}

/**
 * What a slider calls, which is dragged faster than is answered: one request at a time, the last
 * with where the slider came to rest. (Aborting each for the next would show nothing meanwhile.)
 */
export function paced(action) {
  let isBusy = false, isAsked = false;
  return async function go() {
    isAsked = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isAsked) { isAsked = false; await action(); }
    } finally {
      isBusy = false;
    }
  };
}
