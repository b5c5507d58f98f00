import { BodyAnalysisError, LANDMARK_MODELS, SkeletonOverlay } from 'body21';
import type { LoadProgress, TrackedResult } from 'body21';
import { settingIn } from '../address.ts';
import { byId, create } from '../dom.ts';
import { megabytes } from '../format.ts';
import { holdTab } from '../keeping/tab.ts';
import { LOOK } from '../video/look.ts';
import { AngleNotes } from './angles.ts';
import { listCameras, openCamera, otherCamera, settingsOf } from './camera.ts';
import { Figures } from './readout.ts';
import { Following } from './following.ts';
import { Keep } from './take-away.ts';
import { FullScreen } from './screen.ts';
import { NoCameraError, ShowError } from './show-error.ts';
import { Squats } from './squats.ts';
import { MovingViews } from '../views/moving.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';

const video = byId('video', HTMLVideoElement);
const stage = byId('live-stage', HTMLElement);
const startButton = byId('start', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const clipButton = byId('clip', HTMLButtonElement);
const useCameraButton = byId('use-camera', HTMLButtonElement);
const flipButton = byId('flip', HTMLButtonElement);
const mirror = byId('mirror', HTMLInputElement);
const withAngles = byId('angles', HTMLInputElement);
const withSquats = byId('count-squats', HTMLInputElement);
const cameraChoice = byId('camera', HTMLSelectElement);
const sample = byId('sample', HTMLSelectElement);
const modelChoice = byId('model', HTMLSelectElement);
const maxPersons = byId('max-persons', HTMLSelectElement);
const targetFps = byId('target-fps', HTMLSelectElement);
const activity = byId('activity', HTMLElement);
const status = byId('status', HTMLElement);

const figures = new Figures();
const overlay = new SkeletonOverlay(video, LOOK);
const views = new MovingViews(stage, overlay, {
  onChange: () => {
    byId('angles-choice', HTMLElement).hidden = views.extras.length > 0;
    if (show) note('');
    following.change();
  },
  onGivenUp: note,
});
const keep = new Keep(views, complain);
const screen = new FullScreen();
const squats = new Squats();
const notes = new AngleNotes();
const following = new Following(
  video,
  () => ({
    model: modelChoice.value,
    maxPersons: Number(maxPersons.value),
    targetFps: targetFps.value === '' ? undefined : Number(targetFps.value),
    extras: views.extras,
  }),
  {
    onLoading: showLoading,
    onBegin: (backend) => figures.runOn(backend),
    onRest: () => figures.rest(),
    onHidden: () => say(words.live.hidden),
    onFrame: (tracked, people, frame) => {
      if (withSquats.checked) squats.add(people.person_info, tracked.timestamp);
      views.show({ people, timestamp: tracked.timestamp, frame, latencyMs: tracked.latencyMs });
      keep.show(withoutExtras(people), tracked.timestamp);
      figures.add(tracked, people.person_num);
      say(people.person_num === 0 ? words.live.nobody : words.live.following);
    },
    onRecovered: (error, backend) => {
      if (!show) return;
      figures.runOn(backend);
      complain(words.errors.recovered(explain(error)));
    },
    onRefused: (error, kept) => {
      modelChoice.value = kept;
      complain(words.live.noModel(explain(error)));
    },
  },
);

/** What is shown; aborted when it ends. */
let show: AbortController | undefined;
/** The camera that runs. */
let camera: ReturnType<typeof settingsOf> | undefined;

function complain(text: string): void {
  byId('alert-text', HTMLElement).textContent = text;
  byId('alert', HTMLElement).hidden = text === '';
}

/** Says something once: what is said again and again would be read out again and again. */
function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

function showLoading(progress: LoadProgress | undefined): void {
  if (!progress) activity.textContent = '';
  else if (progress.phase === 'start') activity.textContent = words.loading.ongoing(words.loading.starting);
  else if (progress.phase === 'download')
    activity.textContent =
      progress.total > 0
        ? words.loading.bytes(megabytes(progress.loaded), megabytes(progress.total))
        : words.loading.ongoing(words.loading.models);
}

/** The same people in every view: what one of them needs besides is of no use to who keeps the results. */
function withoutExtras(result: TrackedResult): TrackedResult {
  return { ...result, person_info: result.person_info.map(({ extras: _extras, ...person }) => person) };
}

/** Shows what `open` puts into the video, until it is stopped. */
async function run(open: (signal: AbortSignal) => Promise<void>): Promise<void> {
  clear();
  complain('');
  note('');
  const controller = new AbortController();
  show = controller;
  const { signal } = controller;
  showRunning(true);
  try {
    await open(signal);
    signal.throwIfAborted();
    await video.play();
    activity.textContent = '';
    await following.run(signal);
    stop(words.live.ended);
  } catch (error) {
    if (signal.aborted) return;
    // The page is not to be empty for want of a camera.
    if (error instanceof NoCameraError) playClipInstead();
    else {
      end();
      if (error instanceof ShowError) complain(error.message);
      else if (error instanceof BodyAnalysisError) complain(explain(error));
      else {
        complain(words.errors.unexpected(String(error)));
        reportError(error);
      }
    }
  }
}

function playClipInstead(): void {
  void run(playClip);
  note(words.live.noCameraSoClip);
}

/** Says why something else is on show than was asked for. */
function note(text: string): void {
  const element = byId('note', HTMLElement);
  element.textContent = text;
  element.hidden = text === '';
}

function showRunning(isRunning: boolean): void {
  const hadFocus = document.activeElement;
  stage.classList.toggle('is-empty', !isRunning);
  byId('poster', HTMLElement).hidden = isRunning;
  for (const id of ['modes', 'controls', 'switches']) byId(id, HTMLElement).hidden = !isRunning;
  // Whoever has just pressed what is gone now has what takes its place.
  if (hadFocus instanceof HTMLElement && hadFocus !== document.body && !hadFocus.checkVisibility())
    (isRunning ? stopButton : startButton).focus({ preventScroll: true });
}

/** Lets go of what is shown, and takes back whatever the page says of it. */
function clear(): void {
  show?.abort(new Error('stopped'));
  show = undefined;
  following.rest();
  const stream = video.srcObject;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
  views.clear();
  squats.clear();
  notes.clear();
  figures.clear();
  keep.end();
  camera = undefined;
  activity.textContent = '';
  say('');
}

function end(): void {
  screen.leave();
  clear();
  note('');
  flipButton.hidden = useCameraButton.hidden = true;
  showRunning(false);
}

function stop(why: string): void {
  end();
  say(why);
}

/** Turns what is on show, and writes on it what is asked for. */
function applyLook(): void {
  video.style.transform = mirror.checked ? 'scaleX(-1)' : '';
  views.isMirrored = mirror.checked;
  overlay.options = {
    ...LOOK,
    mirror: mirror.checked,
    ...(withAngles.checked && { notes: (person) => notes.of(person) }),
  };
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
  camera = settingsOf(stream);
  // What looks away from who holds the phone shows the world as it is.
  mirror.checked = camera.facing !== 'environment';
  applyLook();
  const cameras = await listCameras();
  if (signal.aborted) return;
  flipButton.hidden = cameras.length < 2;
  useCameraButton.hidden = true;
  const named = cameras.filter(({ deviceId }) => deviceId !== '');
  if (named.length === 0) return;
  cameraChoice.replaceChildren(
    ...named.map(({ deviceId, label }, index) =>
      create(
        'option',
        { value: deviceId, selected: deviceId === camera?.deviceId },
        label || words.live.cameraNumber(index + 1),
      ),
    ),
  );
}

/** Goes on to the next camera: on a phone to the one that looks the other way. */
async function flip(): Promise<void> {
  if (!camera) return;
  const next = otherCamera(camera, await listCameras());
  if (![...cameraChoice.options].some(({ value }) => value === next))
    cameraChoice.append(create('option', { value: next, hidden: true }, next));
  cameraChoice.value = next;
  await run(startCamera);
}

async function playClip(): Promise<void> {
  mirror.checked = false;
  applyLook();
  flipButton.hidden = true;
  useCameraButton.hidden = false;
  video.src = `samples/${sample.value}`;
  await video.play().catch((cause: unknown) => {
    throw new ShowError(words.live.clipFailed, { cause });
  });
}

/** The stage's shape follows the video's where they have the same width. */
function applyShape(): void {
  const { videoWidth, videoHeight } = video;
  if (videoHeight > 0) stage.style.setProperty('--aspect', (videoWidth / videoHeight).toFixed(5));
}

for (const button of [startButton, useCameraButton])
  button.addEventListener('click', () => void run(startCamera));
clipButton.addEventListener('click', () => void run(playClip));
stopButton.addEventListener('click', () => stop(words.live.stopped));
flipButton.addEventListener('click', () => void flip());
video.addEventListener('resize', applyShape);
for (const choice of [mirror, withAngles]) choice.addEventListener('change', applyLook);
withSquats.addEventListener('change', () => squats.clear());
for (const select of [modelChoice, maxPersons, targetFps])
  select.addEventListener('change', () => following.change());
cameraChoice.addEventListener('change', () => {
  if (camera) void run(startCamera);
});
sample.addEventListener('change', () => {
  if (!useCameraButton.hidden) void run(playClip);
});
views.connect();
keep.connect();
screen.connect();
holdTab();
modelChoice.value = settingIn(location.search, 'model', LANDMARK_MODELS) ?? modelChoice.value;
// Until here a click would have been lost.
startButton.disabled = clipButton.disabled = false;
// Where there is no camera there is one thing to show, and no choice to make.
const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
if (!isCalm && (await listCameras()).length === 0 && !show) playClipInstead();
