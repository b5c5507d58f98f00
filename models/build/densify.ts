import { product } from './arrays.ts';
import type { Sparsity } from './tflite.ts';

/**
 * Writes the stored values of a sparse tensor to their places in a dense one; the rest stays zero.
 *
 * The storage is a tree with one level per dimension. A dense level has a branch for each position; a CSR
 * level has, for branch `p` of the level above, the positions `indices[segments[p]]` … `indices[segments[p +
 * 1] − 1]`. Values lie in the order in which the leaves are met.
 */
export function densify(values: Float32Array, shape: readonly number[], sparsity: Sparsity): Float32Array {
  const { traversal, levels } = sparsity;
  if (
    levels.length !== shape.length ||
    traversal.toSorted((a, b) => a - b).some((dimension, k) => dimension !== k)
  ) {
    throw new Error(
      `unknown sparsity: ${levels.length} levels [${traversal.join()}] for ${shape.length} dimensions`,
    );
  }
  const strides = shape.map((_, k) => product(shape.slice(k + 1)));
  const dense = new Float32Array(product(shape));
  let stored = 0;

  const walk = (depth: number, branch: number, target: number): void => {
    const level = levels[depth];
    const stride = strides[traversal[depth] ?? -1];
    if (!level || stride === undefined) {
      dense[target] = at(values, branch);
      stored += 1;
    } else if (level.kind === 'dense') {
      for (let k = 0; k < level.size; k += 1) walk(depth + 1, branch * level.size + k, target + k * stride);
    } else {
      const end = at(level.segments, branch + 1);
      for (let k = at(level.segments, branch); k < end; k += 1) {
        walk(depth + 1, k, target + at(level.indices, k) * stride);
      }
    }
  };
  walk(0, 0, 0);

  if (stored !== values.length)
    throw new Error(`damaged sparsity: ${values.length} values for ${stored} places`);
  return dense;
}

function at(list: ArrayLike<number>, index: number): number {
  const value = list[index];
  if (value === undefined) throw new Error(`damaged sparsity: no entry ${index}`);
  return value;
}
