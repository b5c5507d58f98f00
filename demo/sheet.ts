import { byId } from './dom.ts';
import { connectSegments } from './segments.ts';
import { selectedPhoto } from './state.ts';
import type { Store } from './state.ts';
import { words } from './words/words.ts';

/** Where there is so little room the results are in a sheet. The style sheets say the same. */
const NARROW = '(max-width: 560px) and (min-height: 481px)';

/** From the lowest on. */
const HEIGHTS = ['low', 'half', 'full'] as const;

/** Of the window's height, as the style sheet has it; the lowest is as high as what is at the top of the sheet. */
const SHARES = { half: 0.5, full: 0.92 };

/** One of {@link HEIGHTS}. */
type Height = (typeof HEIGHTS)[number];

const SHOWN = ['people', 'explanation', 'answer'] as const;

/** How far a pointer goes before it drags, in CSS pixels: less is a click. */
const SLACK = 5;

/** How far ahead a flick counts, in milliseconds. */
const FLICK = 150;

/**
 * Scrolls so that someone's place comes to the top: the sheet that the list is in, else the list alone. What
 * `scrollIntoView` does would move the page as well, away from the picture.
 * @param margin above it, in CSS pixels
 */
export function scrollWithin(list: HTMLElement, item: Element, margin = 0): void {
  const scroller = list.closest<HTMLElement>('.sheet.is-open .sheet-body') ?? list;
  const { top } = scroller.getBoundingClientRect();
  scroller.scrollBy({ top: item.getBoundingClientRect().top - top - margin });
}

/**
 * On phones, a sheet at the bottom that has the results, so that the picture stays in sight: it is drawn up by its
 * handle, or by keys and clicks on that. Elsewhere the results are beside the picture and below it.
 */
export class Sheet {
  readonly #store: Store;
  readonly #sheet = byId('sheet', HTMLElement);
  readonly #body = byId('sheet-body', HTMLElement);
  readonly #handle = byId('sheet-handle', HTMLButtonElement);
  readonly #parts = [
    byId('people', HTMLElement),
    byId('explanation', HTMLElement),
    byId('answer', HTMLElement),
  ] as const;
  #height: Height = 'low';
  /** Where the pointer is down, and where it was a moment ago. */
  #drag: { y: number; from: number; at: number; time: number; speed: number; hasMoved: boolean } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const narrow = matchMedia(NARROW);
    narrow.addEventListener('change', () => this.#place(narrow.matches));
    this.#place(narrow.matches);
    const show = connectSegments('sheet-shown', SHOWN, (shown) => {
      this.#sheet.dataset['shown'] = shown;
      this.#body.scrollTop = 0;
    });
    show('people');
    this.#store.watch(
      (state) => [state.isExplaining],
      (isExplaining) => {
        byId('sheet-explanation', HTMLLabelElement).hidden = !isExplaining;
        if (isExplaining || this.#sheet.dataset['shown'] !== 'explanation') return;
        this.#sheet.dataset['shown'] = 'people';
        show('people');
      },
    );
    // What is chosen or has the focus is to be seen.
    byId('sheet-shown', HTMLFieldSetElement).addEventListener('click', () => this.#raise());
    this.#body.addEventListener('focusin', () => this.#raise());
    this.#sheet.addEventListener('keydown', (event) => this.#key(event));
    this.#handle.addEventListener('click', ({ detail }) => {
      // One that ends a drag is none; a key's has no count.
      if (detail > 0 && this.#drag?.hasMoved) return;
      this.#to(HEIGHTS[(HEIGHTS.indexOf(this.#height) + 1) % HEIGHTS.length]);
    });
    this.#handle.addEventListener('pointerdown', (event) => this.#down(event));
    this.#handle.addEventListener('pointermove', (event) => this.#move(event));
    this.#handle.addEventListener('pointerup', () => this.#up());
    this.#handle.addEventListener('pointercancel', () => this.#up());
    this.#to('low');
    // What goes wrong stands below the picture, where a sheet that is drawn up lies over it.
    this.#store.watch(
      (state) => [state.problem ?? selectedPhoto(state)?.error],
      (problem) => {
        if (problem !== undefined) this.#to('low');
      },
    );
  }

  #place(isSheet: boolean): void {
    const [people, explanation, answer] = this.#parts;
    this.#sheet.classList.toggle('is-open', isSheet);
    if (isSheet) this.#body.append(...this.#parts);
    else {
      const beside = byId('beside', HTMLElement);
      beside.prepend(people, explanation);
      beside.after(answer);
    }
  }

  #to(height: Height | undefined): void {
    if (height === undefined) return;
    this.#height = height;
    this.#sheet.dataset['height'] = height;
    this.#sheet.style.height = '';
    this.#handle.ariaLabel = words.photo.sheet[height];
    if (height === 'half') this.#showPicture();
  }

  #raise(): void {
    if (this.#height === 'low' && this.#sheet.classList.contains('is-open')) this.#to('half');
  }

  /** The picture sticks to the top of the window, and is there once what is above is scrolled away. */
  #showPicture(): void {
    const { top } = byId('stage', HTMLElement).getBoundingClientRect();
    if (top <= 0) return;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    scrollBy({ top, behavior: isCalm ? 'instant' : 'smooth' });
  }

  #key(event: KeyboardEvent): void {
    const at = HEIGHTS.indexOf(this.#height);
    if (event.key === 'Escape' && this.#height !== 'low') {
      this.#to('low');
      this.#handle.focus({ preventScroll: true });
    } else if (event.target !== this.#handle) return;
    else if (event.key === 'ArrowUp') this.#to(HEIGHTS[Math.min(at + 1, HEIGHTS.length - 1)]);
    else if (event.key === 'ArrowDown') this.#to(HEIGHTS[Math.max(at - 1, 0)]);
    else if (event.key === 'Home') this.#to('low');
    else if (event.key === 'End') this.#to('full');
    else return;
    event.preventDefault();
  }

  #down({ pointerId, clientY, timeStamp }: PointerEvent): void {
    this.#handle.setPointerCapture(pointerId);
    this.#drag = {
      y: clientY,
      from: this.#sheet.offsetHeight,
      at: clientY,
      time: timeStamp,
      speed: 0,
      hasMoved: false,
    };
  }

  #move({ pointerId, clientY, timeStamp }: PointerEvent): void {
    const drag = this.#drag;
    if (!drag || !this.#handle.hasPointerCapture(pointerId)) return;
    if (!drag.hasMoved && Math.abs(clientY - drag.y) < SLACK) return;
    const elapsed = Math.max(1, timeStamp - drag.time);
    const speed = (drag.at - clientY) / elapsed;
    this.#drag = { ...drag, at: clientY, time: timeStamp, speed, hasMoved: true };
    this.#sheet.classList.add('is-dragged');
    this.#sheet.style.height = `${drag.from + drag.y - clientY}px`;
  }

  /** Comes to rest at the nearest height. */
  #up(): void {
    const drag = this.#drag;
    this.#sheet.classList.remove('is-dragged');
    if (!drag?.hasMoved) return;
    const wanted = drag.from + drag.y - drag.at + FLICK * drag.speed;
    const far = (height: Height) => Math.abs(this.#pixels(height) - wanted);
    this.#to(HEIGHTS.toSorted((a, b) => far(a) - far(b))[0]);
  }

  #pixels(height: Height): number {
    return height === 'low' ? byId('sheet-top', HTMLElement).offsetHeight : SHARES[height] * innerHeight;
  }
}
