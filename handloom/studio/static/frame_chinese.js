// A report or a map in Chinese: put into it behind zh_patterns.js and the tables of zh_report*.js.
{
  const NAMES = "h2, h3, nav a, th, .figures figcaption, summary, text, .legend span, dt, "
    + "#health > .wide td:first-child, #recall td:first-child, #map-by button, .moving button, #cells a, .advice a, "
    + "svg, canvas, img:not(.thumbs img)";
  const OTHERS = "script, noscript, style, pre, code, .matrix th, .file, #map-legend, "
    + "#cloud-legend, #map-list option, h1";
  const DETAILED = "#details, #sizes, footer, header, .thumbs, .legend";
  const translated = translator([...CLASSIFIERS, ...GENERATORS, ...OTHER_JOBS], VALUES);
  const detail = translator(DETAILS, VALUES);

  /** A piece of text in Chinese, as it is where it is not known, or is of others. */
  function inChinese(text, place) {
    const known = text.trim().replace(/\s+/g, " ");
    if (!known || place.closest(OTHERS)) return text;
    const chinese = named(known, place) ?? translated(known)
      ?? (place.closest(DETAILED) ? detail(known) : null);
    return chinese === null ? text : text.replace(text.trim(), () => chinese);
  }

  function named(known, place) {
    const names = place.closest("#details td:first-child") ? { ...LABELS, ...FACTS }
      : place.closest(NAMES) ? LABELS : place.closest(".thumbs figcaption") ? CAPTIONS : {};
    const inTable = name => Object.hasOwn(names, name) ? names[name] : null;
    const [, series, values] = place.closest("svg title") ? known.match(/^(.+?)(: .*)$/) ?? [] : [];
    const line = series && (inTable(series) ?? detail(series));
    return line ? line + values : inTable(known);
  }

  function walk(root) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode, made = inChinese(node.data, node.parentElement);
      if (made !== node.data) node.data = made;
    }
    for (const attribute of ["aria-label", "title", "alt"])
      for (const each of root.querySelectorAll(`[${attribute}]`))
        each.setAttribute(attribute, inChinese(each.getAttribute(attribute), each));
  }

  document.documentElement.lang = "zh";
  walk(document.body);
}
