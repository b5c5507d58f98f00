import { start, strideOf } from '../builder.ts';
import type { Builder, Place } from '../builder.ts';
import type { Codes, Constant } from '../graph.ts';
import { filledWith, packed, packedCodes } from '../packing.ts';

/*
 * Where a convolution over all channels finds its weights, in the order in which its kernel reads them. Those
 * that are stored in 8 bits stay so, and each run widens a layer's just before it needs them.
 */

/** The weights of all outputs. */
interface Filters {
  weights: Constant;
  outputs: number;
}

/** As panels of 8 outputs. */
export function panelsOf(
  { weights, outputs }: Filters,
  { depth, places = 1 }: { depth: number; places?: number },
  builder: Builder,
): Place {
  const bytes = places * depth * strideOf(outputs);
  const codes = codesOf(weights, outputs);
  if (!codes) {
    const buffer = packed(weights, bytes, ({ packPanels }, source, target) =>
      packPanels(source, outputs, depth, places, target),
    );
    return start({ buffer });
  }
  const buffer = packedCodes(codes, bytes / 4, ({ packCodes }, source, target) =>
    packCodes(source, outputs, depth, places, target),
  );
  const output = start({ buffer: { bytes } });
  builder.call(
    'widenPanels',
    { codes: start({ buffer }), factors: factorsOf(codes, outputs), depth: places * depth, output },
    { units: strideOf(outputs) / 32 },
  );
  return output;
}

/** Filters of 3×3 as the sums that Winograd multiplies by. */
export function filtersOf(
  { weights, outputs }: Filters,
  { depth }: { depth: number },
  builder: Builder,
): Place {
  const bytes = 16 * depth * strideOf(outputs);
  const codes = codesOf(weights, outputs);
  if (!codes) {
    const buffer = packed(weights, bytes, ({ packWinograd }, source, target) =>
      packWinograd(source, outputs, depth, target),
    );
    return start({ buffer });
  }
  const buffer = packedCodes(codes, (9 * depth * strideOf(outputs)) / 4, ({ packCodes }, source, target) =>
    packCodes(source, outputs, 9 * depth, 1, target),
  );
  const output = start({ buffer: { bytes } });
  builder.call(
    'widenWinograd',
    { codes: start({ buffer }), factors: factorsOf(codes, outputs), depth, output },
    { units: strideOf(outputs) / 32 },
  );
  return output;
}

/** There where each output is a row with one factor. */
function codesOf({ codes }: Constant, outputs: number): Codes | undefined {
  const stored = codes?.();
  return stored?.factors.length === outputs ? stored : undefined;
}

/** A factor for each output of the panels. */
function factorsOf({ factors }: Codes, outputs: number): Place {
  const values = new Float32Array(strideOf(outputs) / 4);
  values.set(factors);
  return start({ buffer: filledWith(values) });
}
