// Sentences with values in them, in Chinese. Also put, as it is, into reports and maps.

const WHOLE = "[\\d,]+", NUMBER = "[-\\d.,e]+";
const OF_OTHERS = ["name", "other"];
const KINDS = { n: WHOLE, m: WHOLE, k: WHOLE, share: NUMBER, low: NUMBER, high: NUMBER };

/**
 * A sentence as a pattern: {name} stands for what differs, {n}, {m} and {k} for whole numbers,
 * {share}, {low} and {high} for numbers, {name} and {other} for names of classes and files, which stay
 * as they are, and [s] for an s that may be there.
 */
const pattern = (known, text) => new RegExp(`^${known.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
  .replace(/\\\[(\w+)\\\]/g, "(?:$1)?")
  .replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${KINDS[name] ?? text})`)}$`, "s");

/**
 * known: pairs of a sentence and its Chinese; the first that fits is taken. inside: the same, for
 * values in them alone. Returns a function that gives a sentence in Chinese, or null. Values that are
 * sentences themselves are translated too.
 */
export function translator(known, inside = []) {
  const compiled = (pairs, text) =>
    pairs.map(([sentence, chinese]) => [pattern(sentence, text), chinese]);
  const sentences = compiled(known, ".+?"), values = [...compiled(inside, "[^;]+?"), ...sentences];

  function translate(sentence, patterns = sentences) {
    for (const [expression, chinese] of patterns) {
      const match = sentence.match(expression);
      if (!match) continue;
      return chinese.replace(/\{(\w+)\}/g, (whole, name) =>
        !(match.groups && name in match.groups) ? whole
          : OF_OTHERS.includes(name) ? match.groups[name] : part(match.groups[name]));
    }
    return null;
  }
  const part = value => translate(value, values) ?? (value.includes("; ")
    ? value.split("; ").map(each => translate(each, values) ?? each).join("；") : value);
  return sentence => translate(sentence);
}
