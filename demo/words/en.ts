import type { AnalysisStage, BodyAnalysisErrorCode, BodyPart } from 'body21';
import type { LineKind } from '../explanation-lines.ts';
import { counting } from './counting.ts';

const { counted, number } = counting('en');

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
  decode: 'reading the photo',
  detect: 'looking for people',
  landmarks: 'placing keypoints',
  refine: 'refining',
};

const lines: Readonly<Record<LineKind, string>> = {
  person: 'Became a person',
  closer: 'Refined',
  again: 'Found again',
  dropped: 'Rejected',
  square: 'Searched',
};

/** What the pages' scripts say, in English. What stands in the pages themselves is in `en-pages.ts`. */
export const en = {
  /** Between two sentences. */
  between: ' ',
  people,
  frames,
  person: (at: number) => `Person ${at}`,
  parts,
  stages,

  /** What the analysis runs on. */
  backend: {
    threads: (n: number) => counted(n, { one: 'thread', other: 'threads' }),
    unknownGpu: 'unknown GPU',
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
    sentence: (_code: BodyAnalysisErrorCode, message: string) => message,
    recovered: (message: string) => `The analysis was interrupted and has resumed. ${message}`,
    recoveredOn: (backend: string, message: string) =>
      `The analysis was interrupted and has resumed on ${backend}. ${message}`,
    unexpected: (message: string) => `Something went wrong: ${message}`,
  },

  photo: {
    /** A photo's name, and what is said of it. */
    of: (name: string, said: string) => `${name}: ${said}`,
    alt: (name: string) => `The photo ${name}`,
    pasted: 'Pasted picture',
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    removed: (name: string) => `Removed ${name}.`,
    sample: (title: string) => `Sample: ${title}`,
    samples: {
      'two.jpg': 'Two people',
      'jump.jpg': 'In the air',
      'group.webp': 'A group',
      'armsup.jpg': 'Arms up',
      'sit.jpg': 'Sitting',
      'two2.jpg': 'One behind the other',
    },
    nothingDropped: 'What you dropped holds no file. Save the picture first, then drop the file.',
    sampleFailed: (file: string, reason: string) =>
      `The sample ${file} could not be loaded (${reason}). Your own photos still work.`,
    videoAmongPhotos: (name: string) => `${name} is a video: drop it on its own to open it.`,
    videoNotHanded: (name: string) =>
      `${name} is a video, and this browser could not pass it on. Open “Video” above and choose it there.`,
    cancelled: 'Cancelled. Earlier results are kept.',

    analysing: 'Analysing',
    /** Which photo of how many, where there are several, and what is done with it. */
    progress: (photo: { at: number; of: number } | undefined, stage: string) => {
      const said = [...(photo ? [`photo ${photo.at} of ${photo.of}`] : []), ...(stage === '' ? [] : [stage])];
      return `Analysing… ${said.join(': ')}`.trim();
    },
    stageOf: (stage: string, at: number, of: number) => `${stage}, ${at} of ${of}`,

    /** People of a photo before all are known. */
    soFar: (n: number) => `${people(n)} so far`,
    firstFound: 'The first people are shown, others are looked for.',

    /** What the handle of the results does next, by how high they are. */
    sheet: {
      low: 'Raise the results',
      half: 'Raise the results to full height',
      full: 'Lower the results',
    },

    failed: 'could not be analysed',
    notYet: 'not analysed yet',
    found: (n: number) => (n === 0 ? 'Nobody found.' : `Found ${people(n)}.`),
    /** @param at which of them is on show, from 1 */
    summary: (at: number, all: number, outcome: string, found: number) =>
      `Photo ${at} of ${all}: ${outcome}. ${counted(found, { one: 'person', other: 'people' })} in all.`,
    someFailed: (n: number) => `${counted(n, { one: 'photo', other: 'photos' })} could not be analysed.`,

    valid: 'Valid',
    filteredOut: 'Filtered out',
    validOf: (valid: number, all: number) => `${valid} of ${all} valid`,
    facts: (box: string, sure: number, all: number) => `Box ${box} · ${sure} of ${all} keypoints`,
    keypointsOf: (person: number) => `Keypoints of person ${person}`,
    none: 'No photo yet.',
    nobody: 'Nobody in this photo.',
    failedHere: 'This photo could not be analysed.',
    notAnalysed: 'This photo is not analysed yet.',
    looking: 'Analysing…',

    bits: (n: number) => `${n}-bit`,
    notBackend: (backend: string, reason: string) => `Not ${backend}: ${reason}`,
    noMoreThreads: (reason: string) => `Limited threads: ${reason}`,
    firstChoice: 'It is the first choice, and it works here.',

    /** What is seen, and how it is turned. */
    solid: (person: string) => `${person} in 3D. Drag it or use the arrow keys to turn it; 0 resets it.`,

    jsonCopied: 'JSON copied.',
    codeCopied: 'Code copied.',
    pictureCopied: 'Picture copied.',
    notCopied: 'The browser refused to copy. Select the text and copy it yourself.',
    saved: (file: string) => `Saved ${file}.`,
    making: (at: number, of: number) => `Drawing photo ${at} of ${of}…`,
    notSaved: (reason: string) => `This could not be saved: ${reason}`,
    notShared: (reason: string) => `The picture could not be shared. Save it instead. (${reason})`,
  },

  /** How people were found. */
  explanation: {
    lines,
    notAnalysed: 'This photo was analysed without it.',
    places: (n: number) => `${counted(n, { one: 'region', other: 'regions' })} examined`,
    faceDetector: 'BlazePose’s detector',
    faces: (n: number) => (n === 0 ? 'nobody' : counted(n, { one: 'face', other: 'faces' })),
    bodies: (n: number) => (n === 0 ? 'nobody' : counted(n, { one: 'body', other: 'bodies' })),
    detector: (name: string, squares: number, saw: string) =>
      `${name} searched ${counted(squares, { one: 'square', other: 'squares' })} and found ${saw}.`,
    /** What became of so many places; the number stands before it. */
    closer: (n: number, network: string, points: number) =>
      n === 1
        ? `was refined: ${points} points by ${network}`
        : `were refined: ${points} points each by ${network}`,
    person: (n: number, network: string, points: number) =>
      n === 1
        ? `became a person: ${points} points by ${network}`
        : `became people: ${points} points each by ${network}`,
    samePose: (n: number, network: string) =>
      n === 1 ? `was someone found already (${network})` : `were people found already (${network})`,
    lowScore: (_: number, network: string) => `scored too low (${network})`,
    implausible: (n: number, network: string) =>
      n === 1 ? `was no plausible body (${network})` : `were no plausible bodies (${network})`,
    noPerson: (_: number, network: string) => `had nobody in view (${network})`,
    /** How one person was found, step by step. */
    steps: (steps: readonly string[]) => `${steps.join('; ')}.`,
    sawBody: 'Found by NanoDet',
    sawFace: 'Found by BlazePose’s detector',
    sawFaceAlone: 'Found by BlazePose’s detector alone',
    placedFirst: (network: string, points: number) => `${points} points by ${network}`,
    placed: (network: string, points: number) => `${points} by ${network}`,
    notSure: (network: string) => `${network} was not sure`,
    seenAgain: (n: number) => `found again in ${counted(n, { one: 'other region', other: 'other regions' })}`,
    times: 'Where the time went',
    stage: 'Stage',
    time: 'Time',
    runs: 'Model runs',
    together: 'Total',
    persons: 'Person by person',
    who: 'Who',
    how: 'How',
    passes: 'BlazePose runs',
    passCount: (n: number) => number(n),
  },

  live: {
    waiting: 'Waiting for the camera…',
    nobody: 'Nobody is in view.',
    notInView: (person: number) => `Person ${person} is not in view.`,
    following: 'Following everyone in view.',
    noCameraSoClip: 'No camera found, so this is the sample clip.',
    hidden: 'Paused while the tab is hidden.',
    ended: 'The video has ended.',
    stopped: 'Stopped.',
    unplugged: 'The camera was unplugged, or its permission revoked. Reconnect it and start again.',
    cameraNumber: (at: number) => `Camera ${at}`,
    noPictureFile: 'the browser made no file of it',
    snapshotTaken: (n: number) => `The snapshot is below: ${people(n)}.`,
    snapshotMirrored: 'Mirrored, as you saw it. The JSON has the coordinates of the camera’s own picture.',
    snapshotFailed: (reason: string) => `The snapshot failed: ${reason}`,
    record: 'Record results',
    stopRecording: 'Stop recording',
    recording: 'Recording…',
    recorded: (n: number) => `${frames(n)} recorded.`,
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    models: { lite: 'Lite', full: 'Full', heavy: 'Heavy' },
    tooSlow: 'This device is too slow to cut people out of a video, so here are their skeletons again.',
    noView: (reason: string) => `This view could not be loaded, so here are the skeletons. ${reason}`,
    noModel: (reason: string) => `The other model could not be loaded, so the one before goes on. ${reason}`,
    clipFailed: 'The sample clip could not be played. Start the camera instead.',
    insecure: 'Browsers allow cameras on secure pages only: open this page over https or on localhost.',
    cameraFailed: (reason: string) => `The camera could not be started: ${reason}`,
    /** By the name of the browser's error. */
    cameraErrors: {
      NotFoundError: 'No camera found. Connect one, or play the sample clip.',
      OverconstrainedError: 'The chosen camera is gone. Choose another one.',
      NotAllowedError:
        'The browser may not use the camera. Allow it for this page (next to the address, or in the system settings) and start again.',
      NotReadableError: 'Another app is using the camera. Close that app and start again.',
      AbortError: 'The camera did not start. Close other apps that use it and start again.',
    },
  },

  video: {
    opening: 'Opening the video…',
    ready: 'Ready. Press Play to follow everyone, or analyse every frame.',
    play: 'Play',
    pause: 'Pause',
    goOn: 'Resume',
    analyse: 'Analyse every frame',
    analyseAgain: 'Analyse again',
    analyseRest: 'Analyse the rest',
    analysing: 'Analysing every frame…',
    paused: 'Paused. Results so far are kept.',
    analysed: (n: number, found: number) => `All ${frames(n)} analysed: ${people(found)}.`,
    stoppedAfter: (n: number) => `Stopped after ${frames(n)}. Results so far are kept.`,
    frameOf: (at: number, of: number) => `Frame ${at} of ${of}`,
    frameAt: (at: number, time: string) => `Frame ${at}, at ${time}`,
    withTimeLeft: (frame: string, time: string) => `${frame}, ${time} left`,
    position: (time: string, frame: string) => (frame === '' ? time : `${time}, ${frame}`),
    nobody: 'Nobody is in this video.',
    nobodyYet: 'Nobody yet: play the video, or analyse every frame.',
    /** What lanes are of. */
    basis: { all: 'every frame', part: 'frames analysed so far', played: 'frames seen while playing' },
    /** What is in the files. */
    holds: {
      all: 'Every frame, with everyone in view.',
      part: 'The frames analysed so far.',
      played: 'The frames seen while it played. Analyse every frame to have them all.',
      nothing: 'Nothing yet: play the video, or analyse every frame.',
    },
    /** Someone's line, to who cannot see it. */
    lane: (person: number, times: string, n: number) => `Person ${person}: ${times}. ${frames(n)}. Go there`,
    laneWord: 'Person ',
    fromTo: (from: string, to: string) => `${from} to ${to}`,
    moreTimes: (n: number) => `and ${counted(n, { one: 'more time', other: 'more times' })}`,
    listed: (all: readonly string[]) => all.join(', '),
    sampleFailed: (reason: string) =>
      `The sample clip could not be loaded (${reason}). Your own videos still work.`,
    nothingDropped: 'What you dropped holds no file. Save the video first, then drop the file.',
    isPicture: (name: string) => `${name} is a picture: open “Photos” above and drop it there.`,
    breaksOff: 'The video ends early: the rest of the file cannot be read.',
    unreadable: 'The video could not be read.',
    noPicture: (name: string) => `${name} has no picture that this browser can show. Choose another video.`,
    unplayable: (name: string) =>
      `${name} is not a video that this browser can play. Choose another, such as an MP4 or a WebM.`,
    unknownCodec: (name: string, codec: string) =>
      `This browser cannot play ${name}: its picture is encoded as ${codec}. Save it as an MP4 with H.264 (many apps call that “most compatible”), or try another browser.`,
    written: (n: number, file: string) => `${frames(n)} written to ${file}.`,
    mute: 'It has no sound.',
    soundOn: 'Sound on',
    soundOff: 'Sound off',
    making: 'Making the video…',
    recording: 'Recording the video as it plays, without its sound. Please keep this page in front…',
    made: (n: number, size: string) => `The video is ready: ${frames(n)}, ${size}.`,
    makingCancelled: 'Cancelled. No video was made.',
    cannotWrite: 'This browser cannot write videos',
    makingFailed: (reason: string) => `The video could not be made: ${reason}.`,
  },
};
