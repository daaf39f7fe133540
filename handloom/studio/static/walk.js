// A walk between two images, or between what two seeds generate.
import { ask, button, h, query, showIn, t } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";
import { classChoice, whole } from "/static/sliders.js";

/** Frames side by side; the one under the slider is large. */
export function frames(images) {
  const large = h("img", { class: "step", src: images[0], alt: t("step {n}", { n: 1 }) });
  const range = h("input", { type: "range", min: 1, max: images.length, value: 1,
    "aria-label": t("Step of the walk"), oninput: () => {
      large.src = images[range.value - 1];
      large.alt = t("step {n}", { n: range.value });
    } });
  return [h("div", { class: "walked pixels" }, large, range),
    h("div", { class: "walk pixels", "aria-hidden": "true" },
      images.map(address => h("img", { src: address, alt: "" })))];
}

export function walk(run, takes) {
  const result = h("div", { class: "result" }), label = classChoice(run);
  const address = () =>
    `/api/interpolate?${query({ run: run.run, ...(label ? { class: label.value() } : {}) })}`;
  let given = null;
  const show = body => {
    given = body;
    return showIn(result, t("Opening the network …"), signal => ask(address(), body, signal),
      made => frames(made.images));
  };
  label?.select.addEventListener("change", () => { if (given) show(given); });
  const heading = takes === "seed" ? t("A walk between two seeds") : t("A walk between two images");
  return h("section", { class: "card", id: "walk" }, h("h2", {}, heading), label?.row,
    takes === "seed" ? betweenSeeds(show) : betweenImages(show), result);
}

function betweenSeeds(show) {
  const ends = [whole(t("First seed"), 3), whole(t("Second seed"), 7)];
  return h("div", { class: "row" }, h("span", { class: "label" }, t("Seeds")), ends,
    button(t("Walk"), () => show({ seeds: ends.map(end => Number(end.value)) }),
      { class: "main" }));
}

function betweenImages(show) {
  const given = [null, null];
  const place = (i, label) => dropPlace(label, async file => {
    given[i] = file;
    if (!given[0] || !given[1]) return;
    const form = new FormData();
    form.append("a", given[0], "a");
    form.append("b", given[1], "b");
    await show(form);
  });
  return h("div", { class: "two" }, place(0, t("From this image")), place(1, t("To this image")));
}
