// The head of every page, and the page that the address names.
import { ask, fill, h, isChinese, problem, t } from "/static/dom.js";

const PAGES = {
  "/": { title: "Runs", script: "/static/runs.js" },
  "/run": { title: "Run", script: "/static/run.js" },
  "/compare": { title: "Compare", script: "/static/compare.js" },
  "/search": { title: "Search", script: "/static/search.js" },
  "/train": { title: "Train", script: "/static/train.js" },
};

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function head(path) {
  const link = (to, label) => h("a", { href: to, "aria-current": path === to ? "page" : null }, label);
  const theme = h("button", { type: "button", class: "icon", id: "theme", title: t("Light or dark"),
    "aria-label": t("Light or dark"), onclick: () => {
      const wanted = isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = wanted;
      remember("theme", wanted);
    } }, "◐");
  const language = h("button", { type: "button", class: "icon", id: "language", lang: isChinese() ? "en" : "zh",
    "aria-label": isChinese() ? "English" : "中文", onclick: () => {
      remember("language", isChinese() ? "en" : "zh");
      location.reload();
    } }, isChinese() ? "EN" : "中");
  return h("div", { class: "bar" },
    h("a", { class: "brand", href: "/" }, h("img", { src: "/static/icon.svg", alt: "", width: 24, height: 24 }), "Handloom"),
    h("nav", { "aria-label": t("Pages") }, link("/", t("Runs")), link("/search", t("Search")), link("/train", t("Train"))),
    h("div", { class: "tools" }, language, theme));
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
    fill(main, problem(error));
  }
  main.dataset.ready = "true";
}

show();
