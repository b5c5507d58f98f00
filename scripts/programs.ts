import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs that there is: absolute, or by name on PATH. */
export function findProgram(...candidates: readonly (string | undefined)[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return candidates
    .flatMap((candidate) => {
      if (!candidate) return [];
      return candidate.startsWith('/') ? [candidate] : folders.map((folder) => join(folder, candidate));
    })
    .find(isExecutable);
}

/** Whether there is a file there that can be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
