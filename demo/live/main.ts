import {
  BodyAnalysisClient,
  BodyAnalysisError,
  drawPersons,
  filterValidPersons,
  LANDMARK_MODELS,
  SkeletonOverlay,
} from 'body21';
import { byId, create } from '../dom.ts';
import { BACKEND_NAMES, count, duration, megabytes, people } from '../format.ts';
import { CameraError, listCameras, openCamera } from './camera.ts';
import { Recording } from './recording.ts';

/** Frames that the figures are the mean of. */
const WINDOW = 30;
/** How often the figures change, in milliseconds: faster, nobody can read them. */
const FIGURES_MS = 300;

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
const activity = byId('activity', HTMLElement);
const status = byId('status', HTMLElement);
const overlay = new SkeletonOverlay(video, { boxes: false, labels: nameOf });

/** What is on show; aborted when it ends. */
let show: AbortController | undefined;
let client: BodyAnalysisClient | undefined;
let recording: Recording | undefined;

function nameOf(person: object): string {
  return 'track_id' in person ? String(person.track_id) : '';
}

function complain(text: string): void {
  byId('alert-text', HTMLElement).textContent = text;
  byId('alert', HTMLElement).hidden = text === '';
}

async function readyClient(): Promise<BodyAnalysisClient> {
  const model = LANDMARK_MODELS.find((name) => name === modelChoice.value) ?? 'full';
  if (client?.model === model) return client;
  client?.dispose();
  client = undefined;
  activity.textContent = 'Loading the models…';
  client = await BodyAnalysisClient.create({
    model,
    quality: 'fast',
    onProgress: ({ phase, loaded, total }) => {
      activity.textContent =
        phase === 'download'
          ? `Loading the models… ${megabytes(loaded)} of ${megabytes(total)}`
          : 'Starting the models…';
    },
  });
  client.addEventListener('recovered', ({ error }) =>
    complain(`The analysis was interrupted and went on. ${error.message}`),
  );
  const { name, threads } = client.backend;
  byId('backend', HTMLElement).textContent = `${BACKEND_NAMES[name]}, ${count(threads, 'thread', 'threads')}`;
  return client;
}

/** Shows what `open` puts into the video, until it is stopped. */
async function run(open: (signal: AbortSignal) => Promise<void>): Promise<void> {
  stop();
  complain('');
  const controller = new AbortController();
  show = controller;
  const { signal } = controller;
  setRunning(true);
  try {
    await open(signal);
    if (signal.aborted) return;
    await video.play();
    byId('placeholder', HTMLElement).hidden = true;
    applyMirror();
    const ready = await readyClient();
    activity.textContent = '';
    if (signal.aborted) return;
    status.textContent = 'Following everyone.';
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- once for each time that the tab is looked at
      await visible(signal);
      // oxlint-disable-next-line no-await-in-loop
      await follow(ready, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    stop();
    if (error instanceof CameraError || error instanceof BodyAnalysisError) complain(error.message);
    else {
      complain(`Something went wrong: ${String(error)}`);
      reportError(error);
    }
  }
}

/** Follows everyone for as long as the tab is looked at. */
async function follow(ready: BodyAnalysisClient, signal: AbortSignal): Promise<void> {
  const hidden = new AbortController();
  const hide = () => document.hidden && hidden.abort();
  document.addEventListener('visibilitychange', hide);
  await video.play();
  const times: { at: number; latency: number }[] = [];
  let dropped = 0;
  let shownMs = 0;
  try {
    const options = {
      signal: AbortSignal.any([signal, hidden.signal]),
      maxPersons: Number(maxPersons.value),
      ...(targetFps.value !== '' && { targetFps: Number(targetFps.value) }),
      keepFrame: true,
    };
    for await (const frame of ready.track(video, options)) {
      const valid = filterValidPersons(frame.result);
      overlay.show(valid, frame.frame);
      recording?.add(frame);
      snapshotButton.disabled = recordButton.disabled = false;
      const at = performance.now();
      dropped += frame.dropped;
      times.push({ at, latency: frame.latencyMs });
      if (times.length > WINDOW) times.shift();
      if (at - shownMs < FIGURES_MS) continue;
      shownMs = at;
      showFigures(valid.person_num, times, dropped);
      byId('used', HTMLElement).textContent = frame.model;
    }
  } catch (error) {
    if (!hidden.signal.aborted) throw error;
  } finally {
    document.removeEventListener('visibilitychange', hide);
  }
  if (document.hidden) {
    video.pause();
    status.textContent = 'Paused while the tab is hidden.';
  }
}

function showFigures(
  persons: number,
  times: readonly { at: number; latency: number }[],
  dropped: number,
): void {
  const [first, last] = [times[0], times.at(-1)];
  const seconds = first && last ? (last.at - first.at) / 1000 : 0;
  const latency = times.reduce((sum, each) => sum + each.latency, 0) / times.length;
  byId('people', HTMLElement).textContent = people(persons);
  byId('fps', HTMLElement).textContent = seconds > 0 ? ((times.length - 1) / seconds).toFixed(1) : '–';
  byId('latency', HTMLElement).textContent = duration(latency);
  byId('dropped', HTMLElement).textContent = String(dropped);
  if (recording) {
    byId('recorded', HTMLElement).textContent = `${count(recording.length, 'frame', 'frames')} recorded.`;
  }
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
  (isRunning ? stopButton : startButton).focus({ preventScroll: true });
}

function stop(): void {
  show?.abort(new Error('stopped'));
  show = undefined;
  const stream = video.srcObject;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
  overlay.clear();
  setRunning(false);
  byId('placeholder', HTMLElement).hidden = false;
  snapshotButton.disabled = recordButton.disabled = true;
  if (recording) finishRecording();
  activity.textContent = '';
  status.textContent = 'Stopped.';
}

function applyMirror(): void {
  video.style.transform = mirror.checked ? 'scaleX(-1)' : '';
  overlay.options = { ...overlay.options, mirror: mirror.checked };
}

async function startCamera(signal: AbortSignal): Promise<void> {
  const stream = await openCamera(cameraChoice.value);
  if (signal.aborted) {
    // Stopped while the browser asked the visitor: the camera must not stay on.
    for (const track of stream.getTracks()) track.stop();
    return;
  }
  video.srcObject = stream;
  for (const track of stream.getTracks()) {
    track.addEventListener('ended', () => {
      stop();
      complain('The camera was unplugged, or its permission taken away. Connect it, and start again.');
    });
  }
  const cameras = await listCameras();
  const chosen = stream.getVideoTracks()[0]?.getSettings().deviceId ?? '';
  cameraChoice.replaceChildren(
    ...cameras.map(({ deviceId, label }, index) =>
      create('option', { value: deviceId, selected: deviceId === chosen }, label || `Camera ${index + 1}`),
    ),
  );
}

/** Keeps the frame on show: it is analysed once more, as a photo. */
async function takeSnapshot(): Promise<void> {
  const picture = create('canvas', { width: video.videoWidth, height: video.videoHeight });
  const context = picture.getContext('2d', { willReadFrequently: true });
  if (!context || !client) return;
  context.drawImage(video, 0, 0);
  const result = await client.bodyAnalysis(context.getImageData(0, 0, picture.width, picture.height));
  drawPersons(context, filterValidPersons(result));
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve));
  if (!blob) return;
  const json = JSON.stringify(result, undefined, 2);
  const shot = byId('shot-picture', HTMLImageElement);
  URL.revokeObjectURL(shot.src);
  shot.src = URL.createObjectURL(blob);
  byId('save-picture', HTMLAnchorElement).href = shot.src;
  offer('save-json', json, 'application/json');
  byId('json', HTMLElement).textContent = json;
  byId('shot', HTMLElement).hidden = false;
  status.textContent = `The snapshot is below the video: ${people(result.person_num)}.`;
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
  byId('recorded', HTMLElement).textContent = `${count(recording.length, 'frame', 'frames')} recorded.`;
  byId('recording', HTMLElement).hidden = false;
  recording = undefined;
  recordButton.setAttribute('aria-pressed', 'false');
  recordButton.textContent = 'Record results';
}

function toggleRecording(): void {
  if (recording) {
    finishRecording();
    return;
  }
  recording = new Recording();
  recordButton.setAttribute('aria-pressed', 'true');
  recordButton.textContent = 'Stop recording';
  byId('recording', HTMLElement).hidden = true;
  byId('recorded', HTMLElement).hidden = false;
  byId('recorded', HTMLElement).textContent = 'Recording…';
}

/** Starts again what is on show, with other settings. */
function restart(): void {
  if (!show) return;
  const isCamera = video.srcObject !== null;
  void (isCamera ? run(startCamera) : run(playClip));
}

async function playClip(): Promise<void> {
  mirror.checked = false;
  video.src = 'samples/crossing.webm';
}

startButton.addEventListener('click', () => {
  mirror.checked = true;
  void run(startCamera);
});
clipButton.addEventListener('click', () => void run(playClip));
stopButton.addEventListener('click', stop);
mirror.addEventListener('change', applyMirror);
cameraChoice.addEventListener('change', restart);
modelChoice.addEventListener('change', restart);
maxPersons.addEventListener('change', restart);
targetFps.addEventListener('change', restart);
snapshotButton.addEventListener('click', () => {
  takeSnapshot().catch((error: unknown) => complain(`The snapshot failed: ${String(error)}`));
});
recordButton.addEventListener('click', toggleRecording);
// Until here a click would have been lost.
startButton.disabled = clipButton.disabled = false;
