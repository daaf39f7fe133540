// New images of a generator: a grid by a seed, and one by its latent, moved by sliders.
import { ask, button, fill, forget, h, newest, problem, query, t, waiting } from "/static/dom.js";
import { icon } from "/static/icons.js";
import { classChoice, paced, slider, whole } from "/static/sliders.js";
import { frames } from "/static/walk.js";

const COUNT = 36, MOST_SLIDERS = 32, RANGE = 3, STEP = 0.05;

export function generate(run) {
  const grid = h("div", { class: "samples pixels" }), trouble = h("div");
  const label = classChoice(run, t("all in turn")), seed = whole(t("Seed"), 0, { id: "seed" });
  const truncation = slider(t("Truncation"),
    { min: 0.1, max: 1, step: STEP, value: 1, id: "truncation" },
    paced(() => many()));
  const one = run.latent_dim ? oneOf(run, () => label?.value() ?? null) : null;

  function many() {
    if (!grid.childElementCount) fill(grid, waiting(t("Opening the network …")));
    const options = { count: COUNT, seed: Number(seed.value), truncation: truncation.value(),
      label: label?.value() ?? null };
    return newest(grid, sampled(run, options), made => {
      fill(trouble);
      fill(grid, made.images.map((address, i) => tile(made, address, i)));
    }, error => {
      grid.querySelector(".waiting")?.remove();
      fill(trouble, problem(error));
    });
  }
  function tile(made, address, i) {
    const named = made.labels[i] ? `, ${made.labels[i]}` : "";
    return h("button", { type: "button", class: "tile", title: made.labels[i] ?? "",
      "aria-label": t("image {n}", { n: i + 1 }) + named, onclick: event => {
        for (const each of grid.children)
          each.setAttribute("aria-pressed", String(each === event.currentTarget));
        one?.take(made.latents[i], made.labels[i]);
      } }, h("img", { src: address, alt: "" }));
  }
  seed.addEventListener("change", () => many());
  label?.select.addEventListener("change", () => { many(); one?.draw(); });
  const others = button([icon("shuffle"), t("Others")], async () => {
    seed.value = Math.floor(Math.random() * 1e6);
    await many();
  }, { class: "small", id: "others" });
  many().then(() => one?.draw());
  return h("section", { class: "card" }, h("h2", {}, t("New images")), trouble,
    h("div", { class: "two" },
      h("div", {}, h("div", { class: "row" }, h("span", { class: "label" }, t("Seed")), seed,
        others),
        truncation.row, label?.row, grid), one?.place));
}

const sampled = (run, options) => signal =>
  ask(`/api/sample?${query({ run: run.run })}`, { options }, signal);

/** The image of a latent, with its sliders, and a walk from it to another. */
function oneOf(run, label) {
  const size = run.latent_dim, few = Math.min(size, MOST_SLIDERS);
  const shown = h("div", { class: "single pixels" }), path = h("div", { class: "path" });
  const trouble = h("div");
  const advice = h("p", { class: "small quiet", role: "status" },
    t("Click an image to take its latent, then move it by the sliders."));
  let latent = Array(size).fill(0), start = null, named = null;
  const sliders = Array.from({ length: few }, (_, i) => slider(`z${i + 1}`,
    { min: -RANGE, max: RANGE, step: STEP, value: 0 },
      () => { latent[i] = sliders[i].value(); follow(); }));
  const follow = paced(() => draw());

  function draw() {
    const options = { latent: latent.join(","), label: label() };
    return newest(shown, sampled(run, options), made => {
      fill(trouble);
      shown.classList.toggle("several", made.images.length > 1);
      fill(shown, made.images.map((address, i) => h("figure", {},
        h("img", { src: address, alt: made.labels[i] ?? t("the image of these latents") }),
        made.labels[i] ? h("figcaption", {}, made.labels[i]) : null)));
    }, error => fill(trouble, problem(error)));
  }
  function arrive(ends) {
    const kind = label() ?? named;
    const asked = query({ run: run.run, ...(kind ? { class: kind } : {}) });
    return newest(path, signal => ask(`/api/interpolate?${asked}`, { latents: ends }, signal),
      made => {
        start = null;
        fill(path, frames(made.images));
        advice.textContent = t("The walk from the first image to the second.");
      });
  }
  function take(values, kind = null) {
    if (!start) named = kind;  // the class that a walk keeps
    latent = [...values];
    sliders.forEach((each, i) => each.set(latent[i]));
    draw();
    if (start) arrive([start, latent]);
  }
  const reset = button(t("All to 0"), async () => take(Array(size).fill(0)), { class: "small" });
  const leave = button(t("Walk from here"), async () => {
    start = [...latent];
    forget(path);
    fill(path);
    advice.textContent = t("Now click the image to walk to.");
  }, { class: "small", id: "walk-from" });
  const rest = size > few ? h("p", { class: "small quiet" },
    t("The first {few} of {size} are shown.", { few, size })) : null;
  const place = h("div", {}, shown, trouble, advice,
    h("div", { class: "sliders" }, sliders.map(each => each.row)),
    rest, h("div", { class: "acts" }, reset, leave), path);
  return { place, draw, take };
}
