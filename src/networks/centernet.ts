import { boxIou, regionToPicture } from './geometry.ts';
import type { Box, Region } from './geometry.ts';
import { colourRange } from './network.ts';
import type { Network, Outputs } from './network.ts';

/** Side of the model's input in pixels, and of its outputs in cells. */
const INPUT_SIZE = 512;
const CELLS = 128;

/**
 * A detector of whole bodies. Its input is what it is fed where its weights come from, with black borders as its authors
 * have them.
 * - `peaks`: 128 × 128 probabilities that a person's box is centred in the cell, row by row
 * - `sizes`: 4 planes of 128 × 128: from the cell to the box's left, top, right and bottom, in pixels of the input
 */
export const CENTERNET: Network<'peaks' | 'sizes'> = {
  file: 'person_detector',
  input: { side: INPUT_SIZE, channels: 'rgb', .../* #__PURE__ */ colourRange(0, 255), border: 'black' },
  outputs: ['peaks', 'sizes'],
};

/** A person's whole body as a box, in the picture's pixels. */
export interface PersonBox extends Box {
  score: number;
}

/** Boxes that overlap more are one person's; of the settings tried, none lower lost nobody. */
const MAX_IOU = 0.65;

/** The people of an upright region, the surest first, each once. */
export function decodePersonBoxes(
  { peaks, sizes }: Outputs<'peaks' | 'sizes'>,
  region: Region,
  minScore: number,
): PersonBox[] {
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
