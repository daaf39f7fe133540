// Put into reports and maps that are shown in a frame: their theme is that of the page around them.
(() => {
  const DARK = "(prefers-color-scheme: dark)";
  const real = window.matchMedia.bind(window), chosen = new EventTarget(), rules = new Set();
  chosen.matches = new URLSearchParams(location.search).get("theme") === "dark";
  window.matchMedia = query => query === DARK ? chosen : real(query);

  function show() {
    for (const sheet of document.styleSheets)
      for (const rule of sheet.cssRules)
        if (rule.media?.mediaText === DARK) rules.add(rule);
    for (const rule of rules) rule.media.mediaText = chosen.matches ? "all" : "not all";
    document.documentElement.style.colorScheme = chosen.matches ? "dark" : "light";
  }
  show();
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("message", event => {
    if (event.source !== window.parent || typeof event.data?.theme !== "string") return;
    chosen.matches = event.data.theme === "dark";
    show();
    chosen.dispatchEvent(new Event("change"));
  });
})();
