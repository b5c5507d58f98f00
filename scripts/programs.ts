import which from 'which';

/** The first of these programs that there is: by path, or by name on PATH. */
export function findProgram(...candidates: readonly (string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const path = candidate ? which.sync(candidate, { nothrow: true }) : null;
    if (path !== null) return path;
  }
  return undefined;
}
