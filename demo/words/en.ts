import type { AnalysisStage, BodyAnalysisErrorCode, BodyPart } from 'body21';
import type { LineKind } from '../explanation-lines.ts';
import { counting } from './counting.ts';

const { counted } = counting('en');

const frames = (n: number) => counted(n, { one: 'frame', other: 'frames' });
/** Nobody is there at 0. */
const people = (n: number) => (n === 0 ? 'nobody' : counted(n, { one: 'person', other: 'people' }));

const parts: Readonly<Record<BodyPart, string>> = {
  top_head: 'Top of the head',
  left_ear: 'Left ear',
  right_ear: 'Right ear',
  left_eye: 'Left eye',
  right_eye: 'Right eye',
  nose: 'Nose',
  left_mouth_corner: 'Left mouth corner',
  right_mouth_corner: 'Right mouth corner',
  neck: 'Neck',
  left_shoulder: 'Left shoulder',
  right_shoulder: 'Right shoulder',
  left_elbow: 'Left elbow',
  right_elbow: 'Right elbow',
  left_wrist: 'Left wrist',
  right_wrist: 'Right wrist',
  left_hip: 'Left hip',
  right_hip: 'Right hip',
  left_knee: 'Left knee',
  right_knee: 'Right knee',
  left_ankle: 'Left ankle',
  right_ankle: 'Right ankle',
};

const stages: Readonly<Record<AnalysisStage, string>> = {
  decode: 'reading the picture',
  detect: 'looking for people',
  landmarks: 'placing keypoints',
  refine: 'looking again',
};

const lines: Readonly<Record<LineKind, string>> = {
  person: 'Became a person',
  closer: 'Looked at again',
  again: 'The same person again',
  dropped: 'Dropped',
  square: 'A detector looked here',
};

/** What the pages' scripts say, in English. What stands in the pages themselves is in `en-pages.ts`. */
export const en = {
  people,
  frames,
  person: (number: number) => `Person ${number}`,
  parts,
  stages,

  /** What the analysis runs on. */
  backend: {
    threads: (n: number) => counted(n, { one: 'thread', other: 'threads' }),
    unknownGpu: 'GPU of unknown make',
    software: (gpu: string) => `${gpu} (software)`,
  },

  loading: {
    models: 'Loading the models',
    starting: 'Starting the models',
    /** Text that goes on. */
    ongoing: (text: string) => `${text}…`,
    bytes: (loaded: string, total: string) => `Loading the models… ${loaded} of ${total}`,
  },

  /** How long something will take. */
  roughly: {
    moment: 'a few seconds',
    seconds: (n: number) => `about ${n} seconds`,
    minutes: (n: number) => `about ${counted(n, { one: 'minute', other: 'minutes' })}`,
  },

  errors: {
    /** The library's own sentence is an English one. */
    library: (_code: BodyAnalysisErrorCode, message: string) => message,
    recovered: (message: string) => `The analysis was interrupted and went on. ${message}`,
    recoveredOn: (backend: string, message: string) =>
      `The analysis was interrupted and went on with ${backend}. ${message}`,
    unexpected: (message: string) => `Something went wrong: ${message}`,
  },

  photo: {
    /** A photo's name, and what is said of it. */
    of: (name: string, said: string) => `${name}: ${said}`,
    alt: (name: string) => `The photo ${name}`,
    pasted: 'Pasted picture',
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    removed: (name: string) => `${name} is removed.`,
    sample: (title: string) => `Sample: ${title}`,
    samples: {
      'two.jpg': 'Two people',
      'jump.jpg': 'In the air',
      'group.webp': 'A group',
      'armsup.jpg': 'Arms up',
      'sit.jpg': 'Sitting',
      'two2.jpg': 'One behind the other',
    },
    nothingDropped: 'There was no file in what you dropped. Save the picture first, then drop the file.',
    sampleFailed: (file: string, reason: string) =>
      `The sample ${file} could not be loaded (${reason}). Your own photos work all the same.`,
    videoAmongPhotos: (name: string) => `${name} is a video: drop it by itself to open it.`,
    videoNotHanded: (name: string) =>
      `${name} is a video, and this browser would not hand it on. Open “Video” above, and choose it there.`,
    cancelled: 'Cancelled. What was analysed before is kept.',

    analysing: 'Analysing',
    /** Which photo of how many, where there are several, and what is done with it. */
    progress: (photo: { at: number; of: number } | undefined, stage: string) => {
      const said = [...(photo ? [`photo ${photo.at} of ${photo.of}`] : []), ...(stage === '' ? [] : [stage])];
      return `Analysing… ${said.join(': ')}`.trim();
    },
    stageOf: (stage: string, at: number, of: number) => `${stage}, ${at} of ${of}`,

    failed: 'could not be analysed',
    notYet: 'not analysed yet',
    found: (n: number) => `Found ${people(n)}.`,
    /** @param at which of them is on show, from 1 */
    summary: (at: number, all: number, outcome: string, found: number) =>
      `Photo ${at} of ${all}: ${outcome}. ${counted(found, { one: 'person', other: 'people' })} in all.`,
    someFailed: (n: number) => `${counted(n, { one: 'photo', other: 'photos' })} could not be analysed.`,

    valid: 'Valid',
    filteredOut: 'Filtered out',
    validOf: (valid: number, all: number) => `${valid} of ${all} valid`,
    facts: (box: string, sure: number, all: number) => `box ${box} · ${sure} of ${all} keypoints sure`,
    keypointsOf: (number: number) => `Keypoints of person ${number}`,
    none: 'There is no photo yet.',
    nobody: 'There is nobody in this photo.',
    failedHere: 'This photo could not be analysed.',
    notAnalysed: 'This photo was not analysed.',
    looking: 'Looking…',

    bits: (n: number) => `${n} bits`,
    notBackend: (backend: string, reason: string) => `Not ${backend}: ${reason}`,
    noMoreThreads: (reason: string) => `No more threads: ${reason}`,
    firstChoice: 'The first choice worked.',

    jsonCopied: 'The JSON is copied.',
    notCopied: 'The browser did not let the page copy. Download the JSON instead.',
    formats: { json: 'JSON', svg: 'SVG drawing', coco: 'COCO, all photos', csv: 'CSV, all photos' },
  },

  /** How people were found. */
  explanation: {
    lines,
    notAnalysed: 'This photo was not analysed for it.',
    places: (n: number) => `${counted(n, { one: 'place was', other: 'places were' })} looked at`,
    faceDetector: 'BlazePose’s detector',
    faces: (n: number) => (n === 0 ? 'nobody' : counted(n, { one: 'face', other: 'faces' })),
    bodies: (n: number) => (n === 0 ? 'nobody' : counted(n, { one: 'body', other: 'bodies' })),
    detector: (name: string, squares: number, saw: string) =>
      `${name} looked at ${counted(squares, { one: 'square', other: 'squares' })} and saw ${saw}.`,
    between: ' ',
    /** What became of so many places; the number stands before it. */
    closer: (n: number, network: string, points: number) =>
      n === 1
        ? `was looked at again: ${network} placed ${points} points`
        : `were looked at again: ${network} placed ${points} points in each`,
    person: (n: number, network: string, points: number) =>
      n === 1
        ? `became a person: ${network} placed ${points} points`
        : `became people: ${network} placed ${points} points on each`,
    samePose: (network: string) => `showed ${network} the same person again`,
    lowScore: (network: string) => `showed ${network} too little of a person`,
    implausible: (network: string) => `showed ${network} no possible body`,
    noPerson: (network: string) => `showed ${network} nobody`,
    /** How one person was found, step by step. */
    steps: (steps: readonly string[]) => `${steps.join('; ')}.`,
    sawBody: 'NanoDet saw a body here',
    sawFace: 'BlazePose’s detector saw someone here',
    sawFaceAlone: 'BlazePose’s detector saw someone here, alone',
    placedFirst: (network: string, points: number) => `${network} placed ${points} points`,
    placed: (network: string, points: number) => `${network} placed ${points}`,
    notSure: (network: string) => `${network} was not sure of anyone`,
    seenAgain: (n: number) => `seen again in ${counted(n, { one: 'other place', other: 'other places' })}`,
    times: 'Where the time went',
    stage: 'Stage',
    time: 'Time',
    runs: 'Model runs',
    together: 'together',
    persons: 'Each person',
    who: 'Who',
    how: 'How',
    passes: 'Looked at by BlazePose',
    passCount: (n: number) => counted(n, { one: 'time', other: 'times' }),
  },

  live: {
    waiting: 'Waiting for the camera…',
    nobody: 'Nobody is in view.',
    following: 'Following everyone in view.',
    hidden: 'Paused while the tab is hidden.',
    ended: 'The video has ended.',
    stopped: 'Stopped.',
    unplugged: 'The camera was unplugged, or its permission taken away. Connect it, and start again.',
    cameraNumber: (number: number) => `Camera ${number}`,
    noPictureFile: 'The browser made no file of it.',
    snapshotTaken: (n: number) => `The snapshot is below: ${people(n)}.`,
    snapshotFailed: (reason: string) => `The snapshot failed: ${reason}`,
    record: 'Record results',
    stopRecording: 'Stop recording',
    recording: 'Recording…',
    recorded: (n: number) => `${frames(n)} recorded.`,
    clipFailed: 'The sample clip could not be played. Start the camera instead.',
    insecure: 'Browsers give cameras to secure pages only: open this one over https or on localhost.',
    cameraFailed: (reason: string) => `The camera could not be started: ${reason}`,
    /** By the name of the browser's error. */
    cameraErrors: {
      NotFoundError: 'No camera was found. Connect one, or play the sample clip.',
      OverconstrainedError: 'The chosen camera is not there any more. Choose another one.',
      NotAllowedError:
        "The browser may not use the camera. Allow it for this page (beside the address, or in the system's settings), and start again.",
      NotReadableError: 'Another app is using the camera. Close that app, and start again.',
      AbortError: 'The camera did not start. Close other apps that use it, and start again.',
    },
  },

  video: {
    opening: 'Opening the video…',
    ready: 'Ready. Press Play to follow everyone, or have every frame analysed.',
    play: 'Play',
    pause: 'Pause',
    goOn: 'Go on',
    analyse: 'Analyse every frame',
    analyseAgain: 'Analyse again',
    analyseRest: 'Analyse the rest',
    analysing: 'Analysing every frame…',
    paused: 'Paused. Look around if you like: what was analysed is kept.',
    analysed: (n: number, found: number) => `All ${frames(n)} analysed: ${people(found)}.`,
    stoppedAfter: (n: number) => `Stopped after ${frames(n)}. What was analysed is kept.`,
    frameOf: (at: number, of: number) => `Frame ${at} of ${of}`,
    frameAt: (at: number, time: string) => `Frame ${at}, at ${time}`,
    withTimeLeft: (frame: string, time: string) => `${frame}, ${time} left`,
    position: (time: string, frame: string) => (frame === '' ? time : `${time}, ${frame}`),
    nobody: 'Nobody is in this video.',
    nobodyYet: 'Nobody yet: play the video, or have every frame analysed.',
    /** What lanes are of. */
    basis: { all: 'every frame', part: 'as far as analysed', played: 'as seen while playing' },
    /** What is in the files. */
    holds: {
      all: 'Every frame is in it, with everyone in view.',
      part: 'The frames are in it that were analysed so far.',
      played:
        'The frames are in it that were looked at while it played. For all of them, analyse every frame.',
      nothing: 'Nothing yet: play the video, or analyse every frame.',
    },
    /** Someone's line, to who cannot see it. */
    lane: (number: number, times: string, n: number) => `Person ${number}: ${times}. ${frames(n)}. Go there`,
    laneWord: 'Person ',
    fromTo: (from: string, to: string) => `${from} to ${to}`,
    moreTimes: (n: number) => `and ${counted(n, { one: 'more time', other: 'more times' })}`,
    listed: (all: readonly string[]) => all.join(', '),
    sampleFailed: (reason: string) =>
      `The sample clip could not be loaded (${reason}). Your own videos work all the same.`,
    nothingDropped: 'There was no file in what you dropped. Save the video first, then drop the file.',
    isPicture: (name: string) => `${name} is a picture: open “Photos” above, and drop it there.`,
    breaksOff: 'The video breaks off here: the rest of the file cannot be read.',
    unreadable: 'The video could not be read.',
    noPicture: (name: string) => `${name} has no picture that this browser can show. Choose another video.`,
    unplayable: (name: string) =>
      `${name} is not a video that this browser can play. Choose another, such as an MP4 or a WebM.`,
    unknownCodec: (name: string, codec: string) =>
      `This browser cannot play ${name}: its picture is encoded as ${codec}. Save it as an MP4 with H.264 (many apps call that “most compatible”), or try another browser.`,
    written: (n: number, file: string) => `${frames(n)} written to ${file}.`,
    making: 'Making the video…',
    recording: 'Recording the video as it plays, without its sound. Please leave this page in front…',
    made: (n: number, size: string) => `The video is ready: ${frames(n)}, ${size}.`,
    makingCancelled: 'Cancelled: no video was made.',
    cannotWrite: 'This browser cannot write videos',
    makingFailed: (reason: string) => `The video could not be made: ${reason}.`,
  },
};
