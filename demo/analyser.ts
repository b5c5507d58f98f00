import { BodyAnalysisClient } from 'body21';
import type { AnalysisProgress, Extra, FoundPerson, LoadProgress, PersonInfo } from 'body21';
import { BACKEND_NAMES } from './format.ts';
import { selectedPhoto } from './state.ts';
import type { Choice, Photo, Store } from './state.ts';
import { explain } from './words/explain.ts';
import { words } from './words/words.ts';

/** What other views than the photo's own need. */
const EXTRAS: readonly Extra[] = ['world3d', 'mask'];

/** Analyses whatever photo waits, one after the other, with one client. */
export class Analyser {
  readonly #store: Store;
  #opened: (Choice & { client: BodyAnalysisClient }) | undefined;
  #work: AbortController | undefined;
  /** Settles when the run under way has let go of the client. */
  #running: Promise<void> = Promise.resolve();
  /** The photo under way, and what stops it alone. */
  #current: { id: number; control: AbortController } | undefined;
  #done = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Photos that were analysed with other settings are analysed anew as soon as they are looked at, and not before. */
  connect(): void {
    this.#store.watch(
      (state) => [selectedPhoto(state), state.model, state.quality, state.backend],
      (photo, model, quality, backend) => {
        if (!photo?.tried || (photo.status !== 'done' && photo.status !== 'failed')) return;
        if (!isSame(photo.tried, { model, quality, backend })) this.again(photo.id);
      },
    );
  }

  /**
   * Sees to it that the photos that wait are analysed; where none does, that what analyses them is loaded.
   * Resolves when there is nothing more to do.
   */
  start(): Promise<void> {
    if (!this.#work) {
      const work = new AbortController();
      this.#work = work;
      this.#running = this.#running.then(() => this.#run(work));
    }
    return this.#running;
  }

  /** Stops at once. What was analysed already stays. */
  cancel(): void {
    this.#setUnfinished('cancelled');
    this.#stop();
  }

  /** Analyses a photo again. Meanwhile its last answer stays. */
  again(id: number): void {
    this.#store.updatePhoto(id, { status: 'waiting' });
    void this.start();
  }

  /** Takes a photo off the page. Where it is under way it is stopped; the others go on. */
  remove(id: number): void {
    this.#store.remove(id);
    if (this.#current?.id === id) this.#current.control.abort();
  }

  /**
   * Goes on with another model, quality or backend: what waits and what is under way, and the photo on show, which
   * is analysed anew.
   */
  use(choice: Partial<Choice>): void {
    const { photos, selected } = this.#store.state;
    this.#store.update({
      ...choice,
      photos: photos.map((photo) =>
        photo.id === selected || photo.status === 'analysing'
          ? { ...photo, status: 'waiting' as const }
          : photo,
      ),
    });
    this.#stop();
    if (photos.length > 0) void this.start();
  }

  #stop(): void {
    this.#work?.abort();
    this.#work = undefined;
  }

  #setUnfinished(status: Photo['status']): void {
    this.#store.update({
      photos: this.#store.state.photos.map((photo) =>
        photo.status === 'waiting' || photo.status === 'analysing' ? { ...photo, status } : photo,
      ),
    });
  }

  async #run(work: AbortController): Promise<void> {
    const { signal } = work;
    this.#done = 0;
    try {
      signal.throwIfAborted();
      this.#store.update({ problem: undefined });
      const opened = await this.#open(signal);
      for (let photo = this.#next(); photo; photo = this.#next()) {
        // One at a time, in the order of the strip: the client has one queue anyway.
        await this.#analyse(opened, photo, signal);
      }
      this.#store.update({ notice: '' });
    } catch (error) {
      if (signal.aborted) {
        this.#store.update({ notice: words.photo.cancelled });
      } else {
        this.#store.update({ problem: explain(error), notice: '' });
        this.#setUnfinished('cancelled');
      }
    } finally {
      // Word of progress that is still on its way is not about anything any more.
      work.abort();
      if (this.#work === work) this.#work = undefined;
      this.#store.update({ activity: undefined });
    }
  }

  async #open(signal: AbortSignal): Promise<Choice & { client: BodyAnalysisClient }> {
    const { model, quality, backend } = this.#store.state;
    const opened = this.#opened;
    if (opened && isSame(opened, this.#store.state)) return opened;
    this.#opened?.client.dispose();
    this.#opened = undefined;
    this.#store.update({ activity: { kind: 'download', loaded: 0, total: 0 } });
    const onProgress = ({ phase, loaded, total }: LoadProgress) => {
      // A later photo may need more of the same client.
      if (!this.#work || phase === 'ready') return;
      this.#store.update({
        activity: phase === 'download' ? { kind: 'download', loaded, total } : { kind: 'start' },
      });
    };
    const client = await BodyAnalysisClient.create({
      ...(model !== 'auto' && { model }),
      quality,
      backend,
      // A photo is waiting: it is what the browser warms up on.
      warmUp: false,
      signal,
      onProgress,
    });
    client.addEventListener('recovered', ({ error, backend: { name } }) =>
      this.#store.update({
        problem: words.errors.recoveredOn(BACKEND_NAMES[name], explain(error)),
      }),
    );
    this.#opened = { client, model, quality, backend };
    return this.#opened;
  }

  async #analyse(
    { client, ...tried }: Choice & { client: BodyAnalysisClient },
    { id, name, blob, answer: before }: Photo,
    signal: AbortSignal,
  ): Promise<void> {
    const control = new AbortController();
    const current = { id, control };
    this.#current = current;
    this.#store.updatePhoto(id, { status: 'analysing', error: undefined });
    this.#showProgress();
    const onProgress = (progress: AnalysisProgress) => {
      // Word that was still on its way is about a photo that is done, stopped or removed.
      if (this.#current === current && !signal.aborted) this.#showProgress(progress);
    };
    const known = new Map<number, PersonInfo>();
    const onPerson = ({ number, person }: FoundPerson) => {
      if (this.#current !== current || signal.aborted) return;
      known.set(number, person);
      const person_info = [...known.values()];
      const people = { person_num: person_info.length, person_info, log_id: '' };
      this.#store.update({ early: { photo: id, people } });
    };
    const { isExplaining: isExplained, view } = this.#store.state;
    const hasExtras = view !== 'photo';
    const start = performance.now();
    try {
      const result = await client.bodyAnalysis(blob, {
        signal: AbortSignal.any([signal, control.signal]),
        onProgress,
        // The last answer stays until there is a whole one.
        ...(!before && { onPerson }),
        debug: isExplained,
        ...(hasExtras && { extras: EXTRAS }),
      });
      const milliseconds = performance.now() - start;
      const { model, backend } = client;
      const answer = { result, model, quality: tried.quality, isExplained, hasExtras, backend, milliseconds };
      this.#store.updatePhoto(id, { status: 'done', answer, tried });
    } catch (error) {
      signal.throwIfAborted();
      if (control.signal.aborted) return;
      this.#store.updatePhoto(id, { status: 'failed', error: words.photo.of(name, explain(error)), tried });
    } finally {
      this.#current = undefined;
      this.#store.update({ early: undefined });
    }
    this.#done++;
  }

  /** Photos may come and go while one is analysed. */
  #showProgress(progress?: AnalysisProgress): void {
    const waiting = this.#store.state.photos.filter((photo) => photo.status === 'waiting').length;
    const photos = { done: this.#done, total: this.#done + 1 + waiting };
    this.#store.update({ activity: { kind: 'analyse', ...photos, ...(progress && { progress }) } });
  }

  /** The photo on show goes first: it is what the visitor looks at. */
  #next(): Photo | undefined {
    const waiting = this.#store.state.photos.filter((photo) => photo.status === 'waiting');
    return waiting.find((photo) => photo.id === this.#store.state.selected) ?? waiting[0];
  }
}

function isSame(one: Choice, other: Choice): boolean {
  return one.model === other.model && one.quality === other.quality && one.backend === other.backend;
}
