import { boxIou, regionToPicture } from '../networks/geometry.ts';
import type { Box, Region } from '../networks/geometry.ts';

/** What the second person detector gives for one region, as it comes out of the model. */
export interface PersonDetectorOutput {
  /** 128 × 128 probabilities that a person's box is centred in the cell, row by row. */
  peaks: Float32Array;
  /** 4 planes of 128 × 128: from the cell to the box's left, top, right and bottom, in pixels of the input. */
  sizes: Float32Array;
}

/** A person's whole body as a box, in the picture's pixels. */
export interface PersonBox extends Box {
  score: number;
}

/** Side of the model's input in pixels, and of its outputs in cells. */
const INPUT_SIZE = 512;
const CELLS = 128;
/** Boxes that overlap more are one person's; of the settings tried, none lower lost nobody. */
const MAX_IOU = 0.65;
/** Side of the region around a box, in the box's longer side (measured on annotated photographs). */
const REGION_SIZE = 1.6;

/** The people of an upright region, the surest first, each once. */
export function decodePersonBoxes(
  output: PersonDetectorOutput,
  region: Region,
  minScore: number,
): PersonBox[] {
  const { peaks, sizes } = output;
  const boxes: PersonBox[] = [];
  for (let cell = 0; cell < CELLS * CELLS; cell++) {
    const score = peaks[cell] ?? 0;
    if (score < minScore || !isPeak(peaks, cell)) continue;
    // No half-cell: against annotated boxes the cell's own corner fits best.
    const x = ((cell % CELLS) * INPUT_SIZE) / CELLS;
    const y = (Math.floor(cell / CELLS) * INPUT_SIZE) / CELLS;
    const side = (plane: number) => sizes[plane * CELLS * CELLS + cell] ?? 0;
    const from = regionToPicture(region, (x - side(0)) / INPUT_SIZE, (y - side(1)) / INPUT_SIZE);
    const to = regionToPicture(region, (x + side(2)) / INPUT_SIZE, (y + side(3)) / INPUT_SIZE);
    boxes.push({ left: from.x, top: from.y, width: to.x - from.x, height: to.y - from.y, score });
  }
  const kept: PersonBox[] = [];
  for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some((other) => boxIou(other, box) > MAX_IOU)) kept.push(box);
  }
  return kept;
}

function isPeak(peaks: Float32Array, cell: number): boolean {
  const here = peaks[cell] ?? 0;
  const column = cell % CELLS;
  const row = Math.floor(cell / CELLS);
  for (let y = Math.max(0, row - 1); y <= Math.min(CELLS - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(CELLS - 1, column + 1); x++) {
      if ((peaks[y * CELLS + x] ?? 0) > here) return false;
    }
  }
  return true;
}

/** The landmark model's region for a person's box: upright, since a box tells no direction. */
export function regionOfBox(box: Box): Region {
  return {
    centreX: box.left + box.width / 2,
    centreY: box.top + box.height / 2,
    size: REGION_SIZE * Math.max(box.width, box.height),
    rotation: 0,
  };
}

/**
 * How much wider the region is on a second look at a box in which nobody was recognised: of people who are cut off or
 * hidden the box has a part only. On annotated photographs that finds 2 to 5 of a hundred people more.
 */
const WIDER = 1.3;

/** The region for a second look at a box, from further away. */
export function widerRegionOfBox(box: Box): Region {
  const region = regionOfBox(box);
  return { ...region, size: WIDER * region.size };
}
