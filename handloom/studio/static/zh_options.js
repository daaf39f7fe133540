// What the options of a training are for, in Chinese: those that most jobs have, and the networks.
import { MORE_OPTIONS } from "/static/zh_options_more.js";

export const OPTIONS = {
  "auto: a pretrained encoder for photos, resnet for small or grey images; timm:NAME or torchvision:NAME; from scratch: resnet, resnet18, cnn, lenet, mlp (the last three the tutorials')":
    "auto：照片用预训练编码器，小图或灰度图用 resnet；也可写 timm:名称 或 torchvision:名称；从头训练：resnet、resnet18、cnn、lenet、mlp（后三个来自教程）",
  "linear: TF-IDF with logistic regression; lstm, gru; cnn: Kim's; bag: the mean of word vectors; sentence:NAME: a pretrained encoder; auto: the best of several by validation":
    "linear：TF-IDF 加逻辑回归；lstm、gru；cnn：Kim 的卷积网络；bag：词向量的平均；sentence:名称：预训练编码器；auto：按验证结果取其中最好的",
  "auto: resnet, which is small, on a CPU and resnet18 on a GPU; or timm:NAME or torchvision:NAME, whose published weights learn on":
    "auto：CPU 上用小的 resnet，GPU 上用 resnet18；也可写 timm:名称 或 torchvision:名称，在公开权重上继续训练",
  "tutorial: a ResNet-18 at 64 pixels, AdamW at 0.001, temperature 0.1":
    "tutorial：64 像素的 ResNet-18，AdamW，学习率 0.001，温度 0.1",
  "of the images: auto: a pretrained encoder for photos, resnet for small or grey images; timm:NAME, torchvision:NAME, or a run; resnet: from scratch":
    "图像编码器：auto：照片用预训练编码器，小图或灰度图用 resnet；也可写 timm:名称、torchvision:名称或一条训练记录；resnet：从头训练",
  "tutorial: a 1x2 kernel, summed squares, sgd with lr 0.03, 10 epochs":
    "tutorial：1×2 的核，平方和损失，SGD，学习率 0.03，10 轮",
  "steps, each over the whole image": "步数，每一步都使用整张图像",
  "cpu, cuda, cuda:1 or mps; auto takes the fastest available":
    "cpu、cuda、cuda:1 或 mps；auto 选择可用的最快设备",
  "of the forward pass; auto is bfloat16 where the processor multiplies it natively":
    "前向计算的精度；处理器原生支持时 auto 为 bfloat16",
  "repeatable bit for bit on a GPU too, but slower": "在 GPU 上也逐位可复现，但更慢",
  "examples per step": "每一步的样本数", "peak learning rate": "学习率的峰值",
  "strength of the decay of weights towards zero": "权重衰减的强度",
  "norm that gradients are clipped to": "梯度裁剪的范数",
  "micro-batches per batch, to save memory": "每个批次拆成的小批次数，用来节省内存",
  "record a training step once as a CUDA graph and replay it; auto: on CUDA devices":
    "把训练步录制成 CUDA graph 并重放；auto：在 CUDA 设备上启用",
  "stop after this many epochs without a new best": "连续这么多轮没有更好的结果就停止",
  "take NA, several labels in a cell or hundreds of numbers as classes, or drop such rows":
    "单元格是 NA、含多个标签，或有上百个不同数值时：作为类别，或去掉这些行",
  "schedule of the learning rate": "学习率的变化方式",
  "which folders or cells are which split, as in train=train-8,valid=val; or none":
    "哪些文件夹或单元格属于哪个划分，例如 train=train-8,valid=val；none 表示忽略",
  "folder that the paths in a table are relative to": "表格中的路径相对于哪个文件夹",
  "column of a table that holds the images' paths": "表格中图像路径所在的列",
  "column of a table that holds the labels": "表格中标签所在的列",
  "stop at a broken image instead of leaving it out": "遇到损坏的图像时停止，而不是跳过",
  "how images become square; by default crop, if they are not about 2:1 or longer":
    "图像怎样变成正方形；默认裁剪（长宽比约 2:1 以上的除外）",
  "background of transparent images": "透明图像的背景",
  "near-duplicates: keep them on one side of the split, ignore them, or drop them":
    "近似重复的图像：放在划分的同一侧、忽略，或去掉",
  "seed that data are divided by, into splits and folds; by default --seed":
    "划分数据所用的种子；默认与 --seed 相同",
  "what else stays on one side of the split: a column, or folder or prefix of files":
    "还有什么必须留在划分的同一侧：一列，或文件所在的文件夹、文件名前缀",
  "side in pixels to which images are resized": "图像缩放后的边长（像素）",
  "file with the weights of the encoder, instead of the published ones":
    "编码器权重的文件，代替公开的权重",
  "dimensions of the latent": "潜变量的维数",
  "steps between samples; some are written after every epoch in any case":
    "每隔多少步生成一次样本；每轮结束时总会生成",
  "table of corrected labels, such as a run's mistakes.csv with its last column filled":
    "更正后的标签表，例如填好最后一列的 mistakes.csv",
  "whether a stage of resnet is normalised before its activation; by default where there are 10,000 and more images in colour":
    "resnet 的每一阶段是否在激活之前归一化；默认在有一万张以上彩色图片时如此",
  "channels of the first stage of resnet or resnet18, a multiple of 8":
    "resnet 或 resnet18 第一级的通道数，8 的倍数",
  "share of the training images held out; by default 0.2, at most 5,000 images":
    "留出的训练图像比例；默认 0.2，最多 5,000 张",
  "sgd uses Nesterov momentum": "sgd 使用 Nesterov 动量", "momentum of sgd": "sgd 的动量",
  "share of the target that is spread over all classes": "分摊到所有类别的目标比例（标签平滑）",
  "augmentation: largest translation, in pixels": "数据增强：最大平移（像素）",
  "augmentation: largest change of brightness, contrast and saturation":
    "数据增强：亮度、对比度和饱和度的最大变化",
  "augmentation: horizontal flips; by default where mirrored images keep their class, which the training images tell":
    "数据增强：水平翻转；默认在镜像后类别不变时启用，由训练图像判断",
  "augmentation: largest rotation, in degrees": "数据增强：最大旋转（度）",
  "augmentation: largest change of scale, as a share": "数据增强：最大缩放（比例）",
  "augmentation: side of a square that is masked, in pixels": "数据增强：遮挡方块的边长（像素）",
  "augmentation: alpha of mixup, which mixes pairs of images; 0: none":
    "数据增强：mixup 的 alpha，混合成对的图像；0 表示不用",
  "largest vocabulary; the most frequent words are kept": "词表的最大大小；保留最常见的词",
  "channels of the first stage of conv, or units per layer of dense":
    "conv 第一级的通道数，或 dense 每层的单元数",
  "residual blocks per stage of conv, or layers of dense": "conv 每级的残差块数，或 dense 的层数",
  "condition both networks on the class of the image": "两个网络都以图像的类别为条件",
  "share of the texts held out for validation": "留作验证的文本比例",
  "share of the texts held out for the test": "留作测试的文本比例",
  "separate validation data: a table or a folder": "单独的验证数据：表格或文件夹",
  "separate test data: a table or a folder": "单独的测试数据：表格或文件夹",
  "column of the texts, by name or position from 1": "文本所在的列：列名，或从 1 开始的位置",
  "column of the classes, by name or position from 1": "类别所在的列：列名，或从 1 开始的位置",
  "stop at a row that cannot be read instead of leaving it out": "遇到无法读取的行时停止，而不是跳过",
  "encoding of the data, such as gb18030; by default UTF-8, or by the byte order mark":
    "数据的编码，例如 gb18030；默认 UTF-8，或按字节顺序标记",
  "encoding of the file, such as gb18030 or latin-1": "文件的编码，例如 gb18030 或 latin-1",
  ...MORE_OPTIONS,
};
