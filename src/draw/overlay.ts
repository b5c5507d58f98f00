import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../schema/result.ts';
import { letUsingDispose } from '../schema/using.ts';
import type { DISPOSE } from '../schema/using.ts';
import { drawPersons } from './canvas.ts';
import { fitSize, inPixels } from './object-fit.ts';
import type { Size } from './object-fit.ts';
import type { DrawOptions } from './style.ts';

/** How people are drawn over a video. */
export interface OverlayOptions extends DrawOptions {
  /**
   * Whether the video is shown in a mirror, by `transform: scaleX(-1)` on it or around it: labels are then
   * readable. Skeletons lie on the picture in either case. Default `false`.
   */
  mirror?: boolean | undefined;
}

/** Whatever the app's style sheet says of canvases. */
const OF_ITS_OWN: Partial<CSSStyleDeclaration> = {
  display: 'block',
  margin: '0',
  minWidth: '0',
  minHeight: '0',
  maxWidth: 'none',
  maxHeight: 'none',
  border: '0 solid transparent',
  background: 'none',
  objectFit: 'fill',
  objectPosition: '0 0',
  pointerEvents: 'none',
};

/**
 * What the canvas has as the video has it. Of a property that a browser
 * does not know there is nothing to copy.
 */
const FOLLOWED = [
  'box-sizing',
  'width',
  'height',
  'padding-top',
  'padding-right',
  'padding-bottom',
  'padding-left',
  'border-top-width',
  'border-right-width',
  'border-bottom-width',
  'border-left-width',
  'transform-origin',
  'translate',
  'rotate',
  'scale',
  'offset-path',
  'offset-distance',
  'offset-rotate',
  'offset-anchor',
  'offset-position',
];

/**
 * A canvas that lies on a `<video>`, aligned with its picture whatever its `object-fit`,
 * `object-position`, size, transform and the screen's pixels are. It lets clicks through and is hidden
 * from screen readers: say what matters in words.
 *
 * ```ts
 * using overlay = new SkeletonOverlay(video);
 * for await (const { result, frame } of client.track(video, { keepFrame: true })) overlay.show(result, frame);
 * ```
 *
 * A video goes on while a frame is analysed: with its frame each skeleton
 * lies on the picture that it belongs to.
 */
export class SkeletonOverlay {
  /** {@link SkeletonOverlay.dispose}, for `using`. */
  declare readonly [DISPOSE]: () => void;
  /** The canvas, right behind the video in the document. */
  readonly canvas: HTMLCanvasElement;
  /** How people are drawn from the next frame on. */
  options: OverlayOptions;
  readonly #video: HTMLVideoElement;
  readonly #observer: ResizeObserver;
  readonly #end = new AbortController();
  #result: BodyAnalysisResult | undefined;
  #frame: VideoFrame | undefined;
  /** Of the picture that the result belongs to: a live video may change its own meanwhile. */
  #size: Size | undefined;

  /**
   * @param video in the document, its parent positioned (`position: relative`). What its style becomes is
   * followed when it changes the size, and else from the next result on. With `object-view-box`, or a
   * `transform-box` other than the border box, nothing is drawn.
   */
  constructor(video: HTMLVideoElement, options: OverlayOptions = {}) {
    letUsingDispose(this);
    this.#video = video;
    this.options = options;
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('aria-hidden', 'true');
    Object.assign(this.canvas.style, OF_ITS_OWN);
    video.after(this.canvas);
    const redraw = () => this.#draw();
    this.#observer = new ResizeObserver(redraw);
    this.#observer.observe(video);
    // The picture's own size, which a camera may change on the way.
    video.addEventListener('resize', redraw, { signal: this.#end.signal });
    this.#draw();
  }

  /**
   * Draws a result in place of the one before. Coordinates are pixels of the frame's picture;
   * without one, of the video's as it is now.
   * @param frame the frame that the result belongs to, to be shown with it; the overlay closes it in the end
   */
  show(result: BodyAnalysisResult, frame?: VideoFrame): void {
    this.#replace(result, frame);
  }

  /** Takes the drawing away. */
  clear(): void {
    this.#replace(undefined, undefined);
  }

  /**
   * What it shows as a picture of its own: the frame, or without one what the video shows now, with everyone,
   * as in a mirror where `mirror` is set. As large as the frame, whatever the video's size on the page.
   * @returns `undefined` where nothing is shown, or the video has no picture
   */
  toCanvas(): HTMLCanvasElement | undefined {
    const canvas = document.createElement('canvas');
    const size = this.#size ?? { width: 0, height: 0 };
    Object.assign(canvas, size);
    const context = canvas.getContext('2d');
    if (!context || !this.#result || canvas.width === 0 || canvas.height === 0) return undefined;
    paint(context, this.#result, size, { picture: this.#frame ?? this.#video, ...this.options });
    return canvas;
  }

  /** Takes the canvas out of the document. */
  dispose(): void {
    this.#end.abort();
    this.#observer.disconnect();
    this.#frame?.close();
    this.canvas.remove();
  }

  #replace(result: BodyAnalysisResult | undefined, frame: VideoFrame | undefined): void {
    if (this.#frame !== frame) this.#frame?.close();
    if (this.#end.signal.aborted) {
      frame?.close();
      return;
    }
    this.#frame = frame;
    this.#result = result;
    this.#size = frame ? { width: frame.displayWidth, height: frame.displayHeight } : undefined;
    this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const video = this.#video;
    const style = getComputedStyle(video);
    const { mirror = false, ...options } = this.options;
    const box = this.#place(style, mirror);
    const pixels = devicePixelRatio;
    // To set a size clears the canvas, and so does to set it to what it is.
    canvas.width = Math.round(box.width * pixels);
    canvas.height = Math.round(box.height * pixels);
    const context = canvas.getContext('2d');
    const now = { width: video.videoWidth, height: video.videoHeight };
    if (!context || !this.#result || now.width === 0 || isBeyondReach(style)) return;
    this.#size ??= now;
    const { width: ownWidth, height: ownHeight } = this.#size;
    const { width, height } = fitSize(this.#size, box, style.objectFit);
    const left = this.#offset(style, 'x', box.width - width);
    const top = this.#offset(style, 'y', box.height - height);
    context.setTransform(
      (pixels * width) / ownWidth,
      0,
      0,
      (pixels * height) / ownHeight,
      pixels * (mirror ? box.width - left - width : left),
      pixels * top,
    );
    const pixelRatio = options.pixelRatio ?? pixels;
    paint(context, this.#result, this.#size, { picture: this.#frame, mirror, ...options, pixelRatio });
  }

  /**
   * Makes the canvas's boxes the video's, and has them moved and turned alike.
   * @param mirror whether to turn the canvas back: what is drawn on it is the other
   * way round, and lies on the picture then
   * @returns the content box, which the canvas's pixels fill
   */
  #place(style: CSSStyleDeclaration, mirror: boolean): Size {
    const { canvas } = this;
    const video = this.#video;
    for (const name of FOLLOWED) canvas.style.setProperty(name, style.getPropertyValue(name));
    canvas.style.position = style.position === 'fixed' ? 'fixed' : 'absolute';
    canvas.style.left = `${video.offsetLeft}px`;
    canvas.style.top = `${video.offsetTop}px`;
    const length = (name: string) => Number.parseFloat(style.getPropertyValue(name)) || 0;
    const edges = (...sides: string[]) =>
      sides.reduce((sum, side) => sum + length(`border-${side}-width`) + length(`padding-${side}`), 0);
    const isBorderBox = style.boxSizing === 'border-box';
    const width = Math.max(0, length('width') - (isBorderBox ? edges('left', 'right') : 0));
    const height = Math.max(0, length('height') - (isBorderBox ? edges('top', 'bottom') : 0));
    // Back around the middle of the content box, not around the transform's origin.
    const back = `translateX(${width - 2 * (length('transform-origin') - edges('left'))}px) scaleX(-1)`;
    canvas.style.transform = mirror ? `${style.transform.replace('none', '')} ${back}` : style.transform;
    return { width, height };
  }

  /**
   * Where the picture begins in the content box, as the browser computes it of the video's `object-position`.
   * @param room what the picture leaves of the box: below 0 where it is larger
   */
  #offset({ objectPosition }: CSSStyleDeclaration, axis: 'x' | 'y', room: number): number {
    const { canvas } = this;
    canvas.style.objectPosition = inPixels(objectPosition, room);
    const [x = '', y = ''] = getComputedStyle(canvas).objectPosition.split(' ');
    // Else it would move the canvas's own pixels, though they fill its box.
    canvas.style.objectPosition = '0 0';
    return Number.parseFloat(axis === 'x' ? x : y) || 0;
  }
}

/**
 * Whether CSS does what is not followed here: cuts out a part of the picture, or transforms the element by
 * another box, of which Chromium computes another origin than it uses.
 */
function isBeyondReach(style: CSSStyleDeclaration): boolean {
  return (
    !['', 'none'].includes(style.getPropertyValue('object-view-box')) ||
    !['', 'view-box', 'border-box'].includes(style.transformBox)
  );
}

/**
 * Paints a picture, where there is one, with its people, in the picture's pixels.
 * @param size the picture's
 */
function paint(
  context: CanvasRenderingContext2D,
  result: BodyAnalysisResult,
  { width, height }: Size,
  { picture, mirror = false, ...options }: OverlayOptions & { picture: CanvasImageSource | undefined },
): void {
  if (picture) {
    context.save();
    if (mirror) context.transform(-1, 0, 0, 1, width, 0);
    context.drawImage(picture, 0, 0, width, height);
    context.restore();
  }
  drawPersons(context, mirror ? mirrored(result, width) : result, options);
}

/** The same people as in a mirror; their parts keep their names. */
function mirrored(result: BodyAnalysisResult, width: number): BodyAnalysisResult {
  return { ...result, person_info: result.person_info.map((person) => mirroredPerson(person, width)) };
}

function mirroredPerson(person: PersonInfo, width: number): PersonInfo {
  const { location } = person;
  const body_parts = { ...person.body_parts };
  for (const part of BODY_PARTS) body_parts[part] = { ...body_parts[part], x: width - body_parts[part].x };
  return {
    ...person,
    body_parts,
    location: { ...location, left: width - location.left - location.width },
  };
}
