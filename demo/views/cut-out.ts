import type { PersonInfo } from 'body21';
import { dropSpecks, markPerson } from './mask.ts';
import type { Ground } from './grounds.ts';

/** Who is cut out, and what they are shown before. */
export interface CutOut {
  /** Everyone who stays. */
  readonly people: readonly PersonInfo[];
  readonly ground: Ground;
  /** As CSS, for a ground of one colour. */
  readonly color: string;
  /** The longest side of the mask. It is enlarged smoothly, which softens its edge. */
  readonly maskSide: number;
}

/** The longest side of a photo's mask: finer than the network's own. */
const PHOTO_MASK = 768;
/** To this side the picture is made smaller for a blurred ground. */
const BLUR_SIDE = 50;
/** By which share of the mask's side people are larger than they are where they are left out of the ground. */
const EDGE = 1 / 192;

/**
 * A photo's people before another ground.
 * @param url an object URL of the photo
 * @param longest the longest side of the result, in pixels; no larger than the photo
 */
export async function cutOutOfPhoto(
  url: string,
  longest: number,
  how: Omit<CutOut, 'maskSide'>,
): Promise<OffscreenCanvas> {
  const photo = new Image();
  photo.src = url;
  await photo.decode();
  const { naturalWidth, naturalHeight } = photo;
  const scale = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
  const cut = new OffscreenCanvas(
    Math.max(1, Math.round(naturalWidth * scale)),
    Math.max(1, Math.round(naturalHeight * scale)),
  );
  paintCutOut(contextOf(cut), photo, { ...how, maskSide: PHOTO_MASK });
  return cut;
}

/**
 * Paints people before another ground, in place of what a canvas shows.
 * @param context of a canvas as large as the result is to be
 */
export function paintCutOut(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  picture: CanvasImageSource,
  { people, ground, color, maskSide }: CutOut,
): void {
  const { width, height } = context.canvas;
  const scale = Math.min(1, maskSide / Math.max(width, height));
  const mask = maskOf(
    people,
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  context.globalCompositeOperation = 'copy';
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  context.globalCompositeOperation = 'destination-in';
  context.drawImage(mask, 0, 0, width, height);
  if (ground === 'transparent') return;
  // Behind what there is.
  context.globalCompositeOperation = 'destination-over';
  if (ground === 'colour') {
    context.fillStyle = color;
    context.fillRect(0, 0, width, height);
  } else {
    context.drawImage(blurred(picture, mask), 0, 0, width, height);
  }
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
 * The picture without the people in it, blurred; where they are, what is around them runs in, so that nobody has a
 * halo of their own colours. Not every browser's canvas can blur: the picture is halved until it is tiny.
 */
function blurred(picture: CanvasImageSource, mask: OffscreenCanvas): OffscreenCanvas {
  const empty = drawn(picture, mask.width, mask.height);
  const context = contextOf(empty);
  context.globalCompositeOperation = 'destination-out';
  // A little larger than the people: their edges are theirs as well.
  const edge = EDGE * Math.max(mask.width, mask.height);
  for (const x of [-edge, 0, edge]) for (const y of [-edge, 0, edge]) context.drawImage(mask, x, y);
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
