// What the server refuses, in Chinese; {name} stands for what differs. Other sentences stay English.
import { translator } from "/static/zh_patterns.js";

const REFUSALS = [
  ["'{typed}' does not exist: give a path below {root}, or the name of a built-in set",
    "“{typed}”不存在：请填写 {root} 下的路径，或内置数据集的名称"],
  ["'{path}' lies outside of {root}: open the studio with --data {folder} to read it",
    "“{path}”不在 {root} 之内：请用 --data {folder} 启动 studio 再读取"],
  ["there is no {what} '{name}' in {root}", "{root} 里没有“{name}”"],
  ["give the data: a folder, a file, or the name of a built-in set",
    "请填写数据：文件夹、文件或内置数据集的名称"],
  ...["{flag} {value}", "{flag}={value}"].flatMap(given => [
    [`${given}: must be a whole number, {low} or more ({help})`, `${given}：必须是整数，且不小于 {low}`],
    [`${given}: must be {low} or more ({help})`, `${given}：不能小于 {low}`],
    [`${given}: must be above 0 ({help})`, `${given}：必须大于 0`],
    [`${given}: must be {low} to {high} ({help})`, `${given}：必须在 {low} 到 {high} 之间`],
  ]),
  ["this is not an image that can be read: give one of {formats}",
    "这不是能读取的图像：请使用 {formats}"],
  ["this image cannot be read: it may be damaged", "无法读取这张图像，它可能已损坏"],
  ["the image has more than {n} MiB: make it smaller", "图像超过 {n} MiB，请缩小后再试"],
  ["the image has {size} pixels, more than {most}: make it smaller",
    "图像有 {size} 像素，超过 {most}，请缩小后再试"],
  ["there is no job '{name}': choose one of {names}", "没有“{name}”这种任务，可选：{names}"],
  ["'{run}' has no file '{name}' that is shown", "“{run}”没有可显示的文件“{name}”"],
  ["{path} is of format {n}, and this version reads format {m}: install a newer Handloom",
    "{path} 的格式为 {n}，本版本只能读取格式 {m}：请安装更新的 Handloom"],
  ["'{run}' cannot be shown: {reason}", "“{run}”无法显示：{reason}"],
  ["the process that had {name} open has ended", "打开“{name}”的进程已结束，请重试"],
  ["the least score '{value}' must be auto, or a number", "最低得分“{value}”必须是 auto 或数字"],
  ["there is no text in the request", "请先输入文字"],
  ["the text has more than {n} characters: make it shorter", "文字超过 {n} 个字符，请缩短"],
  ["too many requests are waiting: ask again in a moment", "等待的请求太多，请稍后再试"],
  ["{n} runs are answering already: ask again in a moment", "已有 {n} 条训练记录在使用中，请稍后再试"],
  ["{n} trainings are running: wait for one, or stop one", "已有 {n} 个训练在运行：请等待或停止其中一个"],
  ["'{run}' is being trained already", "“{run}”正在训练"],
  ["looking at '{data}' took more than {n} seconds", "检查“{data}”超过了 {n} 秒"],
  ["something went wrong here: {error}", "出错了：{error}"],
];

const translated = translator(REFUSALS);

/** A sentence of the server in Chinese, or as it is. */
export const refusalInChinese = sentence => translated(sentence) ?? sentence;
