// Elements, requests and words: what every page is made with. Text always goes in as text.
import { CHINESE } from "/static/zh.js";

const SVG = "http://www.w3.org/2000/svg";
export const isChinese = () => document.documentElement.lang.startsWith("zh");

/** A sentence in the language of the page; {name} is filled in. */
export function t(sentence, values = {}) {
  const known = isChinese() ? CHINESE[sentence] ?? sentence : sentence;
  return known.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element: h("p", {class: "quiet", onclick: f}, "text", child, ...). */
export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** The same for drawings. */
export function s(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
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

/** JSON of an address. `body`: an object, or a Blob (an image). */
export async function ask(path, body, signal) {
  const isFile = body instanceof Blob, isForm = body instanceof FormData;
  const request = body === undefined ? { signal } : {
    method: "POST", signal,
    headers: isForm ? {} : { "content-type": isFile ? body.type || "application/octet-stream" : "application/json" },
    body: isFile || isForm ? body : JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(t("The studio does not answer. Is it still running?"));
  }
  if (!answer.ok) {
    const content = await answer.json().catch(() => ({}));
    throw new Refused(content.error ?? `${answer.status} ${answer.statusText}`);
  }
  return answer.json();
}

export const query = values => new URLSearchParams(values).toString();
export const parameter = name => new URLSearchParams(location.search).get(name) ?? "";

/** Runs what a button does; a refusal is shown as a sentence, and the button waits meanwhile. */
export function button(label, action, properties = {}) {
  const element = h("button", { type: "button", ...properties }, label);
  element.addEventListener("click", async () => {
    element.setAttribute("aria-busy", "true");
    element.disabled = true;
    try { await action(); }
    catch (error) { if (error.name !== "AbortError") say(error.message, "bad"); }
    finally { element.removeAttribute("aria-busy"); element.disabled = false; }
  });
  return element;
}

export function problem(error) {
  return h("p", { class: "problem", role: "alert" }, error.message);
}

export function waiting(text = t("Loading …")) {
  return h("p", { class: "waiting", role: "status" }, text);
}

/** A command line with a button that copies it. */
export function commandLine(line) {
  const code = h("code", { tabindex: "0" }, line);
  return h("div", { class: "command" }, code, button(t("Copy"), async () => {
    await navigator.clipboard.writeText(code.textContent);
    say(t("Copied"));
  }, { class: "small" }));
}

export const percent = value => {
  const shown = 100 * value;
  return `${shown >= 99.95 && shown < 100 ? "> 99.9" : shown < 0.05 && shown > 0 ? "< 0.1" : shown.toFixed(1)}\u00a0%`;
};

export function clock(seconds) {
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  const two = number => String(number).padStart(2, "0");
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function number(value) {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

export const runLink = (run, rest = {}) => `/run?${query({ run, ...rest })}`;
