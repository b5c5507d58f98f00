import type { AnalysisStage, BodyAnalysisErrorCode, BodyPart } from 'body21';
import type { LineKind } from '../explanation-lines.ts';
import { counting } from './counting.ts';
import type { Words } from './words.ts';

const { number } = counting('zh-CN');

const frames = (n: number) => `${number(n)} 帧`;
const people = (n: number) => (n === 0 ? '没有人' : `${number(n)} 人`);

/** As the cloud API's documentation names them. */
const parts: Readonly<Record<BodyPart, string>> = {
  top_head: '头顶',
  left_ear: '左耳',
  right_ear: '右耳',
  left_eye: '左眼',
  right_eye: '右眼',
  nose: '鼻子',
  left_mouth_corner: '左嘴角',
  right_mouth_corner: '右嘴角',
  neck: '颈部',
  left_shoulder: '左肩',
  right_shoulder: '右肩',
  left_elbow: '左手肘',
  right_elbow: '右手肘',
  left_wrist: '左手腕',
  right_wrist: '右手腕',
  left_hip: '左髋部',
  right_hip: '右髋部',
  left_knee: '左膝',
  right_knee: '右膝',
  left_ankle: '左脚踝',
  right_ankle: '右脚踝',
};

const stages: Readonly<Record<AnalysisStage, string>> = {
  decode: '解码图片',
  detect: '检测人体',
  landmarks: '定位关键点',
  refine: '二次精修',
};

const lines: Readonly<Record<LineKind, string>> = {
  person: '确认为人物',
  closer: '二次精修',
  again: '重复检出',
  dropped: '已丢弃',
  square: '检测器搜索区域',
};

/** What went wrong, and what to do; the library's own sentence follows as the detail. */
const library: Readonly<Record<BodyAnalysisErrorCode, string>> = {
  'invalid-option': '选项的取值无效。',
  'unsupported-environment': '当前浏览器缺少必需的功能，请换用或升级到较新的浏览器。',
  'too-many-clients': '页面中打开的分析实例过多，请刷新页面。',
  'unsupported-source': '无法从该内容中读取图片。',
  'empty-image': '图片是空的，请换一张。',
  'image-format': '文件不是图片、不完整，或浏览器不支持其格式，请另存为 JPEG 或 PNG 后重试。',
  'image-size': '图片尺寸过小或过大，请调整后重试。',
  'source-tainted': '图片来自其他网站，浏览器不允许读取，请先保存到本地再打开。',
  'source-closed': '图片或视频已被关闭，请重新打开。',
  'source-not-ready': '图片或视频尚未加载完成，请稍后重试。',
  'source-fetch': '图片地址无法访问。',
  'model-fetch': '模型文件加载失败，请检查网络后重试。',
  'model-integrity': '模型文件不完整或版本不符，请刷新页面重试。',
  'worker-load': '分析脚本加载失败或版本不符，请刷新页面重试。',
  'worker-crash': '分析线程崩溃，设备内存可能不足，请改用更小的模型或图片。',
  'worker-hung': '分析线程长时间没有响应，请改用更小的模型，或改用 WebAssembly。',
  'backend-failed': '推理后端启动失败。',
  'gpu-failed': 'GPU 启动失败、中断或显存不足，请改用 WebAssembly。',
  'inference-failed': '模型推理失败，请改用更小的模型。',
  'recovery-failed': '连续三次尝试均失败，请重试；若仍然失败，请刷新页面。',
  'invalid-result': 'JSON 不是有效的识别结果。',
  disposed: '分析实例已关闭，请刷新页面。',
  internal: 'body21 内部错误。',
};

/** What the pages' scripts say, in Chinese. */
export const zh: Words = {
  people,
  frames,
  person: (n) => `人物 ${n}`,
  parts,
  stages,

  backend: {
    threads: (n) => `${number(n)} 线程`,
    unknownGpu: '未知型号 GPU',
    software: (gpu) => `${gpu}（软件模拟）`,
  },

  loading: {
    models: '正在加载模型',
    starting: '正在启动模型',
    ongoing: (text) => `${text}…`,
    bytes: (loaded, total) => `正在加载模型… ${loaded} / ${total}`,
  },

  roughly: {
    moment: '几秒',
    seconds: (n) => `约 ${number(n)} 秒`,
    minutes: (n) => `约 ${number(n)} 分钟`,
  },

  errors: {
    library: (code, message) => `${library[code]}（${message}）`,
    recovered: (message) => `分析曾中断，现已恢复。${message}`,
    recoveredOn: (backend, message) => `分析曾中断，现已改用 ${backend} 继续。${message}`,
    unexpected: (message) => `出错了：${message}`,
  },

  photo: {
    of: (name, said) => `${name}：${said}`,
    alt: (name) => `图片 ${name}`,
    pasted: '粘贴的图片',
    remove: '移除',
    removeNamed: (name) => `移除 ${name}`,
    removed: (name) => `已移除 ${name}。`,
    sample: (title) => `示例：${title}`,
    samples: {
      'two.jpg': '两个人',
      'jump.jpg': '跳起',
      'group.webp': '多人合影',
      'armsup.jpg': '举起双臂',
      'sit.jpg': '坐姿',
      'two2.jpg': '前后遮挡',
    },
    nothingDropped: '拖入的内容中没有文件，请先把图片保存到本地再拖入。',
    sampleFailed: (file, reason) => `示例 ${file} 加载失败（${reason}），仍可使用自己的图片。`,
    videoAmongPhotos: (name) => `${name} 是视频，请单独拖入打开。`,
    videoNotHanded: (name) => `${name} 是视频，但浏览器无法将其转交。请打开上方的“视频”页，在那里选择它。`,
    cancelled: '已取消，之前的分析结果已保留。',

    analysing: '正在分析',
    progress: (photo, stage) => {
      const all = [...(photo ? [`第 ${photo.at} / ${photo.of} 张`] : []), ...(stage === '' ? [] : [stage])];
      return `正在分析… ${all.join('：')}`.trim();
    },
    stageOf: (stage, at, of) => `${stage} ${at} / ${of}`,

    failed: '分析失败',
    notYet: '尚未分析',
    found: (n) => (n === 0 ? '没有检测到人。' : `检测到 ${people(n)}。`),
    summary: (at, all, outcome, found) => `第 ${at} / ${all} 张：${outcome}。共 ${number(found)} 人。`,
    someFailed: (n) => `${number(n)} 张分析失败。`,

    valid: '有效',
    filteredOut: '已过滤',
    validOf: (valid, all) => `${valid} / ${all} 有效`,
    facts: (box, sure, all) => `人体框 ${box} · 关键点 ${sure} / ${all}`,
    keypointsOf: (n) => `人物 ${n} 的关键点`,
    none: '还没有图片。',
    nobody: '这张图片里没有人。',
    failedHere: '这张图片分析失败。',
    notAnalysed: '这张图片尚未分析。',
    looking: '正在检测…',

    bits: (n) => `${n} 位`,
    notBackend: (backend, reason) => `未用 ${backend}：${reason}`,
    noMoreThreads: (reason) => `线程数受限：${reason}`,
    firstChoice: '首选后端，可正常运行。',

    jsonCopied: 'JSON 已复制。',
    notCopied: '浏览器不允许复制，请改为下载 JSON。',
    formats: { json: 'JSON', svg: 'SVG 图', coco: 'COCO，全部图片', csv: 'CSV，全部图片' },
  },

  explanation: {
    lines,
    notAnalysed: '这张图片分析时没有记录检测过程。',
    places: (n) => `共检查 ${number(n)} 个区域`,
    faceDetector: 'BlazePose 检测器',
    faces: (n) => (n === 0 ? '没有检测到人' : `检测到 ${number(n)} 张人脸`),
    bodies: (n) => (n === 0 ? '没有检测到人' : `检测到 ${number(n)} 个人体`),
    detector: (name, squares, saw) => `${name} 搜索了 ${number(squares)} 个方形区域，${saw}。`,
    between: '',
    closer: (_, network, points) => `个区域做了二次精修：${network} 定位 ${points} 个点`,
    person: (_, network, points) => `个区域确认为人物：${network} 定位 ${points} 个点`,
    samePose: (_, network) => `个区域是同一个人（${network}）`,
    lowScore: (_, network) => `个区域得分过低（${network}）`,
    implausible: (_, network) => `个区域姿态不合理（${network}）`,
    noPerson: (_, network) => `个区域没有人（${network}）`,
    steps: (steps) => `${steps.join('；')}。`,
    sawBody: 'NanoDet 检测到人体',
    sawFace: 'BlazePose 检测器检测到人',
    sawFaceAlone: '仅 BlazePose 检测器检测到人',
    placedFirst: (network, points) => `${network} 定位 ${points} 个点`,
    placed: (network, points) => `${network} 定位 ${points} 个点`,
    notSure: (network) => `${network} 未能确定`,
    seenAgain: (n) => `另有 ${number(n)} 个区域重复检出`,
    times: '各阶段耗时',
    stage: '阶段',
    time: '耗时',
    runs: '推理次数',
    together: '合计',
    persons: '逐人说明',
    who: '人物',
    how: '检测过程',
    passes: 'BlazePose 次数',
    passCount: (n) => number(n),
  },

  live: {
    waiting: '正在等待摄像头…',
    nobody: '画面中没有人。',
    following: '正在跟踪画面中的每个人。',
    hidden: '标签页不可见，已暂停。',
    ended: '视频已播放完毕。',
    stopped: '已停止。',
    unplugged: '摄像头已断开或权限被收回，请重新连接后再开始。',
    cameraNumber: (n) => `摄像头 ${n}`,
    noPictureFile: '浏览器未能生成图片文件',
    snapshotTaken: (n) => `快照在下方：${people(n)}。`,
    snapshotFailed: (reason) => `快照失败：${reason}`,
    record: '录制结果',
    stopRecording: '停止录制',
    recording: '正在录制…',
    recorded: (n) => `已录制 ${frames(n)}。`,
    clipFailed: '示例视频无法播放，请改用摄像头。',
    insecure: '浏览器只允许安全页面使用摄像头，请通过 https 或 localhost 打开本页。',
    cameraFailed: (reason) => `摄像头无法启动：${reason}`,
    cameraErrors: {
      NotFoundError: '没有找到摄像头，请连接摄像头，或播放示例视频。',
      OverconstrainedError: '所选摄像头已不可用，请选择其他摄像头。',
      NotAllowedError: '浏览器未获准使用摄像头，请在地址栏或系统设置中允许本页使用，然后重新开始。',
      NotReadableError: '摄像头正被其他应用占用，请关闭该应用后重新开始。',
      AbortError: '摄像头未能启动，请关闭占用它的应用后重新开始。',
    },
  },

  video: {
    opening: '正在打开视频…',
    ready: '已就绪，点击播放即可跟踪，也可以逐帧分析。',
    play: '播放',
    pause: '暂停',
    goOn: '继续',
    analyse: '逐帧分析',
    analyseAgain: '重新分析',
    analyseRest: '分析剩余部分',
    analysing: '正在逐帧分析…',
    paused: '已暂停，可以随意查看，已分析的结果会保留。',
    analysed: (n, found) => `${frames(n)}全部分析完毕：${people(found)}。`,
    stoppedAfter: (n) => `已在第 ${number(n)} 帧后停止，已分析的结果会保留。`,
    frameOf: (at, of) => `第 ${at} / ${of} 帧`,
    frameAt: (at, time) => `第 ${at} 帧，${time}`,
    withTimeLeft: (frame, time) => `${frame}，剩余${time}`,
    position: (time, frame) => (frame === '' ? time : `${time}，${frame}`),
    nobody: '视频中没有人。',
    nobodyYet: '还没有结果：请播放视频，或逐帧分析。',
    basis: { all: '全部帧', part: '已分析部分', played: '播放时的结果' },
    holds: {
      all: '包含每一帧和画面中的每个人。',
      part: '包含目前已分析的帧。',
      played: '包含播放时分析过的帧。需要全部帧时，请逐帧分析。',
      nothing: '还没有结果：请播放视频，或逐帧分析。',
    },
    lane: (n, times, count) => `人物 ${n}：${times}，共 ${frames(count)}。跳转到此处`,
    laneWord: '人物 ',
    fromTo: (from, to) => `${from} 至 ${to}`,
    moreTimes: (n) => `另有 ${number(n)} 段`,
    listed: (all) => all.join('，'),
    sampleFailed: (reason) => `示例视频加载失败（${reason}），仍可使用自己的视频。`,
    nothingDropped: '拖入的内容中没有文件，请先把视频保存到本地再拖入。',
    isPicture: (name) => `${name} 是图片，请打开上方的“图片”页，在那里拖入。`,
    breaksOff: '视频在此中断，文件的剩余部分无法读取。',
    unreadable: '视频无法读取。',
    noPicture: (name) => `${name} 没有浏览器能显示的画面，请换一个视频。`,
    unplayable: (name) => `${name} 不是浏览器能播放的视频，请换一个，例如 MP4 或 WebM。`,
    unknownCodec: (name, codec) =>
      `浏览器无法播放 ${name}，其编码为 ${codec}。请另存为 H.264 编码的 MP4（很多应用称为“兼容性最佳”），或换一个浏览器。`,
    written: (n, file) => `${frames(n)}已写入 ${file}。`,
    making: '正在生成视频…',
    recording: '正在边播放边录制（不含声音），请保持本页在前台…',
    made: (n, size) => `视频已生成：${frames(n)}，${size}。`,
    makingCancelled: '已取消，没有生成视频。',
    cannotWrite: '浏览器不支持写入视频',
    makingFailed: (reason) => `视频生成失败：${reason}。`,
  },
};
