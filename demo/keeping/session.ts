import type { Photo, Store } from '../state.ts';
import type { KeptPhotos } from './kept-photos.ts';
import { holdTab, tabName } from './tab.ts';

/** What a tab keeps of this page besides the photos. */
interface Left {
  /** The settings, as the address had them. */
  readonly search: string;
  /** The id of the photo on show. */
  readonly selected: number | undefined;
  readonly pinned: number | undefined;
}

const KEY = 'body21-photo-page';

/**
 * Brings back what this tab had when it was last on this page: photos, their answers and which one was on show.
 * Where the tab is new, nothing is loaded or asked for.
 */
export class Session {
  readonly #store: Store;
  readonly #left = readLeft();
  #kept: KeptPhotos | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether nothing was left in this tab. */
  get isNew(): boolean {
    return this.#left === undefined;
  }

  /** The settings that the page was left with; empty where it was not. */
  get search(): string {
    return this.#left?.search ?? '';
  }

  /** Puts the photos back. @returns whether there were any */
  async restore(): Promise<boolean> {
    holdTab();
    if (!this.#left) return false;
    const photos = await this.#read();
    if (photos.length === 0) return false;
    const { selected, pinned } = this.#left;
    const shown = photos.find(({ id }) => id === selected) ?? photos[0];
    this.#store.update({ photos: [...photos, ...this.#store.state.photos] });
    this.#store.select(shown?.id);
    if (shown?.id === selected) this.#store.update({ pinned });
    return true;
  }

  /** Keeps what is there, and whatever comes. */
  async keep(): Promise<void> {
    // Where the store's script cannot be had, nothing is kept.
    const kept = await this.#open().catch(() => undefined);
    if (!kept) return;
    kept.connect();
    this.#store.watch(
      ({ photos }) => [photos],
      (photos) => kept.keep(photos),
    );
    this.#store.watch(
      ({ selected, pinned }) => [selected, pinned],
      () => this.#leave(),
    );
    // The address is written by then.
    window.addEventListener('pagehide', () => this.#leave());
  }

  #leave(): void {
    const { selected, pinned } = this.#store.state;
    const left: Left = { search: location.search, selected, pinned };
    try {
      sessionStorage.setItem(KEY, JSON.stringify(left));
    } catch {
      // Then the page begins anew.
    }
  }

  async #read(): Promise<Photo[]> {
    try {
      return (await (await this.#open())?.read()) ?? [];
    } catch {
      return [];
    }
  }

  async #open(): Promise<KeptPhotos | undefined> {
    const tab = tabName();
    if (tab === undefined || !('locks' in navigator)) return undefined;
    const { KeptPhotos: Kept } = await import('./kept-photos.ts');
    this.#kept ??= new Kept(tab);
    return this.#kept;
  }
}

function readLeft(): Left | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    if (text === null) return undefined;
    const left: Partial<Record<keyof Left, unknown>> = Object(JSON.parse(text));
    const search = typeof left.search === 'string' ? left.search : '';
    return { search, selected: idOf(left.selected), pinned: idOf(left.pinned) };
  } catch {
    return undefined;
  }
}

function idOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
