// A training that was started from this page: whether it is under way, or why it is not.
import { Refused, ask, query, refused, t } from "/static/dom.js";

const PAUSE = 500;  // ms between looks
const UNDER_WAY = ["running", "finished"];  // one that was short is over by now
const STOPPED = 130;  // the status of one that was asked to stop

/** Waits until a training is under way, which takes minutes with large data. Fails with the sentence
 * of one that has ended instead. */
export async function begun(run) {
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, PAUSE));
    const log = await logOf(run), sentence = ending(log);
    if (sentence) throw new Refused(sentence);
    if (log.status === 0) return;
    if (log.has_run && UNDER_WAY.includes((await ask(`/api/run?${query({ run })}`)).status)) return;
  }
}

export const logOf = (run, signal) => ask(`/api/log?${query({ run })}`, undefined, signal);

/** Why a training has ended before its end, as its log says; null where it has not. */
export function ending(log) {
  if (!log.status || log.status === STOPPED) return null;
  const last = log.text.trim().split("\n").at(-1).replace(/^handloom: /, "");
  return last ? refused(last) : t("It ended without a word.");
}
