import type { PersonLocation, PersonMask } from 'body21';

/** How far a mask may reach beyond its person's box, as a share of the box: further away it shows someone else's. */
const REACH = 0.03;

/**
 * Marks in a grid which of its cells are a person's, by the pixel at each cell's middle.
 * @param box the person's
 * @param grid rows of cells over the whole picture, 255 where someone is; what is marked stays so
 * @param columns cells in a row
 */
export function markPerson(
  { size: [height, width], counts }: PersonMask,
  { left, top: boxTop, width: boxWidth, height: boxHeight }: PersonLocation,
  grid: Uint8Array,
  columns: number,
): void {
  const rows = grid.length / columns;
  const rowAt = (pixel: number) => Math.ceil((pixel * rows) / height - 0.5);
  const columnAt = (pixel: number) => Math.ceil((pixel * columns) / width - 0.5);
  const [aside, along] = [REACH * boxWidth, REACH * boxHeight];
  const [firstColumn, endColumn] = [columnAt(left - aside), columnAt(left + boxWidth + aside)];
  const [firstRow, endRow] = [rowAt(boxTop - along), rowAt(boxTop + boxHeight + along)];
  let run = 0;
  let start = 0;
  for (let column = Math.max(0, firstColumn); column < Math.min(columns, endColumn); column++) {
    const top = Math.floor(((column + 0.5) * width) / columns) * height;
    // Runs go down one column of pixels after the other.
    while (run < counts.length && start + (counts[run] ?? 0) <= top) start += counts[run++] ?? 0;
    for (let [at, from] = [run, start]; at < counts.length && from < top + height; at++) {
      const to = from + (counts[at] ?? 0);
      if (at % 2 === 1) {
        const end = Math.min(endRow, rowAt(Math.min(to - top, height)));
        for (let row = Math.max(firstRow, rowAt(Math.max(from - top, 0))); row < end; row++)
          grid[row * columns + column] = 255;
      }
      from = to;
    }
  }
}

/** Parts of a mask with fewer cells than this share of the largest are somebody else's: a hand beside the person. */
const SMALL = 0.05;

/** Leaves out of a grid what is apart from the person, and small. */
export function dropSpecks(grid: Uint8Array, columns: number): void {
  // All parts' cells one after the other, and where each part begins.
  const cells = new Int32Array(grid.length);
  const begins: number[] = [];
  let count = 0;
  const isTaken = new Uint8Array(grid.length);
  const take = (cell: number) => {
    if (grid[cell] !== 255 || isTaken[cell] === 1) return;
    isTaken[cell] = 1;
    cells[count++] = cell;
  };
  for (let first = 0; first < grid.length; first++) {
    if (grid[first] !== 255 || isTaken[first] === 1) continue;
    begins.push(count);
    let at = count;
    take(first);
    for (; at < count; at++) {
      const cell = cells[at] ?? 0;
      const column = cell % columns;
      if (column > 0) take(cell - 1);
      if (column < columns - 1) take(cell + 1);
      take(cell - columns);
      take(cell + columns);
    }
  }
  const parts = begins.map((begin, at) => cells.subarray(begin, begins[at + 1] ?? count));
  const largest = Math.max(0, ...parts.map(({ length }) => length));
  for (const part of parts) {
    if (part.length < SMALL * largest) for (const cell of part) grid[cell] = 0;
  }
}
