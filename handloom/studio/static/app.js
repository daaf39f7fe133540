// The head of every page, and the page that the address names.
import { fill, h, isChinese, problem, t } from "/static/dom.js";
import { isDark, tellFrames } from "/static/frame.js";
import { icon } from "/static/icons.js";

const PAGES = {
  "/": { title: "Runs", script: "/static/runs.js" },
  "/run": { title: "Run", script: "/static/run.js" },
  "/compare": { title: "Compare runs", script: "/static/compare.js" },
  "/search": { title: "Search", script: "/static/search.js" },
  "/train": { title: "Train", script: "/static/train.js" },
};
const SECTION = { "/run": "/", "/compare": "/" };  // the page of the head that another belongs to

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
}

function themeButton() {
  const drawing = () => icon(isDark() ? "sun" : "moon");
  const name = t("Light or dark");
  const button = h("button", { type: "button", class: "plain", id: "theme", title: name,
    "aria-label": name, onclick: () => {
      const wanted = isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = wanted;
      remember("theme", wanted);
      fill(button, drawing());
      tellFrames();
    } }, drawing());
  return button;
}

function languageButton() {
  const [code, name] = isChinese() ? ["en", "English"] : ["zh", "中文"];
  return h("button", { type: "button", class: "plain", id: "language", lang: code, onclick: () => {
    remember("language", code);
    location.reload();
  } }, name);
}

function head(path) {
  const current = SECTION[path] ?? path;
  const link = (to, label) =>
    h("a", { href: to, "aria-current": current === to ? "page" : null }, t(label));
  return h("div", { class: "bar" },
    h("a", { class: "brand", href: "/", "aria-label": "Handloom" },
      h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), "Handloom"),
    h("nav", { "aria-label": t("Pages") },
      link("/", "Runs"), link("/search", "Search"), link("/train", "Train")),
    h("div", { class: "tools" }, languageButton(), themeButton()));
}

async function show() {
  const path = location.pathname, page = PAGES[path] ?? PAGES["/"];
  document.title = `${t(page.title)} – Handloom`;
  document.querySelector(".skip").textContent = t("Skip to content");
  fill(document.getElementById("top"), head(path));
  const main = document.getElementById("main");
  try {
    const module = await import(page.script);
    fill(main);
    await module.show(main);
  } catch (error) {
    fill(main, problem(error), h("p", {}, h("a", { href: "/" }, t("All runs"))));
  }
  main.dataset.ready = "true";
}

show();
