export function at(list: ArrayLike<number>, index: number): number {
  const value = list[index];
  if (value === undefined) throw new Error(`there is no entry ${index}`);
  return value;
}

export function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, k) => value === other[k]);
}

/** How many numbers a tensor of this shape holds. */
export function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Dimension k of the result is dimension `order[k]` of `values`. */
export function transpose(
  values: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, k) => product(shape.slice(k + 1)));
  const result = new Float32Array(values.length);
  let next = 0;
  const walk = (depth: number, source: number): void => {
    const dimension = order[depth];
    if (dimension === undefined) {
      result[next] = at(values, source);
      next += 1;
      return;
    }
    const [stride, size] = [at(strides, dimension), at(shape, dimension)];
    // The numbers of a row by themselves: there are millions.
    if (depth === order.length - 1)
      for (let k = 0; k < size; k += 1) result[next++] = at(values, source + k * stride);
    else for (let k = 0; k < size; k += 1) walk(depth + 1, source + k * stride);
  };
  walk(0, 0);
  if (next !== values.length)
    throw new Error(`damaged weights: ${values.length} for the shape [${shape.join()}]`);
  return result;
}
