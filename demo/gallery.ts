import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { selectedPhoto, validCount } from './state.ts';
import type { Photo, State, Store } from './state.ts';
import { outcome } from './summary.ts';
import { words } from './words/words.ts';

interface Entry {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  badge: HTMLSpanElement;
  remove: HTMLButtonElement;
}

/**
 * The strip of photos, from the second one on: choose by click, arrow
 * keys, Home and End; remove by × or Delete.
 */
export class Gallery {
  readonly #store: Store;
  readonly #analyser: Analyser;
  readonly #section = byId('gallery', HTMLElement);
  readonly #list = byId('photos', HTMLUListElement);
  readonly #entries = new Map<number, Entry>();

  constructor(store: Store, analyser: Analyser) {
    this.#store = store;
    this.#analyser = analyser;
  }

  connect(): void {
    const store = this.#store;
    store.watch(
      ({ photos, selected, thresholds }) => [photos, selected, thresholds],
      (photos, selected, thresholds) => this.#show(photos, selected, thresholds),
    );
    byId('previous', HTMLButtonElement).addEventListener('click', () => this.#step(-1));
    byId('next', HTMLButtonElement).addEventListener('click', () => this.#step(1));
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  #show(photos: readonly Photo[], selected: number | undefined, thresholds: State['thresholds']): void {
    const isStrip = photos.length > 1;
    this.#section.hidden = !isStrip;
    byId('previous', HTMLButtonElement).hidden = !isStrip;
    byId('next', HTMLButtonElement).hidden = !isStrip;
    this.#dropOthers(photos);
    for (const photo of photos) {
      const { button, badge, remove } = this.#entries.get(photo.id) ?? this.#add(photo);
      const isSelected = photo.id === selected;
      if (isSelected !== (button.ariaCurrent === 'true')) {
        button.ariaCurrent = isSelected ? 'true' : null;
        // The Tab key stops at one photo and its ×; the arrow keys move within.
        button.tabIndex = isSelected ? 0 : -1;
        remove.tabIndex = button.tabIndex;
        if (isSelected) this.#scrollTo(button);
      }
      const text = badgeText(photo, thresholds);
      if (badge.textContent !== text) badge.textContent = text;
      badge.dataset['status'] = photo.status;
      const told = outcome({ status: photo.status, people: validCount(photo, thresholds) });
      button.ariaLabel = words.photo.of(photo.name, told);
    }
  }

  /** Moves the strip alone; scrollIntoView would move the page as well, away from the picture. */
  #scrollTo(button: HTMLButtonElement): void {
    const strip = this.#list.getBoundingClientRect();
    const thumb = button.getBoundingClientRect();
    const before = Math.min(0, thumb.left - strip.left);
    const after = Math.max(0, thumb.right - strip.right);
    // A glimpse of the next one shows that there is more.
    const margin = 40;
    if (before < 0) this.#list.scrollBy({ left: before - margin });
    else if (after > 0) this.#list.scrollBy({ left: after + margin });
  }

  #dropOthers(photos: readonly Photo[]): void {
    for (const [id, { item }] of this.#entries) {
      if (photos.some((photo) => photo.id === id)) continue;
      item.remove();
      this.#entries.delete(id);
    }
  }

  #add(photo: Photo): Entry {
    // The browser decodes these on its own threads, no larger than they show, and only when in view.
    const picture = create('img', { alt: '', decoding: 'async', loading: 'lazy', src: photo.url });
    // A file that is no picture has its badge to say so.
    picture.addEventListener('error', () => picture.classList.add('is-broken'));
    const badge = create('span', { className: 'badge' });
    const button = create(
      'button',
      { type: 'button', className: 'thumb', title: photo.name, tabIndex: -1 },
      picture,
      badge,
    );
    button.addEventListener('click', () =>
      this.#go(this.#store.state.photos.findIndex(({ id }) => id === photo.id)),
    );
    const remove = create('button', { type: 'button', className: 'remove', tabIndex: -1 }, '×');
    remove.ariaLabel = words.photo.removeNamed(photo.name);
    remove.title = words.photo.remove;
    remove.addEventListener('click', () => this.#remove(photo, 'remove'));
    const item = create('li', {}, button, remove);
    this.#list.append(item);
    const entry = { item, button, badge, remove };
    this.#entries.set(photo.id, entry);
    return entry;
  }

  /** Takes a photo off the page; the focus goes on to the neighbour's button of the same kind. */
  #remove(photo: Photo, kind: 'button' | 'remove'): void {
    const { photos } = this.#store.state;
    const at = photos.findIndex(({ id }) => id === photo.id);
    const neighbour = photos[at + 1] ?? photos[at - 1];
    this.#analyser.remove(photo.id);
    this.#store.update({ notice: words.photo.removed(photo.name) });
    // One photo alone has no strip.
    const next = photos.length > 2 && neighbour ? this.#entries.get(neighbour.id)?.[kind] : undefined;
    (next ?? byId('files', HTMLInputElement)).focus({ preventScroll: true });
  }

  #key(event: KeyboardEvent): void {
    // On an enlarged picture the arrow keys move about.
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Those use the arrow keys themselves.
    if (event.target instanceof Element && event.target.closest('input, select, pre, .parts')) return;
    const { photos } = this.#store.state;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    const isInStrip = event.target instanceof Node && this.#list.contains(event.target);
    const shown = selectedPhoto(this.#store.state);
    if (isInStrip && event.key === 'Delete' && shown) {
      event.preventDefault();
      this.#remove(shown, 'button');
      return;
    }
    if (step !== undefined && photos.length > 1) this.#step(step);
    else if (isInStrip && event.key === 'Home') this.#go(0);
    else if (isInStrip && event.key === 'End') this.#go(photos.length - 1);
    else return;
    event.preventDefault();
    const { selected } = this.#store.state;
    if (isInStrip && selected !== undefined)
      this.#entries.get(selected)?.button.focus({ preventScroll: true });
  }

  #step(by: number): void {
    const { photos, selected } = this.#store.state;
    const at = photos.findIndex((photo) => photo.id === selected);
    this.#go((at + by + photos.length) % photos.length);
  }

  #go(index: number): void {
    const photo = this.#store.state.photos[index];
    if (photo) this.#store.select(photo.id);
  }
}

function badgeText(photo: Photo, thresholds: State['thresholds']): string {
  if (photo.status === 'failed') return '!';
  if (photo.status === 'analysing') return '…';
  return String(validCount(photo, thresholds) ?? '–');
}
