import { createStore, delMany, getMany, keys, set } from 'idb-keyval';
import type { Photo } from '../state.ts';
import { openTabs } from './tab.ts';

/** What there is of a photo but its file, which is not written anew with every answer. */
type Kept = Omit<Photo, 'blob' | 'url'>;

/** A tab that nobody holds may be on its way from one page to the next, in milliseconds. */
const ON_ITS_WAY = 60_000;

/**
 * A tab's photos and their answers, in the browser's own store for as long as the tab is open: it takes files
 * as they are. What a closed tab has left goes when a page is opened next.
 */
export class KeptPhotos {
  readonly #store = createStore('body21-demo', 'photos');
  readonly #tab: string;
  /** What is kept, by id: whatever is the same need not be written. */
  #known = new Map<number, Photo>();
  /** One write after the other, so that none overtakes a later one. */
  #writing: Promise<void> = Promise.resolve();

  constructor(tab: string) {
    this.#tab = tab;
  }

  /** Photos that the tab had. One that was not finished waits again. */
  async read(): Promise<Photo[]> {
    const own = (await this.#keys()).filter(({ tab, kind }) => tab === this.#tab && kind === 'file');
    const ids = own.map(({ id }) => id).toSorted((a, b) => a - b);
    const files: (Blob | undefined)[] = await getMany(
      ids.map((id) => this.#key(id, 'file')),
      this.#store,
    );
    const kept: (Kept | undefined)[] = await getMany(
      ids.map((id) => this.#key(id, 'photo')),
      this.#store,
    );
    const photos = ids.flatMap((_, at): Photo[] => {
      const [blob, photo] = [files[at], kept[at]];
      if (!blob || !photo) return [];
      const status = photo.status === 'analysing' ? 'waiting' : photo.status;
      return [{ ...photo, status, blob, url: URL.createObjectURL(blob) }];
    });
    this.#known = new Map(photos.map((photo) => [photo.id, photo]));
    return photos;
  }

  /** Writes down what is new in these, and lets go of what is not among them. */
  keep(photos: readonly Photo[]): void {
    const before = this.#known;
    this.#known = new Map(photos.map((photo) => [photo.id, photo]));
    const changed = photos.filter((photo) => before.get(photo.id) !== photo);
    const removed = [...before.keys()].filter((id) => !this.#known.has(id));
    if (changed.length === 0 && removed.length === 0) return;
    this.#then(async () => {
      for (const photo of changed) {
        const { blob, url: _, ...rest } = photo;
        if (!before.has(photo.id)) await set(this.#key(photo.id, 'file'), blob, this.#store);
        await set(this.#key(photo.id, 'photo'), rest, this.#store);
      }
      const gone = removed.flatMap((id) => [this.#key(id, 'file'), this.#key(id, 'photo')]);
      await delMany(gone, this.#store);
      await this.#touch();
    });
  }

  /** Clears away what closed tabs have left, and says from time to time that this one is open. */
  connect(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#then(() => this.#touch());
    });
    this.#then(async () => {
      const [open, all] = [await openTabs(), await this.#keys()];
      const closed = all.filter(({ tab }) => tab !== this.#tab && !open.has(tab));
      const seen = closed.filter(({ kind }) => kind === 'seen');
      const times: (number | undefined)[] = await getMany(
        seen.map(({ key }) => key),
        this.#store,
      );
      const moving = new Set(
        seen.filter((_, at) => Date.now() - (times[at] ?? 0) < ON_ITS_WAY).map(({ tab }) => tab),
      );
      await delMany(
        closed.filter(({ tab }) => !moving.has(tab)).map(({ key }) => key),
        this.#store,
      );
    });
  }

  #touch(): Promise<void> {
    return set(this.#key(0, 'seen'), Date.now(), this.#store);
  }

  /** A browser that keeps nothing, or has no room, only forgets. */
  #then(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(() => undefined);
  }

  #key(id: number, kind: 'file' | 'photo' | 'seen'): string {
    return `${this.#tab}/${id}/${kind}`;
  }

  async #keys(): Promise<{ key: string; tab: string; id: number; kind: string }[]> {
    const all: unknown[] = await keys(this.#store);
    return all.flatMap((key) => {
      if (typeof key !== 'string') return [];
      const [tab = '', id = '', kind = ''] = key.split('/');
      return [{ key, tab, id: Number(id), kind }];
    });
  }
}
