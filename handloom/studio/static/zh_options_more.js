// What the options of networks are for, in Chinese: those of one job or two. Continues zh_options.js.
const CLASSIFIER = {
  "head (default): only a linear head is trained on a pretrained network; all: then the layers above those that --frozen leaves, where that is better":
    "head（默认）：只在预训练网络上训练线性分类头；all：之后再训练 --frozen 未冻结的各层，更好时才采用",
  "C of the logistic regression on an encoder; chosen by default":
    "编码器上逻辑回归的 C；默认自动选择",
  "learning rate of a pretrained network's lowest layer that is tuned, as a share of the head's":
    "微调的最低一层的学习率，为分类头学习率的几分之几",
  "share of a pretrained network's weights, from the lowest layer up, that tuning leaves as they are":
    "微调时冻结的权重比例，从最低层算起",
  "side in pixels of the images while a pretrained network is tuned": "微调预训练网络时图像的边长（像素）",
  "what is kept lies this share of the way from a pretrained network's own weights to the tuned ones; 1: these alone":
    "保存的权重位于预训练权重与微调后权重之间的位置；1 表示只用微调后的",
  "balanced: classes weigh in inverse proportion to their frequency; macro F1 chooses the epoch; for a head on an encoder chosen by folds where classes are unequal":
    "balanced：类别权重与其频率成反比，并按宏平均 F1 选择轮次；编码器上的分类头在类别不均时由交叉验证决定",
  "balanced: every class is drawn equally often, by chance and with repetition":
    "balanced：每个类别被抽到的机会相同，随机且可重复",
  "decay of the EMA of the weights, which is what is saved; 0: no EMA":
    "权重 EMA 的衰减率，保存的是 EMA；0 表示不用 EMA",
  "augmentation: smallest share of an image that random crops keep, of the whole photo where a pretrained network is tuned; 1: none":
    "数据增强：随机裁剪保留的最小图像比例，微调预训练网络时相对于整张照片；1 表示不裁剪",
  "augmentation: share of the images of which a rectangle becomes noise":
    "数据增强：有多大比例的图像被随机擦除一个矩形（填入噪声）",
  "augmentation: RandAugment's operations for each image; 0: none":
    "数据增强：每张图像的 RandAugment 操作数；0 表示不用",
  "augmentation: strength of RandAugment's operations; 10 is the strongest":
    "数据增强：RandAugment 操作的强度；10 为最强",
};
const TEXTS = {
  "what the cells of a column 'split' mean, as in train=a,valid=b; none: ignore it":
    "split 列中各值的含义，例如 train=a,valid=b；none 表示忽略该列",
  "initial word vectors: a file (.txt, .vec, .bin, .gz, .zip) or a name such as glove.6B.100d":
    "初始词向量：文件（.txt、.vec、.bin、.gz、.zip），或名称，例如 glove.6B.100d",
  "folder of a sentence encoder's weights, for networks named sentence:NAME":
    "句子编码器权重所在的文件夹，用于 sentence:名称 形式的网络",
  "do not train the word vectors, as in the tutorial": "不训练词向量，与教程一致",
  "width of the word vectors, without --vectors": "词向量的维数（不用 --vectors 时）",
  "what a text is split into; by default characters where spaces do not separate words":
    "文本切分的单位；词之间不用空格分隔时默认按字切分",
  "times a word must occur to be in the vocabulary": "词至少出现多少次才进入词表",
  "words that are read of a text, the last ones; by default as time allows":
    "每条文本读取的词数（取末尾部分）；默认在时间允许的范围内",
  "words the network reads at once; logits of a long text's windows are averaged":
    "网络一次读取的词数；长文本取各窗口 logits 的平均",
  "width of the LSTM or GRU, or maps per convolution": "LSTM 或 GRU 的宽度，或每种卷积的特征图数",
  "layers of the LSTM or GRU": "LSTM 或 GRU 的层数",
  "read the text backwards too (LSTM, GRU)": "双向：也从后往前读（LSTM、GRU）",
  "pooling over time of the LSTM or GRU": "LSTM 或 GRU 在时间上的池化方式",
  "share of features dropped": "dropout 丢弃的特征比例",
  "share of the word vectors' channels dropped, for a whole text":
    "丢弃的词向量通道比例，整条文本丢弃相同的通道",
  "average the logits with a bigram naive Bayes model": "与二元词组朴素贝叶斯模型的 logits 取平均",
  "average the logits with a logistic regression on TF-IDF features":
    "与 TF-IDF 特征上的逻辑回归的 logits 取平均",
  "C of the logistic regression; smaller regularises more": "逻辑回归的 C；越小正则化越强",
  "balanced: classes weigh in inverse proportion to their frequency; macro F1 chooses the epoch":
    "balanced：类别权重与其频率成反比，并按宏平均 F1 选择轮次",
};
const CHARACTERS = {
  "scratch is rnn written out as its equations, to learn from": "scratch 是按公式逐步写出的 rnn，便于学习",
  "width of the hidden state": "隐状态的宽度",
  "number of recurrent layers": "循环层的层数",
  "width of the character embedding": "字符嵌入的维数",
  "of the cells rnn and scratch": "rnn 和 scratch 单元的非线性函数",
  "share of features dropped before, between and after layers": "各层之前、之间和之后丢弃的特征比例",
  "share one table between input and output, as wide as hidden":
    "输入和输出共用一张嵌入表，宽度与 hidden 相同",
  "consecutive: batches carry the state on; random: each begins with an empty state":
    "consecutive：批次之间延续隐状态；random：每个批次从空状态开始",
  "characters per sequence: how far the gradient goes back": "每个序列的字符数，即梯度回传多远",
  "sgd is plain SGD, for use with --clip": "sgd 是普通 SGD，与 --clip 一起使用",
  "train on only this many characters, the first": "只用开头这么多字符训练",
  "fraction at the end of the text held out for validation": "从文本末尾留作验证的比例",
  "read line breaks as spaces": "把换行当作空格",
  "beginnings of the samples written during training, separated by |":
    "训练中生成样本的开头，用 | 分隔",
};
const GENERATORS = {
  "of a pixel: bernoulli for black and white, gaussian (learned variance) otherwise":
    "像素的分布：黑白图像用 bernoulli，其他用 gaussian（方差可学习）",
  "dynamic: pixels are sampled black or white by their intensity, in every step":
    "dynamic：每一步都按像素强度随机取黑或白",
  "weight of the KL divergence": "KL 散度的权重",
  "fraction of the training over which beta rises from 0": "beta 从 0 升到位所用的训练比例",
  "samples per image for the importance-weighted bound after training":
    "训练后计算重要性加权下界时，每张图像的采样数",
  "seed that data are divided by; 0 by default, so that all runs compare":
    "划分数据所用的种子；默认为 0，使各次训练可以比较",
  "adversarial loss; wasserstein includes a gradient penalty": "对抗损失；wasserstein 含梯度惩罚",
  "channels of resnet's generator at half the image size; 64 by default":
    "resnet 生成器在一半图像尺寸处的通道数；默认 64",
  "distribution that latents are sampled from": "潜变量的采样分布",
  "decay of the EMA of the generator, which is what is saved; 0: no EMA":
    "生成器 EMA 的衰减率，保存的是 EMA；0 表示不用 EMA",
  "diff: DiffAugment of all that the discriminator sees, for small sets":
    "diff：对判别器看到的全部图像做 DiffAugment，适合小数据集",
  "discriminator updates per generator update": "生成器每更新一次，判别器更新几次",
  "learning rate of the discriminator": "判别器的学习率",
  "beta1 of Adam, for both networks": "两个网络的 Adam 的 beta1",
  "of both learning rates; fall: constant for half of the epochs, then down to 1 %":
    "两个学习率的变化方式；fall：前一半轮次不变，之后降到 1 %",
  "weights of a network whose features the metrics use; by default one is trained":
    "计算指标所用特征网络的权重；默认自行训练一个",
  "epochs between evaluations": "每隔多少轮评估一次",
};
const ENCODERS = {
  "learn from classes too: images of one class belong together, not only views of an image":
    "也利用类别：同一类的图像互为正例，而不只是同一图像的不同视图",
  "nt-xent: softmax over the batch, with --labels the supervised contrastive loss; pairwise: distances of pairs, with a margin; triplet: anchor, positive and negative":
    "nt-xent：在批次内做 softmax，加 --labels 时为监督对比损失；pairwise：成对距离，带间隔；triplet：锚点、正例和负例",
  "of nt-xent; by default 0.5": "nt-xent 的温度；默认 0.5",
  "of pairwise, by default 1, or triplet, by default 0.2; distances reach 2":
    "pairwise（默认 1）或 triplet（默认 0.2）的间隔；距离最大为 2",
  "numbers of the embedding that is compared": "用于比较的嵌入的维数",
  "share of the training images held out; by default 0.1": "留出的训练图像比例；默认 0.1",
  "views: smallest share of an image that a random crop keeps": "视图：随机裁剪保留的最小图像比例",
  "views: horizontal flips; not for digits or letters": "视图：水平翻转；不适用于数字或字母",
  "views: largest rotation, in degrees": "视图：最大旋转（度）",
  "views: strength of the colour distortion, of grey images brightness and contrast":
    "视图：颜色扰动的强度，灰度图为亮度和对比度",
  "views: share that is blurred": "视图：被模糊的比例",
  "views: standard deviation of noise on every pixel": "视图：每个像素上噪声的标准差",
  "head: a pretrained encoder stays as it is, and a layer on it learns; all: it learns too":
    "head：预训练编码器保持不变，只学习其上的一层；all：编码器也一起学习",
  "network of the texts: bag: the mean of word vectors; transformer: their order too":
    "文本网络：bag：词向量的平均；transformer：也考虑词序",
  "numbers of a vector of an image or a text": "图像或文本向量的维数",
  "width of the network of the texts": "文本网络的宽度",
  "layers of the transformer": "transformer 的层数",
  "share of features and words dropped": "丢弃的特征和词的比例",
  "column of a table that holds the captions": "表格中文字说明所在的列",
  "captions made of class names, {} for the name, several parted by |, as in 'a photo of a {}|{}'":
    "由类别名生成的文字说明，{} 代表名称，多个用 | 分隔，例如“a photo of a {}|{}”",
  "words that are read of a caption, the first ones": "每条文字说明读取的词数（取开头部分）",
  "augmentation: horizontal flips; not for digits or letters":
    "数据增强：水平翻转；不适用于数字或字母",
  "augmentation: smallest share of an image that random crops keep; 1: none":
    "数据增强：随机裁剪保留的最小图像比例；1 表示不裁剪",
};
const FILTER = {
  "what the image is to become: an image, .npy or .csv": "图像应当变成什么：一张图像、.npy 或 .csv",
  "rows x columns, as in 1x2; by default 3x3, or what the sizes ask for":
    "行 x 列，例如 1x2；默认 3x3，或由图像尺寸决定",
  "add a constant as well, as where grey stands for 0": "再加一个常数，例如以灰色代表 0 时",
  "a kernel from every colour to every colour, instead of one for all":
    "每种颜色到每种颜色各用一个核，而不是共用一个",
  "drop: black and white pixels of the target, which 8 bits may have cut off":
    "drop：去掉目标中的纯黑和纯白像素，它们可能被 8 位截断",
  "kernel to begin with, as 'filter' takes it with --kernel; by default random":
    "初始的核，写法同 handloom filter --kernel；默认随机",
  "lbfgs is much faster": "lbfgs 要快得多",
  "learning rate; of sgd by default 1 / largest curvature": "学习率；sgd 默认为 1 / 最大曲率",
  "of squared errors to a loss": "平方误差如何合成损失",
};

export const MORE_OPTIONS = {
  ...CLASSIFIER, ...TEXTS, ...CHARACTERS, ...GENERATORS, ...ENCODERS, ...FILTER,
};
