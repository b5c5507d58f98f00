import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../schema/result.ts';
import { letUsingDispose } from '../schema/using.ts';
import type { DISPOSE } from '../schema/using.ts';
import { drawPersons } from './canvas.ts';
import { fitContent } from './fit.ts';
import type { DrawOptions } from './style.ts';

/** How people are drawn over a video. */
export interface OverlayOptions extends DrawOptions {
  /** Whether the video is shown in a mirror (`transform: scaleX(-1)`); labels stay readable. Default `false`. */
  mirror?: boolean;
}

/**
 * A canvas that lies on a `<video>`, aligned with its picture whatever its `object-fit`, `object-position`, size and the
 * screen's pixels are. It lets clicks through and is hidden from screen readers: say what matters in words.
 *
 * ```ts
 * using overlay = new SkeletonOverlay(video);
 * for await (const { result, frame } of client.track(video, { keepFrame: true })) overlay.show(result, frame);
 * ```
 *
 * A video goes on while a frame is analysed: with its frame each skeleton lies on the picture that it belongs to.
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

  /** @param video in the document, its parent positioned (`position: relative`) */
  constructor(video: HTMLVideoElement, options: OverlayOptions = {}) {
    letUsingDispose(this);
    this.#video = video;
    this.options = options;
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('aria-hidden', 'true');
    Object.assign(this.canvas.style, { position: 'absolute', pointerEvents: 'none' });
    video.after(this.canvas);
    const redraw = () => this.#draw();
    this.#observer = new ResizeObserver(redraw);
    this.#observer.observe(video);
    // The picture's own size, which a camera may change on the way.
    video.addEventListener('resize', redraw, { signal: this.#end.signal });
    this.#draw();
  }

  /**
   * Draws a result in place of the one before. Coordinates are pixels of the video's picture.
   * @param frame the frame that the result belongs to, to be shown with it; the overlay closes it in the end
   */
  show(result: BodyAnalysisResult, frame?: VideoFrame): void {
    this.#replace(result, frame);
  }

  /** Takes the drawing away. */
  clear(): void {
    this.#replace(undefined, undefined);
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
    this.#frame = frame;
    this.#result = result;
    this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const video = this.#video;
    const style = getComputedStyle(video);
    const edge = (name: string) => Number.parseFloat(style.getPropertyValue(name)) || 0;
    const left = edge('border-left-width') + edge('padding-left');
    const top = edge('border-top-width') + edge('padding-top');
    const box = {
      width: video.offsetWidth - left - edge('border-right-width') - edge('padding-right'),
      height: video.offsetHeight - top - edge('border-bottom-width') - edge('padding-bottom'),
    };
    Object.assign(canvas.style, {
      left: `${video.offsetLeft + left}px`,
      top: `${video.offsetTop + top}px`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    });
    const pixels = devicePixelRatio;
    // To set a size clears the canvas, and so does to set it to what it is.
    canvas.width = Math.round(box.width * pixels);
    canvas.height = Math.round(box.height * pixels);
    const context = canvas.getContext('2d');
    const { videoWidth, videoHeight } = video;
    if (!context || !this.#result || videoWidth === 0) return;
    const size = { width: videoWidth, height: videoHeight };
    const { mirror = false, ...options } = this.options;
    // What CSS turns round is the whole element, not its picture.
    const picture = fitContent(size, box, style.objectFit, style.objectPosition);
    const shift = mirror ? box.width - picture.left - picture.width : picture.left;
    context.setTransform(
      (pixels * picture.width) / videoWidth,
      0,
      0,
      (pixels * picture.height) / videoHeight,
      pixels * shift,
      pixels * picture.top,
    );
    if (this.#frame) {
      context.save();
      if (mirror) context.transform(-1, 0, 0, 1, videoWidth, 0);
      context.drawImage(this.#frame, 0, 0, videoWidth, videoHeight);
      context.restore();
    }
    drawPersons(context, mirror ? mirrored(this.#result, videoWidth) : this.#result, options);
  }
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
