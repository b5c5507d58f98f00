import { asScore, checkNumbers, IMAGENET, PIXEL_MIDDLE } from './own-network.ts';
import type { InputPoint, OwnFormat, OwnKind } from './own-network.ts';

/*
 * Heatmaps: for each keypoint a plane with a Gaussian around it, a quarter of the input's size (HRNet, Sun et
 * al., CVPR 2019; ViTPose, Xu et al., NeurIPS 2022). In HRNet's own training cell c lies on
 * the middle of pixel 4 c; with unbiased data processing (Huang et al., CVPR 2020) the outer cells lie on the
 * outer pixels' middles instead.
 */

/** A plane for each keypoint of one person. */
export const HEATMAPS: OwnKind<'heatmaps'> = {
  looksAt: 'person',
  input: IMAGENET,
  outputs: {
    heatmaps: {
      names: [],
      byPlace: true,
      shapes: ({ keypoints }) => [[1, keypoints, 'rows', 'columns']],
      isPlanes: true,
    },
  },
  read: ({ heatmaps }, dimsOf, format) => {
    const [, , rows = 0, columns = 0] = dimsOf('heatmaps');
    const { keypoints, width, height } = format;
    if (rows * width !== columns * height || rows === 0) {
      throw new Error(
        `gives planes of ${columns} × ${rows} cells, wanted: such as lie over its input of ${width} × ${height} px`,
      );
    }
    const size = rows * columns;
    const points = Array.from({ length: keypoints }, (_, index) =>
      peakOf(heatmaps.subarray(index * size, (index + 1) * size), columns, format),
    );
    return [{ points, score: 1 }];
  },
};

function peakOf(plane: Float32Array, columns: number, { width, height, anchor }: OwnFormat): InputPoint {
  const rows = plane.length / columns;
  let [best, cell] = [-Infinity, 0];
  for (const [index, value] of plane.entries()) {
    checkNumbers('heatmaps', value);
    if (value > best) [best, cell] = [value, index];
  }
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  const x = column + shift(plane[cell - 1], best, plane[cell + 1], column > 0 && column < columns - 1);
  const y = row + shift(plane[cell - columns], best, plane[cell + columns], row > 0 && row < rows - 1);
  const along = (at: number, cells: number, pixels: number) => {
    if (anchor === 'middle') return ((at + 0.5) * pixels) / cells;
    const step = anchor === 'udp' && cells > 1 ? (pixels - 1) / (cells - 1) : pixels / cells;
    return PIXEL_MIDDLE + at * step;
  };
  return { x: along(x, columns, width), y: along(y, rows, height), score: asScore(best) };
}

/** Below it a number says nothing of a Gaussian. */
const LEAST = 1e-6;

/**
 * How far from the highest cell's middle the top of the Gaussian is that has these three numbers: that of a
 * parabola through their logarithms.
 */
function shift(before = 0, at: number, after = 0, isInside: boolean): number {
  if (!isInside || at <= LEAST) return 0;
  const [left, middle, right] = [before, at, after].map((value) => Math.log(Math.max(value, LEAST)));
  if (left === undefined || middle === undefined || right === undefined) return 0;
  const curvature = 2 * middle - left - right;
  return curvature > 0 ? Math.min(0.5, Math.max(-0.5, (right - left) / (2 * curvature))) : 0;
}
