import { LANDMARK_MODELS, SkeletonOverlay } from 'body21';
import { settingIn } from '../address.ts';
import { byId } from '../dom.ts';
import { listenForDrops } from '../drops.ts';
import { clock, megabytes, powerOf, roughly } from '../format.ts';
import { HANDED_OVER, isVideo, takeFile } from '../handover.ts';
import { holdTab } from '../keeping/tab.ts';
import { Analysis } from './analysis.ts';
import { Clip } from './clip.ts';
import { Keeping } from './keeping.ts';
import { LOOK } from './look.ts';
import { Models } from './models.ts';
import { openInto } from './opening.ts';
import { Player } from './player.ts';
import { Timeline } from './timeline.ts';
import { Transport } from './transport.ts';
import { MovingViews } from '../views/moving.ts';
import { Who } from './who.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';

/** How often lanes are drawn anew while frames come in, in milliseconds. */
const LANES_MS = 250;

const video = byId('video', HTMLVideoElement);
const stage = byId('video-stage', HTMLElement);
const analyseButton = byId('analyse', HTMLButtonElement);
const pauseButton = byId('pause', HTMLButtonElement);
const cancelButton = byId('cancel', HTMLButtonElement);
const progress = byId('progress', HTMLProgressElement);
const activity = byId('activity', HTMLElement);
const status = byId('status', HTMLElement);
const modelChoice = byId('model', HTMLSelectElement);
const maxPersons = byId('max-persons', HTMLSelectElement);

const models = new Models();
const overlay = new SkeletonOverlay(video, LOOK);
const views = new MovingViews(stage, overlay, {
  onChange: () => {
    if (player.clip) note('');
    showLanes();
    player.showAnew();
  },
  onGivenUp: note,
});
const player = new Player(
  video,
  { overlay, views },
  { ready: (signal) => readyClient(signal), maxPersons: () => Number(maxPersons.value) },
);
const who = new Who();
const transport = new Transport(player, video);
const timeline = new Timeline();
const keeping = new Keeping(player, video);

/** What is opened; aborted when another video takes its place. */
let opening = new AbortController();
/** The analysis under way, and what ends it. */
let work: { analysis: Analysis; end: AbortController } | undefined;
let lanesTimer: ReturnType<typeof setTimeout> | undefined;

function complain(text: string): void {
  byId('alert-text', HTMLElement).textContent = text;
  byId('alert', HTMLElement).hidden = text === '';
}

/** Says why something else is on show than was asked for. */
function note(text: string): void {
  const element = byId('note', HTMLElement);
  element.textContent = text;
  element.hidden = text === '';
}

/** Says something once: what is said again and again would be read out again and again. */
function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

async function readyClient(signal: AbortSignal) {
  try {
    const client = await models.ready(modelChoice.value, signal);
    byId('backend', HTMLElement).textContent = powerOf(client.backend);
    return client;
  } finally {
    if (!signal.aborted && !work) activity.textContent = '';
  }
}

/** Opens a video, and plays it with everyone followed. */
async function open(file: File): Promise<void> {
  opening.abort(new Error('another video'));
  opening = new AbortController();
  const { signal } = opening;
  work?.end.abort(new Error('another video'));
  keeping.forget();
  complain('');
  say('');
  note('');
  activity.textContent = words.video.opening;
  byId('work', HTMLElement).hidden = false;
  byId('file-name', HTMLElement).textContent = file.name;
  player.clip?.close();
  const clip = new Clip(file);
  player.use(clip);
  who.forget();
  showOpened(true);
  try {
    await openInto(video, clip, signal);
    showFacts(clip);
    await clip.isRead;
    signal.throwIfAborted();
    activity.textContent = '';
    showFacts(clip);
    showLanes();
    byId('play', HTMLButtonElement).focus({ preventScroll: true });
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      say(words.video.ready);
      return;
    }
    // Else it would have played for a while before anyone is followed.
    await readyClient(signal);
    if (!work) await player.play();
  } catch (error) {
    if (signal.aborted) return;
    activity.textContent = '';
    clip.close();
    player.use(undefined);
    who.forget();
    showOpened(false);
    complain(error instanceof Error ? error.message : String(error));
  }
}

function showOpened(isOpened: boolean): void {
  stage.classList.toggle('is-empty', !isOpened);
  byId('empty', HTMLElement).hidden = isOpened;
  video.hidden = !isOpened;
  for (const id of ['modes', 'transport', 'timeline', 'work', 'keep', 'facts', 'keys']) {
    byId(id, HTMLElement).hidden = !isOpened;
  }
  showWork();
  showLanes();
}

function showFacts(clip: Clip): void {
  const { videoWidth, videoHeight } = video;
  stage.style.setProperty('--aspect', (videoWidth / videoHeight).toFixed(5));
  byId('picture-size', HTMLElement).textContent = `${videoWidth} × ${videoHeight}`;
  byId('length', HTMLElement).textContent = Number.isFinite(player.duration) ? clock(player.duration) : '–';
  byId('frame-rate', HTMLElement).textContent =
    clip.frameRate === undefined ? '–' : String(Math.round(10 * clip.frameRate) / 10);
  transport.show();
}

/** What of an analysis can be done now. */
function showWork(): void {
  const isBusy = work !== undefined;
  const isPaused = work?.analysis.isPaused ?? false;
  const { answers, isComplete } = player;
  progress.hidden = !isBusy;
  analyseButton.hidden = isBusy;
  pauseButton.hidden = cancelButton.hidden = !isBusy;
  byId('another', HTMLElement).hidden = isBusy;
  pauseButton.textContent = isPaused ? words.video.goOn : words.video.pause;
  analyseButton.textContent = isComplete
    ? words.video.analyseAgain
    : answers.length > 0
      ? words.video.analyseRest
      : words.video.analyse;
  analyseButton.classList.toggle('primary', !isComplete);
  transport.isDisabled = views.isDisabled = isBusy && !isPaused;
  modelChoice.disabled = maxPersons.disabled = isBusy;
  byId('settings-note', HTMLElement).hidden = !isBusy && !isComplete;
  keeping.offer(player.clip !== undefined && (!isBusy || isPaused));
  showBasis();
}

function showProgress(): void {
  const { clip, answers, shown, duration } = player;
  if (!clip || !work) return;
  const done = answers.length;
  const total = clip.times.length;
  const left = total > 0 ? work.analysis.timeLeft.of(total - done) : undefined;
  const frame = total > 0 ? words.video.frameOf(done, total) : words.video.frameAt(done, clock(shown));
  const isKnown = left !== undefined && !work.analysis.isPaused;
  activity.textContent = isKnown ? words.video.withTimeLeft(frame, roughly(left)) : frame;
  if (total > 0 || Number.isFinite(duration)) {
    progress.max = 1;
    progress.value = total > 0 ? done / total : shown / duration;
  } else progress.removeAttribute('value');
}

/** Draws the lanes now. */
function showLanes(): void {
  clearTimeout(lanesTimer);
  lanesTimer = undefined;
  const { clip, answers, played, duration, isComplete } = player;
  if (!clip) return;
  const isAnalysed = answers.length > 0;
  const source = isAnalysed ? answers : played;
  const length = Number.isFinite(duration) ? duration : (source.last?.timestamp ?? 0) + clip.frameMs;
  // Frames that were played are further apart than the file's.
  const frameMs = isAnalysed ? clip.frameMs : Math.max(clip.frameMs, 80);
  const nobody = isComplete ? words.video.nobody : words.video.nobodyYet;
  const people = source.appearances(frameMs);
  timeline.show(people, length, nobody);
  who.offer(
    people.map(({ id }) => id),
    views.extras.length > 0,
  );
  showBasis();
  const until = isComplete ? 1 : isAnalysed ? ((answers.last?.timestamp ?? 0) + clip.frameMs) / length : 0;
  byId('timeline', HTMLElement).style.setProperty('--done', until.toFixed(4));
  timeline.moveTo(player.shown);
}

/** Says what lanes and files are of. */
function showBasis(): void {
  const { answers, played, isComplete } = player;
  const { basis: of, holds } = words.video;
  const [basis, held] = isComplete
    ? [of.all, holds.all]
    : answers.length > 0
      ? [of.part, holds.part]
      : played.length > 0
        ? [of.played, holds.played]
        : ['', holds.nothing];
  byId('basis', HTMLElement).textContent = basis;
  byId('keep-note', HTMLElement).textContent = held;
}

/** Draws them soon: not for each of the frames that come in. */
function showLanesSoon(): void {
  lanesTimer ??= setTimeout(showLanes, LANES_MS);
}

async function analyse(): Promise<void> {
  const { clip, answers } = player;
  if (!clip || work) return;
  player.pause();
  if (player.isComplete) {
    answers.clear();
    player.isComplete = false;
  }
  complain('');
  keeping.forget();
  const current = { analysis: new Analysis(), end: new AbortController() };
  work = current;
  const { signal } = current.end;
  progress.removeAttribute('value');
  activity.textContent = '';
  say(words.video.analysing);
  showWork();
  pauseButton.focus({ preventScroll: true });
  try {
    const client = await readyClient(signal);
    await current.analysis.run({
      clip,
      client,
      answers,
      maxPersons: Number(maxPersons.value),
      signal,
      onFrame: (answered, frame) => {
        // The one that was under way when it was paused: by then something else may be looked at.
        if (current.analysis.isPaused) frame.close();
        else player.showAnalysed(answered, frame);
        showProgress();
        showLanesSoon();
      },
    });
    player.isComplete = true;
    // What was answered is what there is: a file may tell of frames that are never shown.
    clip.times = answers.times;
    const found = answers.appearances(clip.frameMs).length;
    say(words.video.analysed(answers.length, found));
  } catch (error) {
    if (player.clip === clip) {
      say(words.video.stoppedAfter(answers.length));
      if (!signal.aborted) complain(explain(error));
    }
  } finally {
    const hadFocus = [pauseButton, cancelButton].some((button) => button === document.activeElement);
    work = undefined;
    if (player.clip === clip) {
      activity.textContent = '';
      showWork();
      showLanes();
      player.seek(player.isComplete ? 0 : (answers.last?.timestamp ?? 0) + 1);
      if (hadFocus) (player.isComplete ? byId('play', HTMLButtonElement) : analyseButton).focus();
    }
  }
}

function pauseOrGoOn(): void {
  if (!work) return;
  if (work.analysis.isPaused) {
    player.pause();
    work.analysis.goOn();
    say(words.video.analysing);
  } else {
    work.analysis.pause();
    say(words.video.paused);
    player.seek(player.shown + 1);
  }
  showWork();
  showProgress();
  showLanes();
}

async function openSample(): Promise<void> {
  const sample = 'crossing.webm';
  try {
    const response = await fetch(`samples/${sample}`);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    await open(new File([await response.blob()], sample, { type: 'video/webm' }));
  } catch (error) {
    complain(words.video.sampleFailed(String(error)));
  }
}

function take(files: readonly File[]): void {
  const file = files.find(isVideo) ?? files[0];
  if (!file) complain(words.video.nothingDropped);
  else if (file.type.startsWith('image/')) {
    complain(words.video.isPicture(file.name));
  } else void open(file);
}

models.onProgress = ({ phase, loaded, total }) => {
  if (phase === 'ready' || player.clip === undefined) return;
  activity.textContent =
    phase === 'download'
      ? words.loading.bytes(megabytes(loaded), megabytes(total))
      : words.loading.ongoing(words.loading.starting);
};
models.onRecovered = (error) => complain(words.errors.recovered(explain(error)));
keeping.onTrouble = complain;
timeline.onSeek = (time) => {
  if (work && !work.analysis.isPaused) return;
  player.pause();
  player.seek(time);
};
timeline.onPoint = (id) => player.point(id);
player.addEventListener('shown', () => timeline.moveTo(player.shown));
player.addEventListener('answered', () => {
  say(words.live.following);
  keeping.offer(!work);
  showLanesSoon();
});
player.addEventListener('failed', (event) => {
  if (event instanceof CustomEvent) complain(explain(event.detail));
});
video.addEventListener('pause', () => {
  if (!work && status.textContent === words.live.following) say('');
});
video.addEventListener('error', () => {
  if (video.readyState > HTMLMediaElement.HAVE_NOTHING) complain(words.video.breaksOff);
});
analyseButton.addEventListener('click', () => void analyse());
pauseButton.addEventListener('click', pauseOrGoOn);
cancelButton.addEventListener('click', () => work?.end.abort(new Error('cancelled')));
byId('sample', HTMLButtonElement).addEventListener('click', () => void openSample());
for (const select of [modelChoice, maxPersons]) {
  select.addEventListener('change', () => player.showAnew());
}
for (const input of document.querySelectorAll<HTMLInputElement>('input[type=file]')) {
  input.addEventListener('change', () => {
    if (input.files && input.files.length > 0) take([...input.files]);
    // Else choosing the same file again would change nothing.
    input.value = '';
  });
}
listenForDrops(take);
who.onChoose = (id) => (views.only = id);
views.connect();
who.connect();
transport.connect();
keeping.connect();
holdTab();
modelChoice.value = settingIn(location.search, 'model', LANDMARK_MODELS) ?? modelChoice.value;
showWork();
// Until here a click would have been lost.
byId('sample', HTMLButtonElement).disabled = false;

if (new URLSearchParams(location.search).get('from') === HANDED_OVER) {
  // Once: a reload would ask for a file that is not there any more.
  history.replaceState(undefined, '', location.pathname);
  const file = await takeFile().catch(() => undefined);
  if (file) await open(file);
}
