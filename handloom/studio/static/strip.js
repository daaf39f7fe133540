// The images that a run has made, such as the frames of a painting: one large, all as a strip.
import { fill, h, query, t } from "/static/dom.js";
import { icon } from "/static/icons.js";

const PACE = 180;  // ms a frame

export function strip(run) {
  const names = run.images, address = name => `/image?${query({ run: run.run, name })}`;
  const large = h("img", { class: "large" }), label = h("p", { class: "quiet", role: "status" });
  const range = h("input", { type: "range", min: 0, max: names.length - 1,
    "aria-label": t("Which image"),
    oninput: event => choose(Number(event.target.value)) });
  const frames = names.map((name, i) => h("button",
    { type: "button", class: "frame", "aria-label": name,
    onclick: () => choose(i) }, h("img", { src: address(name), alt: "", loading: "lazy" })));
  const play = h("button", { type: "button", class: "small", id: "play",
    onclick: () => playThrough() },
    icon("play"), t("Play"));
  let timer = null, current = 0;

  function choose(i) {
    current = i;
    large.src = address(names[i]);
    large.alt = names[i];
    label.textContent = t("{name}, {n} of {all}", { name: names[i], n: i + 1, all: names.length });
    range.value = i;
    frames.forEach((each, j) => each.setAttribute("aria-pressed", String(i === j)));
  }

  function playThrough() {
    if (timer) { clearInterval(timer); timer = null; fill(play, icon("play"), t("Play")); return; }
    if (current === names.length - 1) choose(0);
    fill(play, t("Stop"));
    timer = setInterval(() => {
      if (current >= names.length - 1 || !large.isConnected) { playThrough(); return; }
      choose(current + 1);
    }, PACE);
  }

  choose(names.length - 1);
  const several = names.length > 1;
  return h("section", { class: "card viewer" }, large, label,
    several ? [h("div", { class: "row" }, play, range), h("div", { class: "frames" }, frames)]
      : null);
}
