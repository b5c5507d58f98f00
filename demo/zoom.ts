import { byId } from './dom.ts';
import { held, moved, WHOLE, zoomed } from './view.ts';
import type { Point, Sizes, View } from './view.ts';

/** How much a key or a button zooms. */
const STEP = 1.5;

/** How far an arrow key moves, in CSS pixels. */
const STRIDE = 80;

/** How far a pointer goes before it drags, in CSS pixels: less is a click. */
const SLACK = 5;

/** What the picture tells of itself. */
interface Picture {
  sizes(): Sizes;
  /** What keys and buttons zoom at. */
  anchor(view: View): Point;
  /** Whether there is one. */
  isShown(): boolean;
}

/** Zooms and moves a picture in its field: by wheel, by one finger or two, by dragging, keys and buttons. */
export class Zoom {
  #view = WHOLE;
  readonly #field: HTMLElement;
  readonly #picture: Picture;
  readonly #changed: (view: View) => void;
  /** Pointers that are down, and where they were last. */
  readonly #pointers = new Map<number, Point>();
  #hasDragged = false;

  constructor(field: HTMLElement, picture: Picture, changed: (view: View) => void) {
    this.#field = field;
    this.#picture = picture;
    this.#changed = changed;
  }

  get view(): View {
    return this.#view;
  }

  /** Whether the click that comes now ends a drag. */
  get hasDragged(): boolean {
    return this.#hasDragged;
  }

  connect(): void {
    const field = this.#field;
    field.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    field.addEventListener('pointerdown', (event) => this.#down(event));
    field.addEventListener('pointermove', (event) => this.#move(event));
    for (const type of ['pointerup', 'pointercancel'] as const) {
      field.addEventListener(type, ({ pointerId }) => this.#pointers.delete(pointerId));
    }
    document.addEventListener('keydown', (event) => this.#key(event));
    byId('zoom-in', HTMLButtonElement).addEventListener('click', () => this.#step(STEP));
    byId('zoom-out', HTMLButtonElement).addEventListener('click', () => {
      this.#step(1 / STEP);
      // Out of the whole picture there is no way further, and the button is gone.
      if (this.#view.zoom === 1) byId('zoom-in', HTMLButtonElement).focus({ preventScroll: true });
    });
    byId('zoom-whole', HTMLButtonElement).addEventListener('click', () => {
      this.set(WHOLE);
      byId('zoom-in', HTMLButtonElement).focus({ preventScroll: true });
    });
  }

  set(view: View): void {
    const { zoom, x, y } = this.#view;
    if (view.zoom === zoom && view.x === x && view.y === y) return;
    this.#view = view;
    this.#changed(view);
  }

  /** After a change of sizes. */
  hold(): void {
    this.set(held(this.#view, this.#picture.sizes()));
  }

  /** Where in the field an event is. */
  #at(event: MouseEvent): Point {
    const { left, top, width, height } = this.#field.getBoundingClientRect();
    return { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
  }

  #step(by: number): void {
    this.set(zoomed(this.#view, by, this.#picture.anchor(this.#view), this.#picture.sizes()));
  }

  #wheel(event: WheelEvent): void {
    if (!this.#picture.isShown() || (event.target instanceof Element && event.target.closest('.over')))
      return;
    const isZoomed = this.#view.zoom > 1;
    // The wheel is the page's unless the picture is enlarged, or the page has nothing left to scroll that way.
    const isOurs = event.ctrlKey || isZoomed || (event.deltaY < 0 && scrollY <= 0);
    if (!isOurs) return;
    event.preventDefault();
    // Lines and pages, as some mice say, in pixels.
    const unit = [1, 16, 400][event.deltaMode] ?? 1;
    const [x, y] = [-unit * event.deltaX, -unit * event.deltaY];
    if (!event.ctrlKey && isZoomed && (event.deltaX !== 0 || event.shiftKey)) {
      this.set(moved(this.#view, { x, y }, this.#picture.sizes()));
      return;
    }
    // Two fingers on a touchpad come as small steps with Ctrl.
    const by = Math.exp(Math.min(Math.max(y, -100), 100) * (event.ctrlKey ? 0.01 : 0.003));
    this.set(zoomed(this.#view, by, this.#at(event), this.#picture.sizes()));
  }

  #down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('button, .over')) return;
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    if (this.#pointers.size === 0) this.#hasDragged = false;
    this.#pointers.set(event.pointerId, this.#at(event));
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#picture.isShown()) return;
    const now = this.#at(event);
    const [other] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (!other && this.#view.zoom === 1) return;
    if (!this.#hasDragged) {
      if (!other && distance(before, now) < SLACK) return;
      this.#hasDragged = true;
      this.#field.setPointerCapture(event.pointerId);
    }
    this.#pointers.set(event.pointerId, now);
    const sizes = this.#picture.sizes();
    const by = { x: (now.x - before.x) / (other ? 2 : 1), y: (now.y - before.y) / (other ? 2 : 1) };
    let view = moved(this.#view, by, sizes);
    if (other) {
      const grown = distance(now, other) / Math.max(1, distance(before, other));
      view = zoomed(view, grown, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, sizes);
    }
    this.set(view);
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    // Those use these keys themselves.
    const isTaken =
      event.target instanceof Element && event.target.closest('input, select, pre, #photos, .parts, .over');
    if (isTaken || !this.#picture.isShown()) return;
    const strides: Record<string, Point> = {
      ArrowLeft: { x: STRIDE, y: 0 },
      ArrowRight: { x: -STRIDE, y: 0 },
      ArrowUp: { x: 0, y: STRIDE },
      ArrowDown: { x: 0, y: -STRIDE },
    };
    const stride = strides[event.key];
    if (event.key === '+' || event.key === '=') this.#step(STEP);
    else if (event.key === '-') this.#step(1 / STEP);
    else if (this.#view.zoom === 1) return;
    else if (event.key === '0' || event.key === 'Escape') this.set(WHOLE);
    else if (stride) this.set(moved(this.#view, stride, this.#picture.sizes()));
    else return;
    event.preventDefault();
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
