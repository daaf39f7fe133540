// A network that writes, character by character, as one watches.
import { Refused, button, fill, h, query, request, t, unanswered } from "/static/dom.js";
import { slider, whole } from "/static/sliders.js";

/** The next part of an answer, which a server that ends breaks off. */
async function next(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(unanswered());
  }
}

export function write(run) {
  const out = h("pre", { class: "written", role: "region", tabindex: "0",
    "aria-label": t("What it wrote") },
    h("span", { class: "quiet" },
      t("What the network writes appears here, character by character.")));
  const prefix = h("textarea", { rows: 3, id: "prefix", "aria-label": t("Beginning"),
    placeholder: t("How the text begins; may be left empty") });
  const temperature = slider(t("Temperature"),
    { min: 0, max: 2, step: 0.05, value: 0.8, id: "temperature" });
  const length = whole(t("Length"), 400, { min: 1, max: 20000, id: "length" });
  const seed = whole(t("Seed"), 0);
  let stop = null;
  const end = h("button", { type: "button", disabled: true, onclick: () => stop?.abort() },
    t("Stop"));

  async function follow() {
    stop = new AbortController();
    fill(out, h("b", {}, prefix.value));
    const options = { prefix: prefix.value, temperature: temperature.value(),
      length: Number(length.value), seed: Number(seed.value) };
    const answer = await request(`/api/write?${query({ run: run.run })}`, { options }, stop.signal);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await next(reader); !part.done; part = await next(reader)) {
      out.append(part.value);
      out.scrollTop = out.scrollHeight;
      if (!out.isConnected) stop.abort();  // nobody reads on
    }
  }
  const go = button(t("Write"), async () => {
    end.disabled = false;
    try {
      await follow();
    } finally {
      if (document.activeElement === end) out.focus();  // what is disabled cannot have it
      end.disabled = true;
    }
  }, { class: "main", id: "write" });
  const labelled = (name, field) => h("div", { class: "row" },
    h("span", { class: "label" }, name), field);
  return h("section", { class: "card" }, h("h2", {}, t("Let it write")),
    h("div", { class: "two writing" },
    h("div", {}, prefix, temperature.row,
      h("p", { class: "small quiet" },
        t("0 always takes the likeliest character; above 1 it dares more.")),
      labelled(t("Length"), length), labelled(t("Seed"), seed),
        h("div", { class: "row" }, go, end)), out));
}
