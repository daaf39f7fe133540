// Before anything is shown: the theme and the language that were chosen last.
(() => {
  let theme = null, language = null;
  try {
    theme = localStorage.getItem("theme");
    language = localStorage.getItem("language");
  } catch { /* a browser that keeps nothing */ }
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.lang = language || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
})();
