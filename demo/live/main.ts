import {
  BodyAnalysisClient,
  BodyAnalysisError,
  drawPersons,
  filterValidPersons,
  LANDMARK_MODELS,
  SkeletonOverlay,
} from 'body21';
import type { BodyAnalysisResult, TrackedFrame } from 'body21';
import { settingIn } from '../address.ts';
import { byId, create } from '../dom.ts';
import { megabytes } from '../format.ts';
import { holdTab } from '../keeping/tab.ts';
import { listCameras, openCamera } from './camera.ts';
import { Figures } from './figures.ts';
import { interruptible } from './interruptible.ts';
import { Recording } from '../recording.ts';
import { ShowError } from './show-error.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';

const video = byId('video', HTMLVideoElement);
const startButton = byId('start', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const clipButton = byId('clip', HTMLButtonElement);
const mirror = byId('mirror', HTMLInputElement);
const cameraChoice = byId('camera', HTMLSelectElement);
const modelChoice = byId('model', HTMLSelectElement);
const maxPersons = byId('max-persons', HTMLSelectElement);
const targetFps = byId('target-fps', HTMLSelectElement);
const snapshotButton = byId('snapshot', HTMLButtonElement);
const recordButton = byId('record', HTMLButtonElement);
const taken = byId('taken', HTMLElement);
const recorded = byId('recorded', HTMLElement);
const activity = byId('activity', HTMLElement);
const status = byId('status', HTMLElement);
const figures = new Figures();
const overlay = new SkeletonOverlay(video, { boxes: false, labels: nameOf });

/** What is shown; aborted when it ends. */
let show: AbortController | undefined;
let client: BodyAnalysisClient | undefined;
let recording: Recording | undefined;
/**
 * What is drawn: everything that the page says is about it. The overlay
 * closes the frame when the next one comes.
 */
let drawn: { frame: VideoFrame; persons: BodyAnalysisResult } | undefined;

function idOf(person: object): number {
  return 'track_id' in person && typeof person.track_id === 'number' ? person.track_id : 0;
}

function nameOf(person: object): string {
  return String(idOf(person));
}

function complain(text: string): void {
  byId('alert-text', HTMLElement).textContent = text;
  byId('alert', HTMLElement).hidden = text === '';
}

/** Says something once: what is said again and again would be read out again and again. */
function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

/** @throws the signal's reason when it is aborted: then there is no client that nobody has */
async function readyClient(signal: AbortSignal): Promise<BodyAnalysisClient> {
  const model = LANDMARK_MODELS.find((name) => name === modelChoice.value) ?? 'lite';
  if (client?.model === model) return client;
  client?.dispose();
  client = undefined;
  clearDrawing();
  say('');
  activity.textContent = words.loading.ongoing(words.loading.models);
  try {
    const opened = await BodyAnalysisClient.create({
      model,
      quality: 'fast',
      signal,
      onProgress: ({ phase, loaded, total }) => {
        if (signal.aborted) return;
        activity.textContent =
          phase === 'download'
            ? words.loading.bytes(megabytes(loaded), megabytes(total))
            : words.loading.ongoing(words.loading.starting);
      },
    });
    if (signal.aborted) {
      opened.dispose();
      throw signal.reason;
    }
    opened.addEventListener('recovered', ({ error, backend }) => {
      if (!show) return;
      figures.runOn(backend);
      complain(words.errors.recovered(explain(error)));
    });
    client = opened;
    return opened;
  } finally {
    // Whoever stopped it says what comes next.
    if (!signal.aborted) activity.textContent = '';
  }
}

/** Shows what `open` puts into the video, until it is stopped. */
async function run(open: (signal: AbortSignal) => Promise<void>): Promise<void> {
  end();
  complain('');
  const controller = new AbortController();
  show = controller;
  const { signal } = controller;
  setRunning(true);
  try {
    await open(signal);
    signal.throwIfAborted();
    await video.play();
    applyMirror();
    activity.textContent = '';
    let hasEnded: boolean | undefined;
    while (!signal.aborted && !hasEnded) {
      await visible(signal);
      const ready = await interruptible(signal, [[modelChoice, 'change']], readyClient);
      if (!ready || document.hidden) continue;
      const causes = [
        [modelChoice, 'change'],
        [maxPersons, 'change'],
        [targetFps, 'change'],
        [document, 'visibilitychange'],
      ] as const;
      hasEnded = await interruptible(signal, causes, (until) => follow(ready, until));
      figures.rest();
      if (document.hidden && !signal.aborted) {
        video.pause();
        say(words.live.hidden);
      }
    }
    if (hasEnded) stop(words.live.ended);
  } catch (error) {
    if (signal.aborted) return;
    end();
    if (error instanceof ShowError) complain(error.message);
    else if (error instanceof BodyAnalysisError) complain(explain(error));
    else {
      complain(words.errors.unexpected(String(error)));
      reportError(error);
    }
  }
}

/**
 * Follows everyone until the signal is aborted.
 * @returns true: the source has ended
 */
async function follow(ready: BodyAnalysisClient, signal: AbortSignal): Promise<true> {
  await video.play();
  figures.runOn(ready.backend);
  const options = {
    signal,
    maxPersons: Number(maxPersons.value),
    ...(targetFps.value !== '' && { targetFps: Number(targetFps.value) }),
    keepFrame: true,
  };
  for await (const tracked of ready.track(video, options)) {
    const { frame } = tracked;
    if (signal.aborted) frame?.close();
    else if (frame) draw(tracked, frame);
  }
  return true;
}

/** Shows a frame with its people, and what there is to say of it. */
function draw(tracked: TrackedFrame, frame: VideoFrame): void {
  const persons = filterValidPersons(tracked.result);
  overlay.show(persons, frame);
  drawn = { frame, persons };
  figures.add(tracked, persons.person_num);
  say(persons.person_num === 0 ? words.live.nobody : words.live.following);
  snapshotButton.disabled = recordButton.disabled = false;
  if (!recording) return;
  recording.add(tracked.timestamp, persons);
  recorded.textContent = words.live.recorded(recording.length);
}

function clearDrawing(): void {
  overlay.clear();
  drawn = undefined;
  snapshotButton.disabled = true;
  figures.clear();
}

function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}

function setRunning(isRunning: boolean): void {
  stopButton.hidden = !isRunning;
  startButton.hidden = clipButton.hidden = isRunning;
  byId('placeholder', HTMLElement).hidden = isRunning;
  (isRunning ? stopButton : startButton).focus({ preventScroll: true });
}

/** Ends what is shown, and whatever the page says of it. */
function end(): void {
  show?.abort(new Error('stopped'));
  show = undefined;
  const stream = video.srcObject;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
  clearDrawing();
  setRunning(false);
  recordButton.disabled = true;
  if (recording) finishRecording();
  activity.textContent = '';
  say('');
}

function stop(why: string): void {
  end();
  say(why);
}

function applyMirror(): void {
  video.style.transform = mirror.checked ? 'scaleX(-1)' : '';
  overlay.options = { ...overlay.options, mirror: mirror.checked };
}

async function startCamera(signal: AbortSignal): Promise<void> {
  activity.textContent = words.live.waiting;
  const stream = await openCamera(cameraChoice.value);
  if (signal.aborted) {
    // Stopped while the browser asked the visitor: the camera must not stay on.
    for (const track of stream.getTracks()) track.stop();
    return;
  }
  video.srcObject = stream;
  for (const track of stream.getTracks()) {
    track.addEventListener('ended', () => {
      if (signal.aborted) return;
      stop(words.live.stopped);
      complain(words.live.unplugged);
    });
  }
  const cameras = await listCameras();
  if (signal.aborted || cameras.length === 0) return;
  const chosen = stream.getVideoTracks()[0]?.getSettings().deviceId ?? '';
  cameraChoice.replaceChildren(
    ...cameras.map(({ deviceId, label }, index) =>
      create(
        'option',
        { value: deviceId, selected: deviceId === chosen },
        label || words.live.cameraNumber(index + 1),
      ),
    ),
  );
}

/** Keeps what is on show: the very frame, and the people who are drawn on it. */
async function takeSnapshot(): Promise<void> {
  if (!drawn) return;
  const { frame, persons } = drawn;
  const picture = create('canvas', { width: frame.displayWidth, height: frame.displayHeight });
  const context = picture.getContext('2d');
  if (!context) return;
  context.drawImage(frame, 0, 0, picture.width, picture.height);
  drawPersons(context, persons, overlay.options);
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve));
  if (!blob) throw new Error(words.live.noPictureFile);
  const json = JSON.stringify(persons, undefined, 2);
  const shot = byId('shot-picture', HTMLImageElement);
  URL.revokeObjectURL(shot.src);
  shot.src = URL.createObjectURL(blob);
  byId('save-picture', HTMLAnchorElement).href = shot.src;
  offer('save-json', json, 'application/json');
  byId('json', HTMLElement).textContent = json;
  byId('shot', HTMLElement).hidden = false;
  taken.textContent = words.live.snapshotTaken(persons.person_num);
  taken.hidden = false;
}

function offer(id: string, text: string, type: string): void {
  const link = byId(id, HTMLAnchorElement);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
}

function finishRecording(): void {
  if (!recording) return;
  offer('save-jsonl', recording.toJsonLines(), 'application/jsonl');
  offer('save-csv', recording.toCsv(), 'text/csv');
  recorded.textContent = words.live.recorded(recording.length);
  byId('recording', HTMLElement).hidden = recording.length === 0;
  recording = undefined;
  recordButton.setAttribute('aria-pressed', 'false');
  recordButton.textContent = words.live.record;
}

function toggleRecording(): void {
  if (recording) {
    finishRecording();
    return;
  }
  recording = new Recording();
  recordButton.setAttribute('aria-pressed', 'true');
  recordButton.textContent = words.live.stopRecording;
  byId('recording', HTMLElement).hidden = true;
  recorded.hidden = false;
  recorded.textContent = words.live.recording;
}

async function playClip(): Promise<void> {
  mirror.checked = false;
  video.src = 'samples/crossing.webm';
  await video.play().catch((cause: unknown) => {
    throw new ShowError(words.live.clipFailed, { cause });
  });
}

/** The stage's shape follows the video's where they have the same width. */
function applyShape(): void {
  const { videoWidth, videoHeight } = video;
  if (videoHeight > 0)
    video.parentElement?.style.setProperty('--aspect', (videoWidth / videoHeight).toFixed(5));
}

startButton.addEventListener('click', () => {
  mirror.checked = true;
  void run(startCamera);
});
clipButton.addEventListener('click', () => void run(playClip));
stopButton.addEventListener('click', () => stop(words.live.stopped));
video.addEventListener('resize', applyShape);
mirror.addEventListener('change', applyMirror);
cameraChoice.addEventListener('change', () => {
  if (video.srcObject !== null) void run(startCamera);
});
snapshotButton.addEventListener('click', () => {
  takeSnapshot().catch((error: unknown) => complain(words.live.snapshotFailed(String(error))));
});
recordButton.addEventListener('click', toggleRecording);
holdTab();
modelChoice.value = settingIn(location.search, 'model', LANDMARK_MODELS) ?? modelChoice.value;
// Until here a click would have been lost.
startButton.disabled = clipButton.disabled = false;
