// The sentences of the page in Chinese. What is not here is shown in English.
import { OPTIONS } from "/static/zh_options.js";

const EVERYWHERE = {
  "Runs": "训练记录", "Run": "训练记录", "Search": "搜索", "Train": "训练", "Compare runs": "对比",
  "Pages": "页面", "Skip to content": "跳到正文", "Light or dark": "浅色或深色",
  "Loading …": "加载中……", "Copy": "复制", "Copied": "已复制", "Stop": "停止", "Resume": "继续",
  "Close": "关闭", "Show more": "显示更多", "yes": "是", "no": "否", "none": "无", "all": "全部",
  "The studio does not answer. Is it still running?": "没有响应，studio 还开着吗？",
  "Train a network": "训练一个网络", "Class": "类别", "Seed": "种子", "Data": "数据",
  "Opening the network …": "正在加载网络……", "Reading the data …": "正在读取数据……",
  "Reading the data, and choosing what suits them …": "正在读取数据，并选择合适的设置……", "Evaluating …": "正在评估……",
  "< 1 s": "不到 1 秒", "{s} s": "{s} 秒", "{m} min {s} s": "{m} 分 {s} 秒",
  "{h} h {m} min": "{h} 小时 {m} 分", "just now": "刚刚", "{run} has begun": "{run} 已开始",
};
const RUNS = {
  "run": "名称", "job": "任务", "data": "数据", "result": "结果", "epochs": "轮次", "time": "用时",
  "begun": "开始于", "status": "状态", "epoch": "轮次", "All runs": "全部训练记录", "Order": "排序",
  "by {column}": "按{column}", "Choose {run}": "选择 {run}", "Filter runs": "筛选",
  "No runs here yet": "还没有训练记录", "No run has all these words.": "没有同时包含这些词的训练记录。",
  "Train a network, and it appears here by itself; so do trainings of a terminal.":
    "训练一个网络，它会自动出现在这里；在终端里启动的训练也会。",
  "{n} in all": "共 {n} 条", "{n} of {all}": "{n} / {all}", "{n} chosen": "已选 {n} 条",
  "One chosen: choose another to compare": "已选 1 条，再选一条即可对比",
  "Compare {n} runs": "对比这 {n} 条", "Clear": "清除",
  "running": "训练中", "finished": "已完成", "stopped": "已停止", "killed": "被终止",
  "trained": "已训练，未评估", "failed": "失败", "damaged": "已损坏", "{time} left": "剩余 {time}",
  "{n} a second": "每秒 {n} 个", "{run} stops after this step": "{run} 将在当前步结束后停止",
  "{run} goes on": "{run} 继续训练", "progress of {run}": "{run} 的进度",
  "epoch {done} of {planned}": "第 {done} / {planned} 轮",
};
const COMPARE = {
  "training": "训练", "validation": "验证", "Nothing was recorded yet.": "还没有记录。",
  "Nothing to compare": "没有可对比的内容", "Choose two or more runs in the table.": "请在列表中选择两条或更多。",
  "Differences are to the first run. One within the interval of either may be chance.":
    "差值相对于第一条训练记录；落在任一区间之内的差异可能只是偶然。",
  "Metrics": "指标", "Curves": "曲线", "Options that differ": "不同的选项", "metric": "指标", "option": "选项",
  "No metric was recorded over several epochs by several of them.": "没有共同记录了多个轮次的指标。",
  "{n} metrics of one run alone": "只属于其中一条的 {n} 个指标", "{n} points": "{n} 个百分点", "the same": "相同",
  "None was evaluated yet.": "还没有评估。",
  "Only the first {n} runs are compared.": "只对比前 {n} 条训练记录。", "No longer there: {runs}": "已不存在：{runs}", "They were trained with the same options.": "训练选项完全相同。",
};
const RUN = {
  "Parts of the run": "训练记录的各部分", "Try it": "试一试", "Images": "图像", "Report": "报告",
  "Training": "训练过程", "Mistakes": "错误", "Details": "详情", "95 % interval {ends}": "95 % 区间 {ends}",
  "trained for": "训练用时",
  "The same in a terminal": "在终端中这样做", "Report of {run}": "{run} 的报告",
  "Open the report alone": "单独打开报告", "Make the report": "生成报告",
  "The report is being made …": "正在生成报告……", "There is no report yet": "还没有报告",
  "It shows how good the network is, where it errs, and what to do next.":
    "报告会说明网络有多好、错在哪里、下一步该做什么。",
  "It is made when the training is over.": "训练结束后会自动生成。",
  "the best is epoch {best}, by {monitor}": "最好的是第 {best} 轮（按{monitor}）",
  "No curves": "没有曲线", "What it printed": "终端输出", "Options": "选项",
  "This network was solved in one step, not trained in epochs, or nothing was recorded.":
    "这个网络是一步求解的，没有逐轮训练，或者没有记录。",
  "One epoch is a point, not a curve.": "只有一轮，只是一个点，还不成曲线。",
  "All options are as they are by default.": "全部选项都是默认值。",
  "{n} options as they are by default": "另外 {n} 个选项是默认值",
  "Which image": "第几张图像", "Play": "播放", "{name}, {n} of {all}": "{name}，第 {n} / {all} 张",
};
const TRY = {
  "Give an image": "给一张图像", "Another image": "换一张图像", "Webcam": "摄像头",
  "Drop, paste or choose an image": "拖入、粘贴或选择图像", "the image given": "给出的图像",
  "The image has more than 20 MiB: make it smaller.": "图像超过 20 MiB，请缩小后再试。",
  "No camera can be used here: connect one, and let the browser use it.":
    "没有可用的摄像头：请连接摄像头，并允许浏览器使用它。",
  "Take the image": "拍照", "Classes to choose from, with commas": "可选的类别，用逗号分隔",
  "What is in this image?": "图像里是什么？", "Which class is this text?": "这段文字属于哪一类？",
  "The classes and their probabilities appear here.": "类别及其概率会显示在这里。",
  "Looking … (the first answer takes some seconds)": "识别中……（第一次需要几秒钟）",
  "Reading … (the first answer takes some seconds)": "阅读中……（第一次需要几秒钟）",
  "Not sure below": "低于此值视为不确定", "Not sure": "不确定", "perhaps {label}": "可能是 {label}",
  "Further classes: {n}.": "其他类别：{n} 个。",
  "The probabilities are calibrated on data that were held out.": "概率已在留出的数据上校准。",
  "The probabilities of this run are not calibrated.": "这条训练记录的概率未经校准。",
  "Where the network looks: red spoke most for {label}": "网络关注的区域：红色最支持 {label}",
  "Where it looks": "关注的区域", "Red spoke most for the answer (Grad-CAM).": "红色最支持该答案（Grad-CAM）。",
  "Text": "文字", "Write or paste a text": "输入或粘贴文字", "Classify": "分类",
  "not known to the network": "网络不认识", "What spoke for it": "依据",
  "Green words speak for the answer, red ones against it; grey ones are unknown.":
    "绿色的词支持该答案，红色的词反对；灰色的词网络不认识。",
};
const GENERATE = {
  "New images": "生成图像", "Others": "换一批", "Truncation": "截断", "all in turn": "轮流",
  "image {n}": "图像 {n}", "the image of these latents": "这组潜变量对应的图像",
  "Click an image to take its latent, then move it by the sliders.": "点击一张图像取它的潜变量，再用滑块调整。",
  "The first {few} of {size} are shown.": "显示 {size} 维中的前 {few} 维。", "All to 0": "全部归零",
  "Walk from here": "以此为起点", "Now click the image to walk to.": "现在点击作为终点的图像。",
  "The walk from the first image to the second.": "从第一张图像到第二张的插值。",
  "Encode and reconstruct": "编码与重建", "reconstructed": "重建", "as the network sees it": "网络看到的",
  "The image as the network sees it, and its reconstruction, appear here.": "网络看到的图像及其重建会显示在这里。",
  "mean squared error of a pixel: {error}": "像素均方误差：{error}", "Its latent": "潜变量",
  "A walk between two images": "两张图像之间的插值", "A walk between two seeds": "两个种子之间的插值",
  "First seed": "第一个种子", "Second seed": "第二个种子", "Seeds": "种子", "Walk": "插值",
  "From this image": "从这张图像", "To this image": "到这张图像", "step {n}": "第 {n} 步", "Step of the walk":
    "插值的步",
  "Let it write": "让它写", "What it wrote": "写出的文字", "Beginning": "开头",
  "How the text begins; may be left empty": "文字的开头，可以留空", "Temperature": "温度", "Length": "长度",
  "Write": "写",
  "What the network writes appears here, character by character.": "网络写的文字会逐字显示在这里。",
  "0 always takes the likeliest character; above 1 it dares more.": "0 总取最可能的字符；大于 1 时更大胆。",
};
const MISTAKES = {
  "There are no mistakes": "没有错误", "Which problem": "哪类问题", "duplicate": "重复",
  "This file is gone, or has changed since the training.": "该文件已不存在，或在训练后有改动。",
  "class written like": "类别写法相近", "left out": "未采用", "mistake": "错误",
  "Nothing was wrong in what was held out, and no label looks wrong.": "留出的数据全部正确，也没有可疑的标签。",
  "likely wrong label": "标签可能有误", "labelled": "标签", "predicted": "预测",
  "Right label of {file}": "{file} 的正确标签", "another label …": "其他标签……",
  "The right label is {label}": "正确标签是 {label}", "The label {label} is right": "标签 {label} 是对的",
  "Leave it out of the training": "训练时不使用它", "drop": "去掉", "keep": "保留", "is dropped": "已去掉",
  "stays {label}": "保留为 {label}", "becomes {label}": "改为 {label}",
  "Train with the corrections": "用更正后的标签训练",
  "{n} of {all} decided, {changed} to be changed; saved in mistakes.csv":
    "已决定 {n} / {all} 条，其中 {changed} 条有改动；已存入 mistakes.csv",
  "{all} to look at: give each its right label, keep it, or drop it.":
    "有 {all} 条需要查看：给出正确标签、保留或去掉。",
  "Only the first {n} of {all} are listed here; mistakes.csv has all.":
    "这里只列出 {all} 条中的前 {n} 条；全部在 mistakes.csv 中。",
  "The command of the next training": "下一次训练的命令",
};
const SEARCH = {
  "There is no index here yet": "还没有索引", "Opening the index …": "正在打开索引……", "Index": "索引",
  "It makes a folder of images searchable, by an image or by words. Make one in a terminal:":
    "索引让一个图像文件夹可以用图像或文字搜索。在终端里建立一个：",
  "a red dress": "红色连衣裙", "Search by words": "用文字搜索", "Search by an image": "以图搜图", "Any image":
    "随便一张",
  "This index reads no words: drop an image, or click one below.":
    "这个索引不理解文字：请拖入一张图像，或点击下面的任意一张。",
  "Show nothing rather than what is not alike": "宁可不显示，也不显示不相似的",
  "{n} images, seen by {encoder}": "{n} 张图像，编码器 {encoder}", "cosine with the query": "与查询的余弦相似度",
  "+{n} copies": "另有 {n} 个副本", "Your query": "你的查询", "Nothing here": "没有找到",
  "The nearest scores {score}, which is too little to be alike.": "最接近的得分是 {score}，还不够相似。",
  "1 result": "1 个结果", "{n} results": "{n} 个结果", "{n} results for “{words}”": "“{words}”的 {n} 个结果",
  "Loosen the filters, or ask for something else.": "放宽筛选条件，或换一个查询。", "Searching …": "搜索中……",
  "Map": "地图", "Map of all images": "全部图像的地图",
  "Placing the images … (a large index takes minutes)": "正在排布图像……（大的索引需要几分钟）",
  "Write a condition": "自己写条件", "Condition": "条件", "The columns are {columns}.": "可用的列：{columns}。",
  "any": "不限", "from": "从", "to": "到", "label": "标签", "folder": "文件夹", "split": "划分", "size": "大小", "file size in bytes": "文件大小（字节）",
  "date": "日期",
};
const TRAIN = {
  "What should it learn?": "学什么？", "From which data?": "用什么数据？", "How?": "怎么学？", "The command":
    "命令",
  "Job": "任务", "A folder or file below {root}, or a built-in set": "{root} 下的文件夹或文件，或内置数据集",
  "a folder, a file, or the name of a built-in set": "文件夹、文件或内置数据集的名称", "Check the data": "检查数据",
  "In this folder": "此文件夹中", "the whole folder": "整个文件夹", "Built in": "内置",
  "{n} further options": "另外 {n} 个选项", "chosen for you": "自动选择", "Start the training": "开始训练",
  "Name the data, and the command appears here.": "填写数据后，命令会显示在这里。",
  "The training is this command; it goes on when the studio is closed.":
    "训练就是运行这条命令；关闭 studio 后它会继续。",
  "It ended without a word.": "训练结束了，没有任何输出。", "class": "类别", "train": "训练", "test": "测试", "valid":
    "验证",
  "{min} to {max} words in a text, {median} in the median": "每条文本 {min} 到 {max} 个词，中位数 {median}",
  "{n} characters in {lines} lines": "{n} 个字符，{lines} 行", "How it begins": "开头",
  "{n} different characters, {rare} of them less than 5 times": "{n} 个不同的字符，其中 {rare} 个少于 5 次",
  "1 broken file": "1 个损坏的文件", "{n} broken files": "{n} 个损坏的文件",
  "No file is broken.": "没有损坏的文件。",
  "1 group of near-duplicates": "1 组近似重复",
  "{n} groups of near-duplicates": "{n} 组近似重复", "No image is there twice.": "没有重复的图像。",
  "images with a caption: {sizes}": "有文字说明的图像：{sizes}",
  "{n} captions, {different} different": "{n} 条文字说明，其中 {different} 条互不相同",
  "{min} to {max} words in a caption, {median} in the median": "每条说明 {min} 到 {max} 个词，中位数 {median}",
  "{n} images without a caption": "{n} 张图像没有文字说明", "Every image has a caption.": "每张图像都有文字说明。",
  "{n} names with a caption, but without an image that can be read": "{n} 个名称有文字说明，但没有可读取的图像",
  "Every caption has an image.": "每条文字说明都有图像。", "{n} broken files or rows": "{n} 个损坏的文件或行",
  "and {n} more": "另有 {n} 个", "a caption of several images": "多张图像共有的文字说明",
  "tutorial: the classic tutorial's training, to the letter (mlp, cnn, lenet)":
    "tutorial：与经典教程完全一致的训练（mlp、cnn、lenet）",
  "tutorial: the classic tutorial's LSTM and training, to the letter":
    "tutorial：与经典教程完全一致的 LSTM 和训练",
  "tutorial: the classic tutorial's network and training, to the letter":
    "tutorial：与经典教程完全一致的网络和训练",
  "tutorial: the classic tutorial's network and training, on 10,000 characters":
    "tutorial：经典教程的网络和训练，使用 10,000 个字符",
  "tutorial: the classic tutorial's training, to the letter (dcgan, dense)":
    "tutorial：与经典教程完全一致的训练（dcgan、dense）",
  "conv (default) is a residual network, dense has linear layers only":
    "conv（默认）是残差网络，dense 只有线性层",
  "resnet is a small residual network; dcgan and dense are those of the tutorials":
    "resnet 是小型残差网络；dcgan 和 dense 来自经典教程",
  "of all random numbers: the same seed gives the same run": "所有随机数的种子：相同的种子得到相同的结果",
  "passes over the training data": "完整遍历训练数据的次数", "train for about this long instead, one epoch at least": "改为大约训练这么久，至少一遍",
  "a network that names what is in an image, from class folders, a table or a set":
    "说出图像内容的网络，数据来自按类别分的文件夹、表格或数据集",
  "a network that sorts texts into classes, from labelled texts": "把文字分到各类别的网络，数据是有标签的文字",
  "a recurrent network that writes like the text in files or a folder": "模仿文件中文字来写作的循环网络",
  "a network that compresses images to a few numbers and restores them": "把图像压缩成几个数再还原的网络",
  "an autoencoder with a distribution over latents, to generate new images": "潜变量带有分布的自编码器，用来生成新图像",
  "a network that generates images like those of a folder or set": "生成与文件夹或数据集中相似图像的网络",
  "an encoder that learns from images without labels, for search and few labels":
    "从无标签图像中学习的编码器，用于搜索或标签很少的情形",
  "two networks that bring images and captions together, for search by words":
    "把图像和文字说明对应起来的两个网络，用于文字搜索",
  "the convolution that turns one image into another": "把一张图像变成另一张的卷积",
};
const METRICS = {
  "accuracy": "准确率", "loss": "损失", "error": "误差", "perplexity": "困惑度", "kernel distance": "核距离",
  "bound": "对数似然下界", "content": "内容损失", "style": "风格损失", "residual": "残差", "recall": "召回率",
  "reconstruction": "重建", "macro f1": "宏平均 F1", "calibration error": "校准误差", "images": "图像数",
  "texts": "文本数", "calibration": "校准误差", "temperature": "温度", "majority": "最常见类别",
  "balanced accuracy": "平衡准确率", "calibration before temperature": "温度校准前的校准误差",
};

export const CHINESE = {
  ...EVERYWHERE, ...RUNS, ...COMPARE, ...RUN, ...TRY, ...GENERATE, ...MISTAKES, ...SEARCH,
  ...TRAIN, ...METRICS, ...OPTIONS,
};
