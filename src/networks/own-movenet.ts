import { keypointIn, strongestNear } from './movenet-heads.ts';
import { colourRange } from './network.ts';
import { checkNumbers } from './own-network.ts';
import type { OutputRole, OwnKind } from './own-network.ts';

/*
 * A MoveNet of an app's own, cut off before its keypoints are decoded: see movenet-heads.ts.
 */

function head(name: string, planes: (keypoints: number) => number): OutputRole {
  return {
    names: [name],
    // Two of the four are of one shape: what is what only their names say.
    byPlace: false,
    shapes: ({ keypoints }) => [[1, planes(keypoints), 'rows', 'columns']],
    isPlanes: true,
  };
}

/** The heads of a MoveNet of an app's own. */
export const MOVENET_HEADS: OwnKind<'heatmaps' | 'centre' | 'regressions' | 'offsets'> = {
  looksAt: 'person',
  input: { channels: 'rgb', ...colourRange(-1, 1), border: 'black' },
  outputs: {
    heatmaps: head('heatmaps', (keypoints) => keypoints),
    centre: head('centre', () => 1),
    regressions: head('regressions', (keypoints) => 2 * keypoints),
    offsets: head('offsets', (keypoints) => 2 * keypoints),
  },
  read: (heads, dimsOf, { keypoints, width, height }) => {
    const [, , rows = 0, columns = 0] = dimsOf('heatmaps');
    for (const name of ['centre', 'regressions', 'offsets'] as const) {
      const [, , ofRows, ofColumns] = dimsOf(name);
      if (ofRows !== rows || ofColumns !== columns) {
        throw new Error(
          `gives ${name} of ${ofColumns} × ${ofRows} cells and heatmaps of ${columns} × ${rows}, wanted: one grid`,
        );
      }
    }
    for (const name of ['heatmaps', 'centre', 'regressions', 'offsets'] as const) {
      checkNumbers(
        name,
        heads[name].reduce((sum, value) => sum + value, 0),
      );
    }
    const grid = { columns, rows };
    const person = strongestNear(heads.centre, { x: columns / 2, y: rows / 2 }, grid);
    const points = Array.from({ length: keypoints }, (_, index) => {
      const { x, y, score } = keypointIn(heads, index, person, grid);
      return { x: (x * width) / columns, y: (y * height) / rows, score };
    });
    return [{ points, score: person.score }];
  },
};
