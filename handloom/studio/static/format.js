// Numbers, times and names as a person reads them.
import { isChinese, t } from "/static/dom.js";
import { OPTION_NAMES } from "/static/zh_option_names.js";

const MINUS = "\u2212", SPACE = "\u00a0";

/** A sentence of figures from elsewhere, with a minus for what is a minus. */
export const minus = text => String(text).replace(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`);

export const percent = value => {
  const shown = 100 * value;
  const text = shown >= 99.95 && shown < 100 ? "> 99.9"
    : shown < 0.05 && shown > 0 ? "< 0.1" : shown.toFixed(1);
  return `${text.replace(" ", SPACE)}${SPACE}%`;
};

/** digits: significant ones, of what is not whole. */
export function number(value, digits = 4) {
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value)) return minus(value.toLocaleString("en"));
  const size = Math.abs(value);
  const isOdd = size >= 1e5 || size < 1e-4;
  return minus(isOdd ? value.toExponential(2) : String(Number(value.toPrecision(digits))));
}

/** Seconds as 0:07, 2:05 or 1:02:05. */
export function clock(seconds) {
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  const two = part => String(part).padStart(2, "0");
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** Minutes as "4 s", "2 min 25 s" or "1 h 5 min". */
export function duration(minutes) {
  const seconds = Math.round(60 * minutes);
  if (seconds < 1) return t("< 1 s");
  if (seconds < 60) return t("{s} s", { s: seconds });
  if (seconds < 3600) return t("{m} min {s} s", { m: Math.floor(seconds / 60), s: seconds % 60 });
  return t("{h} h {m} min", { h: Math.floor(seconds / 3600), m: Math.floor(seconds / 60) % 60 });
}

/** A time in seconds since 1970 as "5 min. ago", or as a date where it is older than a day. */
export function ago(time) {
  const language = isChinese() ? "zh" : "en", seconds = Date.now() / 1000 - time;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  if (seconds < 60) return t("just now");
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return relative.format(-Math.floor(seconds / 3600), "hour");
  const isOld = seconds > 180 * 86400;
  return new Intl.DateTimeFormat(language, isOld
    ? { year: "numeric", month: "short", day: "numeric" }
    : { month: "short", day: "numeric" }).format(new Date(1000 * time));
}

export const moment = time => new Date(1000 * time).toLocaleString(isChinese() ? "zh" : "en");

/** The name of a metric or an option: valid/macro_f1 is "macro f1". */
export const title = name => t(name.replace(/_/g, " "));
/** The name of an option: weight_decay is "weight decay". */
export function optionName(name) {
  const words = name.replace(/[_-]/g, " ");
  return isChinese() && Object.hasOwn(OPTION_NAMES, words) ? OPTION_NAMES[words] : words;
}
export const isShare = name =>
  /accuracy|recall|precision|(^|_)f1$|share|knn|linear_probe|^calibration|^majority$/.test(name);
export const metricText = (name, value) => typeof value !== "number" ? "–"
  : isShare(name) ? `${(100 * value).toFixed(2)}${SPACE}%` : number(value);

/** The ends of an interval, with their unit once: 95.67 – 98.87 %. */
export const span = ends => minus(ends).replace(/ %(?= –)/, "");

/** The last part of the name of a run, and the folders before it. */
export function parts(run) {
  const cut = run.lastIndexOf("/") + 1;
  return { folder: run.slice(0, cut), name: run.slice(cut) };
}
