import type { PersonInfo } from 'body21';
import { dropSpecks, markPerson } from './mask.ts';

/** What people are shown before. */
export type Ground = 'transparent' | 'blurred' | 'colour';

/** What is cut out, and how. */
export interface CutOutRequest {
  /** An object URL of the photo. */
  readonly url: string;
  /** Everyone who stays. */
  readonly people: readonly PersonInfo[];
  readonly ground: Ground;
  /** As CSS, for a ground of one colour. */
  readonly color: string;
  /** The longest side of the result, in pixels; no larger than the photo. */
  readonly longest: number;
}

/** The longest side of the mask: finer than the network's own. It is enlarged smoothly, which softens its edge. */
const MASK_SIDE = 768;
/** To this side the photo is made smaller for a blurred ground. */
const BLUR_SIDE = 50;
/** By how many cells of the mask people are larger than they are where they are left out of the ground. */
const EDGES = [-4, 0, 4].flatMap((x) => [-4, 0, 4].map((y) => [x, y] as const));

/** The photo's people before another ground. */
export async function cutOut({
  url,
  people,
  ground,
  color,
  longest,
}: CutOutRequest): Promise<OffscreenCanvas> {
  const photo = new Image();
  photo.src = url;
  await photo.decode();
  const { naturalWidth, naturalHeight } = photo;
  const fit = (side: number) => {
    const scale = Math.min(1, side / Math.max(naturalWidth, naturalHeight));
    return [
      Math.max(1, Math.round(naturalWidth * scale)),
      Math.max(1, Math.round(naturalHeight * scale)),
    ] as const;
  };
  const cut = drawn(photo, ...fit(longest));
  const context = contextOf(cut);
  const mask = maskOf(people, ...fit(MASK_SIDE));
  context.globalCompositeOperation = 'destination-in';
  context.drawImage(mask, 0, 0, cut.width, cut.height);
  if (ground === 'transparent') return cut;
  // Behind what there is.
  context.globalCompositeOperation = 'destination-over';
  if (ground === 'colour') {
    context.fillStyle = color;
    context.fillRect(0, 0, cut.width, cut.height);
  } else {
    context.drawImage(blurred(photo, mask), 0, 0, cut.width, cut.height);
  }
  return cut;
}

function maskOf(people: readonly PersonInfo[], width: number, height: number): OffscreenCanvas {
  const all = new ImageData(width, height);
  for (const { extras, location } of people) {
    if (!extras?.mask) continue;
    const grid = new Uint8Array(width * height);
    markPerson(extras.mask, location, grid, width);
    dropSpecks(grid, width);
    for (let at = 0; at < grid.length; at++) if (grid[at] === 255) all.data[4 * at + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  contextOf(canvas).putImageData(all, 0, 0);
  // The network's mask is coarse: its steps are smoothed.
  return drawn(drawn(canvas, Math.ceil(width / 2), Math.ceil(height / 2)), width, height);
}

/**
 * The photo without the people in it, blurred; where they are, what is around them runs in, so that nobody has a
 * halo of their own colours. Not every browser's canvas can blur: the picture is halved until it is tiny.
 */
function blurred(photo: HTMLImageElement, mask: OffscreenCanvas): OffscreenCanvas {
  const empty = drawn(photo, mask.width, mask.height);
  const context = contextOf(empty);
  context.globalCompositeOperation = 'destination-out';
  // A little larger than the people: their edges are theirs as well.
  for (const [x, y] of EDGES) context.drawImage(mask, x, y);
  const ever: OffscreenCanvas[] = [empty];
  for (let last = empty; Math.min(last.width, last.height) > 4;) {
    last = drawn(last, Math.ceil(last.width / 2), Math.ceil(last.height / 2));
    ever.push(last);
  }
  const sharpest = ever.findIndex(({ width, height }) => Math.max(width, height) <= BLUR_SIDE);
  // From the coarsest, which is whole, to the sharpest, which has holes.
  let ground = ever.at(-1) ?? empty;
  for (let at = ever.length - 1; at >= 0; at--) {
    const { width, height } = ever[at] ?? empty;
    ground = drawn(ground, width, height);
    const level = ever[at];
    if (level && at >= sharpest)
      for (let time = 0; time < 3; time++) contextOf(ground).drawImage(level, 0, 0);
  }
  return ground;
}

function drawn(picture: CanvasImageSource, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = contextOf(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser has no room for a picture of this size');
  return context;
}
