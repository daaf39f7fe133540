// Elements, requests and words: what every page is made with. Text always goes in as text.
import { CHINESE } from "/static/zh.js";
import { noteInChinese, reasonInChinese } from "/static/zh_notes.js";
import { refusalInChinese } from "/static/zh_refusals.js";
import { icon } from "/static/icons.js";

const SVG = "http://www.w3.org/2000/svg";
export const isChinese = () => document.documentElement.lang.startsWith("zh");

/** A sentence in the language of the page; {name} is filled in. */
export function t(sentence, values = {}) {
  const known = isChinese() && Object.hasOwn(CHINESE, sentence) ? CHINESE[sentence] : sentence;
  return known.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** What the server refused, in the language of the page. */
export const refused = sentence => isChinese() ? refusalInChinese(sentence) : sentence;

/** What was noted of data, in the language of the page. */
export const noted = note => isChinese() ? noteInChinese(note) : note;

/** Why a search found nothing, in the language of the page. */
export const reasoned = why => isChinese() ? reasonInChinese(why) : why;

/** An element: h("p", {class: "quiet", onclick: f}, "text", child, ...). */
export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** The same for drawings. */
export function s(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

const isThere = child => child !== null && child !== undefined && child !== false;

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (!isThere(value)) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (["value", "checked", "disabled"].includes(name)) element[name] = value;
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter(isThere));
  return element;
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(isThere));
  return element;
}

/** Tells a screen reader, and everybody else for some seconds. */
export function say(text, kind = "") {
  const place = document.getElementById("say");
  fill(place, h("p", { class: `toast ${kind}` }, text));
  clearTimeout(say.timer);
  say.timer = setTimeout(() => fill(place), kind === "bad" ? 12000 : 5000);
}

export class Refused extends Error {}
export const unanswered = () => t("The studio does not answer. Is it still running?");

/** JSON of an address. `body`: an object, or a Blob (an image). */
export async function ask(path, body, signal) {
  const answer = await request(path, body, signal);
  return answer.json();
}

/** The answer itself, which is not an error. */
export async function request(path, body, signal) {
  const isFile = body instanceof Blob, isForm = body instanceof FormData;
  const kind = isFile ? body.type || "application/octet-stream" : "application/json";
  const options = body === undefined ? { signal } : {
    method: "POST", signal,
    headers: isForm ? {} : { "content-type": kind },
    body: isFile || isForm ? body : JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(unanswered());
  }
  if (!answer.ok) {
    const content = await answer.json().catch(() => ({}));
    const sentence = content.error ?? `${answer.status} ${answer.statusText}`;
    throw new Refused(refused(sentence));
  }
  return answer;
}

export const query = values => new URLSearchParams(values).toString();
export const parameter = name => new URLSearchParams(location.search).get(name) ?? "";
export const runLink = run => `/run?${query({ run })}`;

/**
 * Runs what a button does; a refusal is shown as a sentence, and the button waits meanwhile.
 * isOff: whether it is to be disabled after that.
 */
export function button(label, action, properties = {}, isOff = () => false) {
  const element = h("button", { type: "button", ...properties }, label);
  element.addEventListener("click", async () => {
    const isFocused = document.activeElement === element;  // which what is disabled cannot be
    element.setAttribute("aria-busy", "true");
    element.disabled = true;
    try {
      await action();
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, "bad");
    } finally {
      element.removeAttribute("aria-busy");
      element.disabled = isOff();
      if (isFocused && document.activeElement === document.body) element.focus();
    }
  });
  return element;
}

export const problem = error => h("p", { class: "problem", role: "alert" }, error.message);

const asking = new WeakMap();  // the question that is under way for a place

/**
 * Asks what a place shows. Of several questions for a place only the newest counts: those before it
 * are aborted, and nothing that still comes of them is shown.
 * question: called with the signal that aborts it. show, refuse: called with what comes of it.
 * Fails only where refuse does.
 */
export async function newest(place, question, show, refuse = error => fill(place, problem(error))) {
  forget(place);
  const mine = new AbortController();
  asking.set(place, mine);
  try {
    const answer = await question(mine.signal);
    if (!mine.signal.aborted) await show(answer);
  } catch (error) {
    if (!mine.signal.aborted) refuse(error);
  } finally {
    if (asking.get(place) === mine) asking.delete(place);
  }
}

/** Waits while something in a place is pressed: what is replaced meanwhile is never clicked. */
export async function released(place) {
  while (place.matches(":active")) await new Promise(resolve => setTimeout(resolve, 50));
}

/** Calls `then` once an element is not in the page any more. */
export function gone(element, then) {
  const observer = new MutationObserver(() => {
    if (element.isConnected) return;
    observer.disconnect();
    then();
  });
  observer.observe(document.body, { childList: true, subtree: true });
}

/** What was asked for a place is not shown in it any more. */
export const forget = place => asking.get(place)?.abort();

/** Shows in a place what a question gives; meanwhile that it is awaited, and what is refused. */
export function showIn(place, notice, question, drawn) {
  fill(place, waiting(notice));
  return newest(place, question, answer => fill(place, drawn(answer)));
}

export function waiting(text = t("Loading …")) {
  return h("p", { class: "waiting", role: "status" }, text);
}

/** What stands where there is nothing: a drawing, a heading, and what to do. */
export function empty(drawing, heading, ...advice) {
  return h("div", { class: "empty" }, icon(drawing), h("h2", {}, heading), advice);
}

/** A command line with a button that copies it. */
export function commandLine(line) {
  const words = line.split(" ").flatMap(word => [h("span", { class: "word" }, word), " "]);
  const code = h("code", { tabindex: "0" }, words.slice(0, -1));
  const copy = button([icon("copy"), t("Copy")], async () => {
    await navigator.clipboard.writeText(code.textContent);
    say(t("Copied"));
  }, { class: "small" });
  return h("div", { class: "command" }, code, copy);
}
