// A page of another origin, a report or a map, in the theme and the language of this one.
import { h, isChinese } from "/static/dom.js";

const system = matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

const theme = () => isDark() ? "dark" : "light";

/** A frame that is told which theme it has, now and whenever that changes (frame_theme.js). */
export function frame(address, title) {
  return h("iframe", { class: "report", title,
    src: `${address}&theme=${theme()}${isChinese() ? "&language=zh" : ""}`,
    sandbox: "allow-scripts allow-popups" });
}

export function tellFrames() {
  for (const each of document.querySelectorAll("iframe.report"))
    each.contentWindow.postMessage({ theme: theme() }, "*");  // an opaque origin has no name
}

system.addEventListener("change", tellFrames);
