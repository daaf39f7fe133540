// What a look at data notes and complains of, in Chinese. Other sentences stay English.
import { translator } from "/static/zh_patterns.js";

const READ = [
  ["read as {how}: {what}", "读作{how}：{what}"],
  ["class folders", "按类别分的文件夹"], ["split folders with class folders", "划分文件夹下按类别分的文件夹"],
  ["class folders with split folders", "类别文件夹下的划分文件夹"],
  ["images without class folders", "未按类别分的图像"],
  ["split folders without class folders", "未按类别分的划分文件夹"], ["table", "表格"],
  ["{n} images; {k} class[es]: {names}", "{n} 张图像；{k} 个类别：{names}"],
  ["{sizes}; {k} classes: {names}", "{sizes}；{k} 个类别：{names}"],
  ["{n} image[s]", "{n} 张图像"],
  ["{names} and {n} more", "{names} 等，另有 {n} 个"],
  ["the classes are the subfolders of {where}", "类别是 {where} 的子文件夹"],
  ["passed over {n} file[s] without an image's suffix", "跳过 {n} 个没有图像后缀的文件"],
  ["passed over {n} files named as masks of the images beside them, such as {file}: in a folder of their own they are images",
    "跳过 {n} 个名称像旁边图像的掩膜的文件，例如 {file}：放在单独的文件夹中则作为图像"],
  ["paths in the table start from {where}", "表格中的路径从 {where} 开始"],
  ["{n} row[s] repeated as it was, read once", "{n} 行重复，只读一次"],
  ["column '{name}' may say which images belong together: --group {option} keeps them on one side of the split, without which the figure is optimistic",
    "列“{name}”可能说明哪些图像属于一组：--group {option} 会把它们放在划分的同一侧，否则结果偏乐观"],
  ["the table has no header: column {m} holds images", "表格没有表头：第 {m} 列是图像"],
  ["the table has no header: column {m} holds images, column {k} holds labels",
    "表格没有表头：第 {m} 列是图像，第 {k} 列是标签"],
];
const ALIKE = [
  ["{n} images are nearly the same, in {k} group[s], each kept on one side of the split",
    "{n} 张图像近似重复，分为 {k} 组，每组放在划分的同一侧"],
  ["{n} images are nearly the same, in {k} groups, each kept on one side of the split, and --group keeps some together",
    "{n} 张图像近似重复，分为 {k} 组，每组放在划分的同一侧，--group 也使一些图像在一起"],
  ["{n} images are equal to images with another label: mend their labels",
    "{n} 张图像与另一标签的图像完全相同：请更正它们的标签"],
  ["left out {n} training images: near-duplicates of others", "去掉 {n} 张训练图像：与其他图像近似重复"],
  ["{n} image[s] of the set's own validation or test split, nearly the same as training images, flatter the figures",
    "自带的验证或测试集中有 {n} 张图像与训练图像近似重复，使结果偏高"],
  ["{what}: if such images are of one person, video or original, the validation figure is optimistic, and --group {how} keeps them on one side",
    "{what}：如果它们来自同一个人、视频或原图，验证结果会偏乐观；--group {how} 会把它们放在同一侧"],
];
const PIXELS = [
  ["{n} of the images are transparent in places: they lie over {colour} (--background)",
    "{n} 张图像有透明部分：以 {colour} 为背景（--background）"],
  ["{n} file[s] with several frames or pages: the first is read", "{n} 个文件有多帧或多页：只读第一帧"],
  ["{n} image[s] of a single colour, with nothing to see", "{n} 张图像只有一种颜色，没有内容"],
  ["the crop to the middle cuts away {share} % of a typical image: --fit pad or stretch keeps all of it",
    "居中裁剪会切去典型图像的 {share} %：--fit pad 或 stretch 保留全部"],
];
const LABELS = [
  ["a classifier cannot be trained on this: {reason}", "不能用它训练分类器：{reason}"],
  ["few training images to learn from: {names}", "训练图像很少：{names}"],
  ["few training texts to learn from: {names}", "训练文本很少：{names}"],
  ["the class '{name}' has a single {what}, which stays in training",
    "类别“{name}”只有一个样本，留在训练集中"],
  ["the class '{name}' has no training {what}", "类别“{name}”没有训练样本"],
  ["the class '{name}' is left out, since none of its images can be read",
    "类别“{name}”的图像都无法读取，已去掉"],
  ["{n} row[s] labelled {named} count as unlabelled", "{n} 行的标签为 {named}，视为无标签"],
  ["the labels are {n} different numbers from {low} to {high}, each read as a class of its own: if they are a quantity, group them into ranges",
    "标签是从 {low} 到 {high} 的 {n} 个不同数值，每个作为一个类别：如果它们是数量，请先分段"],
  ["split by column {name}", "按列 {name} 划分"], ["column '{name}': {read}", "列“{name}”：{read}"],
];
const TEXTS = [
  ["text in column {text}, target in {target}", "文本在列 {text}，类别在 {target}"],
  ["no header: text in column {m}, target in column {k}", "没有表头：文本在第 {m} 列，类别在第 {k} 列"],
  ["{n} text[s] of {name} {are} also in train, so no test of what was learned",
    "{name} 中有 {n} 条文本也在训练集里，不能检验学到的内容"],
  ["{n} repetition[s] of texts, kept on one side of the split", "{n} 条重复的文本，放在划分的同一侧"],
  ["{n} texts the same as others but for punctuation, kept on one side of the split",
    "{n} 条文本只有标点不同，放在划分的同一侧"],
  ["{n} text[s] with contradictory labels, such as {example}", "{n} 条文本的标签互相矛盾，例如 {example}"],
  ["{n} row[s] without text or target (first: {where})", "{n} 行没有文本或类别（第一个：{where}）"],
  ["passed over {n} file[s] without the suffix .txt", "跳过 {n} 个没有 .txt 后缀的文件"],
];
const CAPTIONS = [
  ["captions in column '{name}'", "文字说明在列“{name}”"],
  ["captions in the other column", "文字说明在另一列"],
  ["captions are made of {n} class names: {made}", "文字说明由 {n} 个类别名生成：{made}"],
  ["left out {n} row[s] without a caption", "去掉 {n} 行没有文字说明的"],
  ["only the first {k} words of {n} caption[s] are read", "{n} 条文字说明只读前 {k} 个词"],
  ["left out {n} caption[s] beyond {k} of one image", "每张图像只取 {k} 条文字说明，去掉 {n} 条"],
  ["the table has {n} different captions for {k} images: one that several images have is right for each of them",
    "{k} 张图像共有 {n} 条不同的文字说明：多张图像共有的一条对它们都算对"],
];
const REASONS = [
  ["no such file", "没有这个文件"], ["its path is empty", "路径为空"],
  ["its path leaves the folder of the table", "路径超出表格所在的文件夹"],
  ["it is an address, and only files are read: download it first", "这是网址，只能读取文件：请先下载"],
  ["left out {what}: {reason}", "去掉{what}：{reason}"], ["left out {what}", "去掉{what}"],
];

const NOTHING_FOUND = [
  ["no image has a {column}", "没有图像有“{column}”"], ["no text has a {column}", "没有文本有“{column}”"],
  ["{column} has no {name}: did you mean {names}?", "“{column}”中没有 {name}：是否指 {names}？"],
  ["{column} has no {name}: it has {names}", "“{column}”中没有 {name}：其中有 {names}"],
  ["{column} has no {name}", "“{column}”中没有 {name}"],
  ["{column} is from {low} to {high}", "“{column}”的范围是 {low} 到 {high}"],
];

/** A note in Chinese, or as it is. */
const translated = translator(
  [...READ, ...ALIKE, ...PIXELS, ...LABELS, ...TEXTS, ...CAPTIONS, ...REASONS]);
export const noteInChinese = note => translated(note) ?? note;

/** Why a search found nothing in Chinese, or as it is. */
const reason = translator(NOTHING_FOUND);
export const reasonInChinese = why => reason(why) ?? why;
