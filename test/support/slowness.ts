/**
 * What {@link standardWork} takes on the machine that the tests' limits of
 * time were written on, in milliseconds.
 */
export const REFERENCE_MS = 35;
const ROUNDS = 5;

/**
 * How many times slower this machine is than the one that limits of time were written on, at least 1: they
 * are stretched by it. The fastest of some rounds tells, since other programs slow some of them.
 */
export function slowness(): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    standardWork();
    return performance.now() - start;
  });
  return Math.max(1, Math.min(...times) / REFERENCE_MS);
}

/** Arithmetic that no compiler can leave out. */
export function standardWork(): number {
  const values = new Float64Array(4096);
  let value = 0;
  for (let step = 0; step < 2_000_000; step++) {
    value = ((value * 1.000_000_1 + (values[step & 4095] ?? 0)) % 1e6) + 1;
    values[step & 4095] = value;
  }
  return value;
}
