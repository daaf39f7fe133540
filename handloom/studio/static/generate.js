// What generative runs make: images from latents, reconstructions, walks, and texts.
import { ask, button, fill, h, number, query, t, waiting } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";

const MOST_SLIDERS = 32, RANGE = 3;

function slider(label, properties, onInput) {
  const value = h("output", {}, number(properties.value));
  const range = h("input", { type: "range", "aria-label": label, ...properties, oninput: () => { value.textContent = number(Number(range.value)); onInput?.(); } });
  return { range, set(to) { range.value = to; value.textContent = number(Number(range.value)); }, row: h("div", { class: "row" }, h("span", { class: "label" }, label), range, value) };
}

function classChoice(run, first) {
  if (!run.conditional || !run.classes?.length) return null;
  const select = h("select", { "aria-label": t("Class") }, first ? h("option", { value: "" }, first) : null, run.classes.map(name => h("option", { value: name }, name)));
  return { select, row: h("div", { class: "row" }, h("span", { class: "label" }, t("Class")), select) };
}

/** Only the newest of several requests counts; they are made one after the other. */
function latest(action) {
  let isBusy = false, again = false;
  return async function go() {
    if (isBusy) { again = true; return; }
    isBusy = true;
    try { do { again = false; await action(); } while (again); } finally { isBusy = false; }
  };
}

export function generate(run) {
  const grid = h("div", { class: "grid pixels" }), one = h("div", { class: "one pixels" }), trouble = h("div");
  const label = classChoice(run, t("all in turn"));
  const seed = h("input", { type: "number", min: 0, max: 4294967295, value: 0, "aria-label": t("Seed"), class: "short" });
  const truncation = slider(t("Truncation"), { min: 0.1, max: 1, step: 0.05, value: 1 }, () => many());
  const size = run.latent_dim ?? 0;
  const few = Math.min(size, MOST_SLIDERS);
  let latent = Array(size).fill(0);
  const sliders = Array.from({ length: few }, (_, i) => slider(`z${i + 1}`, { min: -RANGE, max: RANGE, step: 0.05, value: 0 }, () => { latent[i] = Number(sliders[i].range.value); single(); }));

  const refused = async action => { try { await action(); fill(trouble); } catch (error) { fill(trouble, h("p", { class: "problem", role: "alert" }, error.message)); } };
  const many = latest(() => refused(async () => {
    if (!grid.childElementCount) fill(grid, waiting(t("Opening the network …")));
    const options = { count: 36, seed: Number(seed.value), truncation: Number(truncation.range.value), label: label?.select.value || null };
    const made = await ask(`/api/sample?${query({ run: run.run })}`, { options });
    fill(grid, made.images.map((address, i) => h("button", { type: "button", class: "tile", title: made.labels[i] ?? "",
      "aria-label": t("image {n}", { n: i + 1 }) + (made.labels[i] ? `, ${made.labels[i]}` : ""), onclick: () => take(made.latents[i], i) }, h("img", { src: address, alt: "" }))));
  }));
  const single = latest(() => refused(async () => {
    const made = await ask(`/api/sample?${query({ run: run.run })}`, { options: { latent: latent.join(","), label: label?.select.value || null } });
    fill(one, made.images.map((address, i) => h("img", { src: address, alt: made.labels[i] ?? t("the image of these latents") })));
  }));
  function take(values, place) {
    latent = [...values];
    sliders.forEach((each, i) => each.set(latent[i]));
    grid.querySelectorAll(".tile").forEach((tile, i) => tile.setAttribute("aria-pressed", String(i === place)));
    single();
  }
  seed.addEventListener("change", () => many());
  label?.select.addEventListener("change", () => { many(); single(); });
  many().then(() => size && single());
  return h("section", { class: "card" }, h("h2", {}, t("New images")), trouble, h("div", { class: "controls" },
    h("div", { class: "row" }, h("span", { class: "label" }, t("Seed")), seed, button(t("Others"), async () => { seed.value = Math.floor(Math.random() * 1e6); await many(); }, { class: "small", id: "others" })),
    truncation.row, label?.row), h("div", { class: "two" }, grid, size ? h("div", {}, one,
      h("p", { class: "small quiet" }, t("Click an image to take its latent, and move it by the sliders."), size > few ? ` ${t("The first {few} of {size} are shown.", { few, size })}` : ""),
      h("div", { class: "sliders" }, sliders.map(each => each.row)), button(t("All to 0"), async () => { latent.fill(0); sliders.forEach(each => each.set(0)); await single(); }, { class: "small" })) : null));
}

export function reconstruct(run) {
  const result = h("div", { class: "result" }), label = classChoice(run, null);
  const place = dropPlace(t("Give an image"), async file => {
    fill(result, waiting(t("Opening the network …")));
    try {
      const made = await ask(`/api/reconstruct?${query({ run: run.run, ...(label ? { class: label.select.value } : {}) })}`, file);
      fill(result, h("div", { class: "pair pixels" }, h("figure", {}, h("img", { src: made.original, alt: t("as the network sees it") }), h("figcaption", {}, t("as the network sees it"))),
        h("figure", {}, h("img", { src: made.image, alt: t("reconstructed") }), h("figcaption", {}, t("reconstructed")))),
        h("p", { class: "quiet" }, t("mean squared error of a pixel: {error}", { error: number(made.error) })),
        h("details", {}, h("summary", {}, t("Its latent")), h("code", {}, made.latent.join(", "))));
    } catch (error) { fill(result, h("p", { class: "problem", role: "alert" }, error.message)); }
  });
  return h("section", { class: "card" }, h("h2", {}, t("Encode and reconstruct")), label?.row, h("div", { class: "two" }, place, result));
}

export function walk(run, takes) {
  const frames = h("div", { class: "walk pixels" }), label = classChoice(run, null);
  const address = () => `/api/interpolate?${query({ run: run.run, ...(label ? { class: label.select.value } : {}) })}`;
  const show = made => fill(frames, made.images.map((image, i) => h("img", { src: image, alt: t("step {n}", { n: i + 1 }) })));
  const section = (...content) => h("section", { class: "card" }, h("h2", {}, t("A walk between two")), label?.row, content, frames);
  if (takes === "seed") {
    const ends = [3, 7].map((value, i) => h("input", { type: "number", min: 0, value, class: "short", "aria-label": i ? t("Second seed") : t("First seed") }));
    return section(h("div", { class: "row" }, ends, button(t("Walk"), async () => show(await ask(address(), { seeds: ends.map(end => Number(end.value)) })), { class: "main" })));
  }
  const given = [null, null];
  const place = i => dropPlace(i ? t("to this one") : t("from this image"), async file => {
    given[i] = file;
    if (!given[0] || !given[1]) return;
    const form = new FormData();
    form.append("a", given[0], "a"); form.append("b", given[1], "b");
    fill(frames, waiting());
    try { show(await ask(address(), form)); } catch (error) { fill(frames, h("p", { class: "problem", role: "alert" }, error.message)); }
  });
  return section(h("div", { class: "two" }, place(0), place(1)));
}

export function write(run) {
  const out = h("pre", { class: "written", role: "region", tabindex: "0", "aria-label": t("What it wrote") });
  const prefix = h("textarea", { rows: 2, id: "prefix", "aria-label": t("Beginning") });
  const temperature = slider(t("Temperature"), { min: 0, max: 2, step: 0.05, value: 0.8 });
  const length = h("input", { type: "number", min: 1, max: 20000, value: 400, class: "short", "aria-label": t("Length") });
  const seed = h("input", { type: "number", min: 0, value: 0, class: "short", "aria-label": t("Seed") });
  let stop = null;
  const end = h("button", { type: "button", disabled: true, onclick: () => stop?.abort() }, t("Stop"));
  const go = button(t("Write"), async () => {
    stop = new AbortController();
    end.disabled = false;
    fill(out, h("b", {}, prefix.value));
    const options = { prefix: prefix.value, temperature: Number(temperature.range.value), length: Number(length.value), seed: Number(seed.value) };
    try {
      const answer = await fetch(`/api/write?${query({ run: run.run })}`, { method: "POST", signal: stop.signal, headers: { "content-type": "application/json" }, body: JSON.stringify({ options }) });
      if (!answer.ok) throw new Error((await answer.json()).error);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) { out.append(part.value); out.scrollTop = out.scrollHeight; }
    } finally { end.disabled = true; }
  }, { class: "main", id: "write" });
  return h("section", { class: "card" }, h("h2", {}, t("Let it write")), h("div", { class: "controls" },
    h("div", { class: "row" }, h("span", { class: "label" }, t("Beginning")), prefix), temperature.row,
    h("div", { class: "row" }, h("span", { class: "label" }, t("Length")), length, h("span", { class: "label" }, t("Seed")), seed),
    h("div", { class: "row" }, go, end)), out);
}
