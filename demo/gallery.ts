import { byId, create } from './dom.ts';
import { people } from './format.ts';
import { judge } from './state.ts';
import type { Answer, Photo, State, Store } from './state.ts';

/** The strip of photos, from the second one on: choose by click, arrow keys, Home and End. */
export class Gallery {
  readonly #store: Store;
  readonly #section = byId('gallery', HTMLElement);
  readonly #list = byId('photos', HTMLUListElement);
  readonly #entries = new Map<number, { button: HTMLButtonElement; badge: HTMLSpanElement }>();

  constructor(store: Store) {
    this.#store = store;
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
    for (const photo of photos) {
      const { button, badge } = this.#entries.get(photo.id) ?? this.#add(photo);
      const isSelected = photo.id === selected;
      if (isSelected !== (button.ariaCurrent === 'true')) {
        button.ariaCurrent = isSelected ? 'true' : null;
        // One stop for the Tab key; the arrow keys move within.
        button.tabIndex = isSelected ? 0 : -1;
        if (isSelected) this.#scrollTo(button);
      }
      const text = badgeText(photo, thresholds);
      if (badge.textContent !== text) badge.textContent = text;
      badge.dataset['status'] = photo.status;
      button.ariaLabel = `${photo.name}: ${describe(photo, thresholds)}`;
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

  #add(photo: Photo) {
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
    this.#list.append(create('li', {}, button));
    const entry = { button, badge };
    this.#entries.set(photo.id, entry);
    return entry;
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Those use the arrow keys themselves.
    if (event.target instanceof Element && event.target.closest('input, select, pre')) return;
    const { photos } = this.#store.state;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    const isInStrip = event.target instanceof Node && this.#list.contains(event.target);
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
    const { photos, thresholds } = this.#store.state;
    const photo = photos[index];
    if (!photo) return;
    this.#store.select(photo.id);
    this.#store.update({ notice: `Photo ${index + 1} of ${photos.length}: ${describe(photo, thresholds)}.` });
  }
}

function badgeText(photo: Photo, thresholds: State['thresholds']): string {
  if (photo.status === 'failed') return '!';
  if (photo.status === 'analysing') return '…';
  return photo.answer ? String(validCount(photo.answer, thresholds)) : '–';
}

function describe(photo: Photo, thresholds: State['thresholds']): string {
  if (photo.status === 'failed') return 'could not be analysed';
  return photo.answer ? people(validCount(photo.answer, thresholds)) : 'not analysed yet';
}

function validCount(answer: Answer, thresholds: State['thresholds']): number {
  return judge(answer.result, thresholds).filter(({ valid }) => valid).length;
}
