// A report or a map in Chinese: put into it behind zh_patterns.js and zh_reports.js, which it uses.
{
  const NAMES = "h2, h3, nav a, th, .figures figcaption, summary, text, .legend span, dt, "
    + "#details td:first-child, #health td:first-child, #map-by button, #cells a, .advice a";
  const OTHERS = "script, style, pre, code, .matrix, .file, #map-legend, #cloud-legend, h1";
  const DETAILED = "#details, footer, header, .thumbs";
  const translated = translator(SENTENCES, VALUES), detail = translator(DETAILS, VALUES);

  /** A piece of text in Chinese, as it is where it is not known, or is of others. */
  function inChinese(text, place) {
    const known = text.trim().replace(/\s+/g, " ");
    if (!known || place.closest(OTHERS)) return text;
    const names = place.closest(NAMES) ? LABELS
      : place.closest(".thumbs figcaption") ? CAPTIONS : {};
    const chinese = Object.hasOwn(names, known) ? names[known]
      : translated(known) ?? (place.closest(DETAILED) ? detail(known) : null);
    return chinese === null ? text : text.replace(text.trim(), () => chinese);
  }

  function walk(root) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode, made = inChinese(node.data, node.parentElement);
      if (made !== node.data) node.data = made;
    }
    for (const each of root.querySelectorAll("[aria-label]"))
      each.setAttribute("aria-label", inChinese(each.getAttribute("aria-label"), each));
  }

  document.documentElement.lang = "zh";
  walk(document.body);
}
