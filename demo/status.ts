import type { AnalysisProgress, BackendInfo } from 'body21';
import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { BACKEND_NAMES, duration, megabytes, powerOf } from './format.ts';
import { earlyPeople, selectedPhoto, validCount } from './state.ts';
import type { Activity, Photo, State, Store } from './state.ts';
import { summary } from './summary.ts';
import { words } from './words/words.ts';

/** From so many people on those who are known early are told of: of fewer the answer comes soon after. */
const CROWD = 3;

/** How often bytes and counts are shown anew, in milliseconds: each time takes a little from what is waited for. */
const COUNTED_EVERY = 100;

/** What the page is doing, what it ran on, and what went wrong. */
export function connectStatus(store: Store, analyser: Analyser): void {
  const cancel = byId('cancel', HTMLButtonElement);
  const again = byId('again', HTMLButtonElement);
  const files = byId('files', HTMLInputElement);
  const live = byId('status', HTMLElement);
  const alert = byId('alert', HTMLElement);

  store.watch(
    ({ activity }) => [activity],
    (activity) => {
      const hadFocus = document.activeElement === cancel;
      cancel.hidden = !activity;
      // Once all is shown: what there is then to go on with.
      if (hadFocus && !activity) queueMicrotask(() => (again.hidden ? files : again).focus());
    },
  );
  connectActivity(store);
  // Bytes and counts change too fast to be read out; only the step does, and that there are the first of a crowd.
  store.watch(
    (state) => [
      state.activity?.kind,
      state.activity ? '' : state.notice || summaryOf(state),
      (earlyPeople(state)?.person_num ?? 0) >= CROWD,
    ],
    (kind, text, isCrowd) => {
      const step = kind === 'analyse' && isCrowd ? words.photo.firstFound : kind && STEPS[kind];
      live.textContent = step ?? text;
      live.classList.toggle('visually-hidden', kind !== undefined);
    },
  );
  store.watch(
    (state) => [state.problem, selectedPhoto(state)?.error],
    (problem, error) => {
      const text = [problem, error].filter((part) => part !== undefined).join(words.between);
      alert.hidden = text === '';
      if (byId('alert-text', HTMLElement).textContent !== text) {
        byId('alert-text', HTMLElement).textContent = text;
      }
    },
  );
  store.watch(
    (state) => [selectedPhoto(state), state.activity !== undefined],
    (photo, isBusy) => {
      const hadFocus = document.activeElement === again;
      again.hidden = isBusy || photo?.status !== 'cancelled';
      if (hadFocus && again.hidden) queueMicrotask(() => (cancel.hidden ? files : cancel).focus());
    },
  );
  store.watch(
    (state) => [selectedPhoto(state)],
    (photo) => showRun(photo),
  );

  cancel.addEventListener('click', () => analyser.cancel());
  again.addEventListener('click', () => {
    store.update({
      photos: store.state.photos.map((photo) =>
        photo.status === 'cancelled' ? { ...photo, status: 'waiting' as const } : photo,
      ),
    });
    void analyser.start();
  });
}

/** Says at once which step is under way, and now and then how far it has come. */
function connectActivity(store: Store): void {
  const progress = byId('progress', HTMLProgressElement);
  const text = byId('activity', HTMLElement);
  let shown: string | undefined;
  let counting: ReturnType<typeof setTimeout> | undefined;
  const show = (activity: Activity | undefined) => {
    clearTimeout(counting);
    counting = undefined;
    shown = stepOf(activity);
    progress.hidden = !activity;
    showProgress(progress, activity);
    text.textContent = activity ? describe(activity) : '';
  };
  store.watch(
    ({ activity }) => [activity],
    (activity) => {
      if (stepOf(activity) !== shown) show(activity);
      else if (activity) counting ??= setTimeout(() => show(store.state.activity), COUNTED_EVERY);
    },
  );
}

/** Of which step all else is but how far it has come. */
function stepOf(activity: Activity | undefined): string | undefined {
  if (activity?.kind === 'download') return `${activity.kind} ${activity.total}`;
  if (activity?.kind !== 'analyse') return activity?.kind;
  const { kind, done, total, progress } = activity;
  return [kind, done, total, progress?.stage].join(' ');
}

function summaryOf({ photos, selected, thresholds }: State): string {
  const counted = photos.map((photo) => ({ status: photo.status, people: validCount(photo, thresholds) }));
  return summary(
    counted,
    photos.findIndex(({ id }) => id === selected),
  );
}

const STEPS: Record<Activity['kind'], string> = {
  download: words.loading.models,
  start: words.loading.starting,
  analyse: words.photo.analysing,
};

function describe(activity: Activity): string {
  if (activity.kind === 'download' && activity.total > 0) {
    return words.loading.bytes(megabytes(activity.loaded), megabytes(activity.total));
  }
  if (activity.kind !== 'analyse') return words.loading.ongoing(STEPS[activity.kind]);
  const { done, total, progress } = activity;
  return words.photo.progress(
    total > 1 ? { at: done + 1, of: total } : undefined,
    progress ? describeStage(progress) : '',
  );
}

function describeStage({ stage, done, total }: AnalysisProgress): string {
  // The one under way counts; where all are done there is none.
  const name = words.stages[stage];
  return total > 1 ? words.photo.stageOf(name, Math.min(done + 1, total), total) : name;
}

function showProgress(progress: HTMLProgressElement, activity: Activity | undefined): void {
  if (activity?.kind === 'download' && activity.total > 0) {
    progress.max = activity.total;
    progress.value = activity.loaded;
  } else if (activity?.kind === 'analyse' && (activity.total > 1 || activity.progress)) {
    progress.max = activity.total;
    progress.value = activity.done + (activity.progress?.fraction ?? 0);
  } else {
    // Without a value the bar says that there is no telling how long.
    progress.removeAttribute('value');
  }
}

function showRun(photo: Photo | undefined): void {
  byId('file-name', HTMLElement).textContent = photo?.name ?? '';
  const answer = photo?.answer;
  byId('run', HTMLElement).hidden = !answer;
  if (!answer) return;
  const { backend, milliseconds, model, quality } = answer;
  byId('run-model', HTMLElement).textContent = model;
  byId('run-quality', HTMLElement).textContent = quality;
  byId('run-backend', HTMLElement).textContent = powerOf(backend);
  byId('run-precision', HTMLElement).textContent = words.photo.bits(
    backend.precision === 'float16' ? 16 : 32,
  );
  byId('run-warm-up', HTMLElement).textContent = duration(backend.warmupMs);
  byId('run-time', HTMLElement).textContent = duration(milliseconds);
  byId('reasons', HTMLUListElement).replaceChildren(
    ...reasons(backend).map((reason) => create('li', {}, reason)),
  );
}

function reasons(backend: BackendInfo): string[] {
  const all = backend.skipped.map(({ name, reason }) => words.photo.notBackend(BACKEND_NAMES[name], reason));
  if (backend.threadsReason !== undefined) all.push(words.photo.noMoreThreads(backend.threadsReason));
  return all.length > 0 ? all : [words.photo.firstChoice];
}
